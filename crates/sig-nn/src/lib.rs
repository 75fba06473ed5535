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
//! The features are those of [`sig_core`]: one a backend, `autodiff` and `fusion`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod dense;
mod gate;
mod gated_residual_kan;
mod gated_residual_network;
mod kan_linear;
mod log_sig_layer;
mod sig_dense;
mod sig_kan;
mod sig_layer;
mod signature_scaling;
mod spline;
mod time_weighting;

pub use gate::{Gate, GateConfig};
pub use gated_residual_kan::{GatedResidualKan, GatedResidualKanConfig};
pub use gated_residual_network::{GatedResidualNetwork, GatedResidualNetworkConfig};
pub use kan_linear::{KanLinear, KanLinearConfig};
pub use log_sig_layer::{LogSigLayer, LogSigLayerConfig};
pub use sig_dense::{SigDense, SigDenseConfig};
pub use sig_kan::{SigKan, SigKanConfig};
pub use sig_layer::{SigLayer, SigLayerConfig};
pub use signature_scaling::SignatureScaling;
pub use spline::{SplineOps, SplineParams};
pub use time_weighting::{LengthFit, TimeWeighting, TimeWeightingConfig};
