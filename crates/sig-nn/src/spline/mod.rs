//! Uniform B-splines: a tensor function, and the operation of backends behind it.

#[cfg(feature = "autodiff")]
mod autodiff;
mod backends;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod kernel;
mod ops;
mod portable;

pub use ops::{SplineOps, SplineParams};

use burn::backend::Dispatch;
use burn::tensor::Tensor;

/// The B-splines of an order that start at the whole numbers from 0 on, at positions
/// `[rows, features]`: `[rows, features · count]`, features slowest.
pub(crate) fn spline_basis(positions: Tensor<2>, params: SplineParams) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::spline_basis(positions.into_dispatch(), params))
}
