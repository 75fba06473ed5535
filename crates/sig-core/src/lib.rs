//! Path signatures as differentiable tensor operations on every Burn backend.
//!
//! The signature of a path `x: [0, T] → R^d` is the series of its iterated integrals,
//! `S(x)^{i1…ik} = ∫_{0<t1<…<tk<T} dx^{i1}_{t1} … dx^{ik}_{tk}`, here of the piecewise linear path
//! through the given points and cut at a depth `N`
//! ([Lyons 1998](https://doi.org/10.4171/rmi/240); a primer:
//! [Chevyrev & Kormilitzin 2016](https://arxiv.org/abs/1603.03788)).
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use sig_core::signatures::signature;
//!
//! let device = Device::flex();
//! let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
//! let terms = signature(path, 2).into_data();
//! assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5, 1., 0., 0.5]);
//! ```
//!
//! # Topics
//!
//! - [`signatures`]: of whole paths, of all prefixes, of padded batches, at chosen words
//! - [`logsignatures`]: in four bases, and the way back to signatures
//! - [`algebra`]: products, inverses, exponentials, logarithms, shuffle products
//! - [`windows`]: sliding, expanding and dyadic windows, and any interval of a long path
//! - [`signature_kernels`]: kernels of paths, Gram matrices, distances of samples, two-sample tests
//! - [`streaming`]: one path that arrives point by point
//! - [`transforms`]: time, lead-lag, basepoints, missing values, padding, …
//! - [`gradients`]: gradients without autodiff
//! - [`inversion`]: paths from signatures
//! - [`words`]: words, Lyndon words and brackets, which name the terms
//! - [`backend`]: for authors of backends and servers
//!
//! # Features
//!
//! One feature a backend: `flex` (default), `ndarray`, `wgpu`, `vulkan`, `metal`, `webgpu`, `cuda`,
//! `rocm`, `cpu`, `remote`, `capture`. `autodiff` (default) makes the operations differentiable on
//! a device with `.autodiff()`; `fusion` (default) turns kernel fusion on, as Burn's default
//! features do; it may be on or off, whoever turns it on. Enabling a backend on `burn` alone is not
//! enough: it must be enabled here too, or a call on its tensors panics. `kernel-sources` is for
//! our own tests.

// Without a backend nothing is computed.
#![cfg_attr(
    not(any(
        feature = "host-backend",
        feature = "fusion-backend",
        feature = "router"
    )),
    allow(unused)
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "ndarray", allow(deprecated))]

pub mod algebra;
pub mod backend;
mod backends;
mod check;
mod devices;
pub mod gradients;
pub mod inversion;
pub mod logsignatures;
mod method;
#[cfg(any(feature = "fusion-backend", feature = "router"))]
mod named;
mod open_device;
mod operation;
mod ops;
mod portable;
mod series;
pub mod signature_kernels;
pub mod signatures;
pub mod transforms;
pub mod windows;

pub use open_device::{DeviceError, NamedDevice};

/// Signatures of a single path, one point at a time, on the host.
pub mod streaming {
    pub use sig_kernels::{FadingSignature, Real, SignatureQueue};
}

/// Words, Lyndon words and brackets, which name the terms of signatures and log-signatures.
pub mod words {
    pub use sig_kernels::{
        Bracket, WordSet, all_words, hall_brackets, lyndon_brackets, lyndon_words,
    };
}

// The names that the backends share.
#[cfg(feature = "remote")]
use named::check_server;
use {
    logsignatures::LogSignatureBasis,
    sig_kernels::PowerSeries,
    signatures::{SignatureMethod, SignatureSpec},
};
