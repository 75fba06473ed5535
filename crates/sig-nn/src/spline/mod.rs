//! Uniform B-splines: a tensor function, and the operation of backends behind it.

#[cfg(feature = "autodiff")]
mod autodiff;
mod backends;
#[cfg(any(feature = "fusion-backend", feature = "router"))]
mod custom;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod kernel;
mod ops;
mod portable;
#[cfg(all(test, feature = "flex"))]
mod tests;

#[cfg(feature = "remote")]
pub use custom::check_server;
#[cfg(feature = "router")]
pub use custom::register_spline_ops;
pub use ops::{SplineOps, SplineParams};

use burn::backend::Dispatch;
use burn::tensor::Tensor;

/// The B-splines of an order that start at the whole numbers from 0 on, at positions
/// `[rows, features]`: `[rows, features · count]`, features slowest.
pub(crate) fn spline_basis(positions: Tensor<2>, params: SplineParams) -> Tensor<2> {
    #[cfg(feature = "remote")]
    if let Err(error) = custom::check_splines(&positions.device()) {
        panic!(
            "KanLinear: {error}; the tensor is on {:?}",
            positions.device()
        );
    }
    Tensor::from_dispatch(Dispatch::spline_basis(positions.into_dispatch(), params))
}
