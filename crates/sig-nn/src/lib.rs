//! Path-signature layers for Burn networks, in the manner of burn-nn: a `Config`, `init(&device)`,
//! `forward`.
//!
//! ```
//! use burn::module::Module;
//! use burn::nn::{Linear, LinearConfig};
//! use burn::tensor::{Device, Tensor};
//! use sig_nn::{SigLayer, SigLayerConfig};
//!
//! #[derive(Module, Debug)]
//! struct Classifier {
//!     signature: SigLayer,
//!     output: Linear,
//! }
//!
//! impl Classifier {
//!     fn new(channels: usize, classes: usize, device: &Device) -> Self {
//!         let signature = SigLayerConfig::new(3).with_basepoint(true);
//!         let output = LinearConfig::new(signature.d_output(channels), classes);
//!         Self { signature: signature.init(device), output: output.init(device) }
//!     }
//!
//!     /// `[batch, length, channels]` to `[batch, classes]`
//!     fn forward(&self, path: Tensor<3>) -> Tensor<2> {
//!         self.output.forward(self.signature.forward(path))
//!     }
//! }
//!
//! let device = Device::flex();
//! let model = Classifier::new(2, 4, &device);
//! let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
//! assert_eq!(model.forward(path).dims(), [1, 4]);
//! ```
//!
//! # Saving and loading
//!
//! Layers are Burn modules, so a model is saved and loaded as any other: as a record, or through the
//! stores of `burn::store`, burnpack and, with Burn's feature `safetensors`, safetensors.
//!
//! ```
//! use burn::module::Module;
//! use burn::store::{ModuleRecord, ModuleSnapshot, SafetensorsStore};
//! use burn::tensor::Device;
//! use sig_nn::SigKanConfig;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (record, file) = (folder.path().join("model.bpk"), folder.path().join("model.safetensors"));
//! let device = Device::flex();
//! let config = SigKanConfig::new(5, 7, 10, 2);
//! let layer = config.init(&device);
//! layer.clone().into_record().save(&record)?;
//! layer.save_into(&mut SafetensorsStore::from_file(&file))?;
//!
//! let from_record = config.init(&device).load_record(ModuleRecord::load(&record)?);
//! let mut from_safetensors = config.init(&device);
//! from_safetensors.load_from(&mut SafetensorsStore::from_file(&file))?;
//! # Ok(())
//! # }
//! ```
//!
//! `keras` has the weights of models trained in Python.
//!
//! # Features
//!
//! Those of [`sig_core`]: one a backend, `autodiff` and `fusion`; and `keras` (default).

// Without a backend nothing is computed.
#![cfg_attr(
    not(any(
        feature = "flex",
        feature = "ndarray",
        feature = "fusion-backend",
        feature = "router"
    )),
    allow(unused)
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The NdArray backend is deprecated in Burn 0.22.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod augment;
mod check;
mod dense;
mod gate;
mod gated_residual_kan;
mod gated_residual_network;
mod inversion_loss;
mod kan_linear;
#[cfg(feature = "keras")]
pub mod keras;
#[cfg(test)]
mod layer_tests;
mod learned_path;
mod log_sig_layer;
mod output_weights;
#[cfg(feature = "remote")]
// A program that only asks servers has no backend to serve.
#[cfg_attr(
    not(any(feature = "flex", feature = "ndarray", feature = "cubecl-backend")),
    allow(unused)
)]
mod server;
mod sig_dense;
mod sig_kan;
mod sig_layer;
mod signature_scaling;
mod spline;
mod time_weighting;

pub use augment::{Augment, AugmentConfig};
pub use gate::{Gate, GateConfig};
pub use gated_residual_kan::{GatedResidualKan, GatedResidualKanConfig};
pub use gated_residual_network::{GatedResidualNetwork, GatedResidualNetworkConfig};
pub use inversion_loss::InversionLoss;
pub use kan_linear::{KanLinear, KanLinearConfig};
pub use learned_path::{LearnedPath, LearnedPathConfig};
pub use log_sig_layer::{LogSigLayer, LogSigLayerConfig};
#[cfg(feature = "remote")]
pub use server::remote_server;
pub use sig_core::transforms::PathTransform;
pub use sig_dense::{SigDense, SigDenseConfig};
pub use sig_kan::{SigKan, SigKanConfig};
pub use sig_layer::{SigLayer, SigLayerConfig};
pub use signature_scaling::SignatureScaling;
#[cfg(feature = "remote")]
pub use spline::check_server;
#[cfg(feature = "router")]
pub use spline::register_spline_ops;
pub use spline::{SplineOps, SplineParams};
pub use time_weighting::{LengthFit, TimeWeighting, TimeWeightingConfig};
