//! The mathematics of path signatures on plain numbers: slices in, vectors out, no tensors.
//!
//! - [`SignatureSpec`], [`all_words`] and [`WordSet`]: sizes, offsets and words of a signature;
//! - [`lyndon`]: Lyndon words, brackets, the Hall basis, and the changes between bases;
//! - [`Algebra`], [`SignatureQueue`] and [`FadingSignature`]: the signature of a single path, a point
//!   at a time;
//! - [`cpu`]: vectorised kernels on batches of paths, with their gradients;
//! - `BlockRecurrence`: a linear recurrence with block-diagonal matrices;
//! - `LogField`: the vector field of a log-neural controlled differential equation;
//! - [`spline`]: products of B-splines, with their gradients.
//!
//! # Features
//!
//! `cpu` (default) compiles the kernels of [`cpu`] for f32 and f64; `layers` (default) those of
//! `LogField` and of [`spline`].

mod algebra;
#[cfg(feature = "cpu")]
pub mod cpu;
mod fading;
#[cfg(feature = "layers")]
mod log_field;
pub mod lyndon;
#[cfg(feature = "layers")]
mod matrix;
mod modular;
#[cfg(feature = "layers")]
mod parts;
mod power_series;
mod queue;
mod real;
#[cfg(feature = "cpu")]
mod recurrence;
mod rotation;
mod signature_kernel;
mod spec;
#[cfg(feature = "layers")]
pub mod spline;
mod windows;
mod word_set;
mod words;

pub use algebra::Algebra;
pub use fading::FadingSignature;
#[cfg(feature = "layers")]
pub use log_field::LogField;
pub use lyndon::{
    Bracket, LogSignatureBasis, hall_brackets, logsignature_channels, lyndon_brackets, lyndon_words,
};
pub use power_series::PowerSeries;
pub use queue::SignatureQueue;
pub use real::Real;
#[cfg(feature = "cpu")]
pub use recurrence::BlockRecurrence;
pub use rotation::{RotationBasis, RotationInvariants};
pub use signature_kernel::{KernelSolver, Pairs, StaticKernel};
pub use spec::{SignatureSpec, SpecError, signature_channels};
pub use windows::similar_windows;
pub use word_set::WordSet;
pub use words::all_words;
