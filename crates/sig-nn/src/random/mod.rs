//! Random features of paths: layers that are not trained, behind which only a linear read-out is.
//!
//! They draw their weights from the device's random numbers, so `device.seed(..)` before `init` makes
//! them reproducible, and are saved with the model. A least-squares fit of the read-out is enough.
//!
//! | layer | what it draws | from `[batch, length, channels]` to |
//! |---|---|---|
//! | [`RandomCde`] | a random differential equation | `[batch, features]` |
//! | [`RandomSignatureFeatures`] | random projections of the signature kernel of an RBF lift | `[batch, depth · features]` |
//! | [`RandomFourier`] | random Fourier features of each point, to put in front | `[batch, length, 2 features]` |

mod cde;
mod fourier;
mod signature_features;

pub use cde::{RandomActivation, RandomCde, RandomCdeConfig, RandomForm};
pub use fourier::{RandomFourier, RandomFourierConfig};
pub use signature_features::{RandomSignatureFeatures, RandomSignatureFeaturesConfig};

use burn::module::Param;
use burn::tensor::{Device, Distribution, Tensor};

/// Normal numbers of a deviation that are not trained.
fn drawn<const D: usize>(shape: [usize; D], deviation: f64, device: &Device) -> Param<Tensor<D>> {
    let numbers = match deviation {
        0.0 => Tensor::zeros(shape, device),
        _ => Tensor::random(shape, Distribution::Normal(0.0, deviation), device),
    };
    Param::from_tensor(numbers).set_require_grad(false)
}
