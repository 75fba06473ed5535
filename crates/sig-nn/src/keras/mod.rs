//! Weights of models that were trained in Keras 3.
//!
//! [`KerasWeights`] opens what `model.save_weights("model.weights.h5")` or
//! `model.save("model.keras")` has written, on any Keras backend, and puts the weights of its
//! layers into layers made here. Those of sigkan and keras_efficient_kan need
//! [`reference`](crate::SigKanConfig::reference), by which the layers predict what they predict there.
//!
//! ```no_run
//! use burn::nn::LinearConfig;
//! use burn::tensor::Device;
//! use burn_sig::nn::SigKanConfig;
//! use burn_sig::nn::keras::KerasWeights;
//!
//! # fn main() -> Result<(), burn_sig::nn::keras::KerasError> {
//! // keras.Sequential([Input((6, 3)), SigKAN(4, 2), Flatten(), Dense(2)])
//! let device = Device::flex();
//! let weights = KerasWeights::open("model.weights.h5")?;
//! let signature = SigKanConfig::new(3, 4, 6, 2).with_reference(true).init(&device);
//! let signature = weights.load("layers/sig_kan", signature)?;
//! let output = weights.load("layers/dense", LinearConfig::new(24, 2).init(&device))?;
//! # Ok(())
//! # }
//! ```

mod error;
mod layers;
mod weights;

pub use error::KerasError;
pub use layers::KerasLayer;
pub use weights::{KerasGroup, KerasWeights};
