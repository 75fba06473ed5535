//! The operations a backend supplies, with bodies that run on any backend.

use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

use crate::{SignatureMethod, portable};

/// What a backend needs to know to compute a signature. Sizes are checked before it gets here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignatureParams {
    /// The last level kept, at least 1.
    pub depth: usize,
    /// Whether all prefixes are returned, `[batch, steps, terms]`, or the last, `[batch, terms]`.
    pub stream: bool,
    /// Whether increments are negated and multiplied on from the left: `S ← exp(−z) ⊗ S`.
    pub inverse: bool,
    /// A method, with [`SignatureMethod::Auto`] resolved.
    pub method: SignatureMethod,
}

/// Signature operations supplied by a backend extension.
///
/// Model code calls [`signature`](crate::signature) and its kin instead; this is the level below.
/// The bodies given here are written on `Backend` primitives, so they are differentiable on an
/// `Autodiff` backend and fuse as any chain of tensor operations does. A backend with kernels of its
/// own for [`SignatureMethod::Fused`] supplies them with their gradients.
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
    Autodiff: cfg(feature = "autodiff"),
)]
pub trait SignatureOps: Backend {
    /// The signature of paths `[batch, length, channels]` of at least two points.
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        portable::signature::<Self>(path, None, params)
    }

    /// The signature of paths continued from `initial`, `[batch, terms]`.
    fn signature_from(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        portable::signature::<Self>(path, Some(initial), params)
    }

    /// The gradient of [`signature`](Self::signature) with respect to the path, from that of its
    /// output. Computed by [`SignatureMethod::Parallel`], whatever the method, where a backend has
    /// no kernel for it.
    fn signature_backward(
        path: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        portable::gradient::<Self>(path, None, output_gradient, params).0
    }

    /// The gradients of [`signature_from`](Self::signature_from) with respect to the path and to
    /// `initial`.
    fn signature_from_backward(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (path, initial) =
            portable::gradient::<Self>(path, Some(initial), output_gradient, params);
        (path, initial.expect("the gradient of what was given"))
    }
}
