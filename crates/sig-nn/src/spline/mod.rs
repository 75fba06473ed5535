//! Linear combinations of uniform B-splines: a tensor function, and the operation of backends behind
//! it.

mod operation;
mod portable;
#[cfg(all(test, feature = "flex"))]
mod tests;

use burn::tensor::Tensor;
use sig_core::backend::forward;

pub use operation::SplineLinear;

/// `[base, B(z)] W`, see [`SplineLinear`].
pub(crate) fn spline_linear(
    positions: Tensor<2>,
    base: Tensor<2>,
    weight: Tensor<2>,
    operation: SplineLinear,
) -> Tensor<2> {
    #[cfg(feature = "remote")]
    crate::operations::assert_served("KanLinear", &positions.device());
    let inputs = [positions, base, weight].map(Tensor::into_dispatch);
    Tensor::from_dispatch(forward(operation, inputs))
}
