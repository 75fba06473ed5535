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
//! # Which layer
//!
//! | layer | from `[batch, length, channels]` to | what it is for |
//! |---|---|---|
//! | [`SigLayer`] | `[batch, terms]` | the signature of the path |
//! | [`LogSigLayer`] | `[batch, terms]` | the log-signature: the same information in fewer features |
//! | [`SigDense`] | `[batch, length, units]` | a linear layer at each point, weighted by the signature |
//! | [`SigKan`] | `[batch, length, units]` | a Kolmogorov–Arnold layer at each point, weighted by the signature |
//! | [`Augment`] | `[batch, length, channels]` | learned channels along the path |
//! | [`TimeWeighting`] | `[batch, length, channels]` | a learned weight per point |
//! | [`KanLinear`] | `[.., features]` | a Kolmogorov–Arnold layer by itself |
//! | [`GatedResidualNetwork`], [`GatedResidualKan`], [`Gate`] | `[.., features]` | the parts of `SigDense` and `SigKan` |
//! | [`cde`]: [`LogNeuralCde`](cde::LogNeuralCde), [`LinearNeuralCde`](cde::LinearNeuralCde), … | `[batch, outputs]` | differential equations along long series |
//! | [`SigPatches`] | `[batch, patches, terms]` | a long series as few tokens, for a transformer |
//! | [`PathDevelopment`] | `[batch, copies, m, m]` | a matrix that moves with the path; fewer features than a signature |
//! | [`random`]: [`RandomCde`](random::RandomCde), … | `[batch, features]` | features that are not trained, behind a linear read-out |
//! | [`SignatureMmdLoss`], [`SignatureScoreLoss`] | two samples to `[1]` | the loss of a generator of paths |
//! | [`LearnedPath`], [`InversionLoss`] | | a path found from its signature by gradient descent |
//!
//! # Paths of different lengths
//!
//! Pad them to one length and say how long each row is: `forward_ragged(path, &lengths)` of
//! [`SigLayer`], [`LogSigLayer`], [`SigDense`], [`SigKan`], [`TimeWeighting`], [`SigPatches`],
//! [`PathDevelopment`] and the layers of [`cde`] and [`random`] gives each row what the row alone gives, whatever the padding holds, and `forward_windows_ragged` does so for windows.
//! `forward` takes all points for real ones: padded with zeros a path jumps to the origin, and time
//! runs on in the padding. [`Augment`] has a kernel along the path and no ragged form.
//!
//! # The size of features
//!
//! The levels of a signature differ by orders of magnitude. [`scaling`] brings them to one size,
//! `SigLayerConfig::with_scaling`; a linear layer learns more slowly from features that are not.
//!
//! # Gradients and devices
//!
//! A model on a device with `.autodiff()` records a graph in every `forward`, even of a path on the
//! plain device, and the graph lives as long as its output: an evaluation that collects outputs
//! collects their graphs, the checkpoints of every signature among them. Evaluate the copy without
//! autodiff that `model.valid()` gives, on paths of the plain device, `path.inner()`. A layer without
//! parameters, such as [`SigLayer`], has no device of its own: whether a graph is recorded depends on
//! the path alone.
//!
//! A model that is left in `valid()`, or was made or loaded on a plain device, does not train:
//! `backward()` panics, since nothing is tracked. `model.train()` brings the parameters to the
//! autodiff device and restores what was trainable.
//!
//! ```
//! use burn::module::Module;
//! use burn::tensor::{Device, Tensor};
//! use sig_nn::SigDenseConfig;
//!
//! let device = Device::flex().autodiff();
//! let model = SigDenseConfig::new(2, 4, 3, 2).init(&device);
//! let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
//! let loss = model.forward(path.clone()).sum();
//! assert!(model.linear.weight.val().grad(&loss.backward()).is_some());
//!
//! // No graph: the copy and the path are on the plain device.
//! let output = model.valid().forward(path.inner());
//! assert!(!output.device().is_autodiff());
//! ```
//!
//! # Saving and loading
//!
//! Layers are Burn modules, so a model is saved and loaded as any other: as a record, or through
//! the stores of `burn::store`, burnpack and, with Burn's feature `safetensors`, safetensors.
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
//! `keras` loads the weights of models that were trained in Python.
//!
//! # Features
//!
//! The features of `sig-core` (one per backend, `autodiff`, `fusion`), and `keras`, a default feature of this crate but not of `burn-sig`.

#![cfg_attr(docsrs, feature(doc_cfg))]
// The NdArray backend is deprecated in Burn 0.22.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod activation;
mod augment;
pub mod cde;
mod gate;
mod gated_residual;
mod inversion_loss;
mod kan_linear;
#[cfg(feature = "keras")]
pub mod keras;
mod kernel_loss;
mod layer;
#[cfg(test)]
mod layer_tests;
mod learned_path;
mod log_sig_layer;
mod matrices;
#[cfg(feature = "router")]
mod operations;
mod path_development;
mod path_layer;
mod ragged;
pub mod random;
pub mod scaling;
#[cfg(feature = "remote")]
mod server;
mod sig_dense;
mod sig_kan;
mod sig_layer;
mod sig_patches;
mod signature_weights;
mod spline;
mod time_weighting;

pub use augment::{Augment, AugmentConfig};
pub use gate::{Gate, GateConfig};
pub use gated_residual::{
    GatedResidualKan, GatedResidualKanConfig, GatedResidualNetwork, GatedResidualNetworkConfig,
};
pub use inversion_loss::InversionLoss;
pub use kan_linear::{KanLinear, KanLinearConfig};
pub use kernel_loss::{
    SignatureMmdLoss, SignatureMmdLossConfig, SignatureScoreLoss, SignatureScoreLossConfig,
};
pub use learned_path::{LearnedPath, LearnedPathConfig};
pub use log_sig_layer::{LogSigLayer, LogSigLayerConfig};
#[cfg(feature = "remote")]
pub use operations::check_server;
#[cfg(feature = "router")]
pub use operations::register_layer_ops;
pub use path_development::{MatrixGroup, PathDevelopment, PathDevelopmentConfig};
pub use scaling::{SignatureScaler, SignatureScalerConfig, SignatureScaling};
#[cfg(feature = "remote")]
pub use server::remote_server;
pub use sig_core::transforms::PathTransform;
pub use sig_dense::{SigDense, SigDenseConfig};
pub use sig_kan::{SigKan, SigKanConfig};
pub use sig_layer::{SigLayer, SigLayerConfig};
pub use sig_patches::{PatchView, SigPatches, SigPatchesConfig};
pub use spline::SplineLinear;
pub use time_weighting::{LengthFit, TimeWeighting, TimeWeightingConfig};
