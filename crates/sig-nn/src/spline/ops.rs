//! The operation a backend supplies, with a body that runs on any backend.

use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

use super::portable;

/// Which B-splines are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SplineParams {
    /// The degree of the pieces.
    pub order: usize,
    /// How many splines there are, one knot apart.
    pub count: usize,
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
    /// The cardinal B-splines `B(z − j)`, `j = 0..count`, whose knots are the whole numbers: from
    /// positions `z`, `[rows, features]`, to `[rows, features · count]`, features slowest.
    fn spline_basis(positions: FloatTensor<Self>, params: SplineParams) -> FloatTensor<Self> {
        portable::basis::<Self>(positions, params)
    }

    /// The gradient of [`spline_basis`](Self::spline_basis) with respect to the positions, from that
    /// of its output.
    fn spline_basis_backward(
        positions: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SplineParams,
    ) -> FloatTensor<Self> {
        portable::gradient::<Self>(positions, output_gradient, params)
    }
}
