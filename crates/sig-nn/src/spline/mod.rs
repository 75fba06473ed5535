//! Linear combinations of uniform B-splines: a tensor function, and the operation of backends behind
//! it.

#[cfg(feature = "autodiff")]
mod autodiff;
mod backends;
#[cfg(any(feature = "fusion-backend", feature = "router"))]
mod custom;
#[cfg(feature = "flex")]
mod flex;
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

/// `[base, B(z)] W`, see [`SplineOps::spline_linear`].
pub(crate) fn spline_linear(
    positions: Tensor<2>,
    base: Tensor<2>,
    weight: Tensor<2>,
    params: SplineParams,
) -> Tensor<2> {
    #[cfg(feature = "remote")]
    if let Err(error) = custom::check_splines(&positions.device()) {
        panic!(
            "KanLinear: {error}; the tensor is on {:?}",
            positions.device()
        );
    }
    let [positions, base, weight] = [positions, base, weight].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::spline_linear(positions, base, weight, params))
}
