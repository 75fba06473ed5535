//! The operation a backend supplies, with a body that runs on any backend.

use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

use super::portable;

/// Which B-splines are evaluated, and what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SplineParams {
    /// The degree of the pieces.
    pub order: usize,
    /// How many splines there are of a feature, one knot apart.
    pub count: usize,
    /// Columns of the weight.
    pub outputs: usize,
}

impl SplineParams {
    /// Rows of the weight: one a feature, then one a spline, those of a feature together.
    pub fn inputs(&self, features: usize) -> usize {
        features * (1 + self.count)
    }
}

/// Spline operations supplied by a backend extension.
///
/// Model code uses [`KanLinear`](crate::KanLinear) instead; this is the level below. The bodies
/// given here are written on `Backend` primitives.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(any(
        feature = "wgpu",
        feature = "webgpu",
        feature = "vulkan",
        feature = "metal",
        feature = "cuda",
        feature = "rocm",
        feature = "cpu"
    )),
    Remote: cfg(feature = "remote"),
    Capture: cfg(feature = "capture"),
    Autodiff: cfg(feature = "autodiff"),
)]
pub trait SplineOps: Backend {
    /// `[base, B(z)] W`: of positions `z` and base `[rows, features]`, with `B` the cardinal B-splines
    /// `B(z − j)`, `j = 0..count`, whose knots are the whole numbers, features slowest; the weight `W`
    /// is `[features · (1 + count), outputs]`, the result `[rows, outputs]`.
    fn spline_linear(
        positions: FloatTensor<Self>,
        base: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        params: SplineParams,
    ) -> FloatTensor<Self> {
        portable::linear::<Self>(positions, base, weight, params)
    }

    /// The gradients of [`spline_linear`](Self::spline_linear) with respect to its three inputs, from
    /// that of its output.
    fn spline_linear_backward(
        positions: FloatTensor<Self>,
        base: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SplineParams,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        portable::gradients::<Self>(positions, base, weight, output_gradient, params)
    }
}
