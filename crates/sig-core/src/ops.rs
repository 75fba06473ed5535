//! The operations a backend supplies, with bodies that run on any backend.

use core::ops::Range;

use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

use crate::{PowerSeries, SignatureMethod, SignatureSpec, portable};

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

/// What a backend needs to know to compute the signatures of windows of paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureWindowsParams {
    /// The last level kept, at least 1.
    pub depth: usize,
    /// As in [`SignatureParams`].
    pub inverse: bool,
    /// A method, with [`SignatureMethod::Auto`] resolved.
    pub method: SignatureMethod,
    /// At least one; each has at least one point and is within the path.
    pub windows: Vec<Range<usize>>,
}

/// The truncated tensor algebra that elements `[rows, terms]` are from. Level 0 is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlgebraParams {
    /// Letters of the words.
    pub channels: usize,
    /// The last level kept, at least 1.
    pub depth: usize,
}

impl AlgebraParams {
    pub(crate) fn spec(self) -> SignatureSpec {
        SignatureSpec::new(self.channels, self.depth)
    }
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
    Capture: cfg(feature = "capture"),
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

    /// The signatures of windows of paths `[batch, length, channels]`: `[batch, windows, terms]`.
    fn signature_windows(
        path: FloatTensor<Self>,
        params: SignatureWindowsParams,
    ) -> FloatTensor<Self> {
        portable::signature_windows::<Self>(path, params)
    }

    /// The gradient of [`signature_windows`](Self::signature_windows) with respect to the path, from
    /// that of its output.
    fn signature_windows_backward(
        path: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureWindowsParams,
    ) -> FloatTensor<Self> {
        portable::signature_windows_gradient::<Self>(path, output_gradient, params)
    }

    /// Paths `[batch, length, channels]` with one more channel, the last: `channel`, `[batch, length]`, or
    /// `[1, length]` for all of them.
    fn append_channel(path: FloatTensor<Self>, channel: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::append_channel::<Self>(path, channel)
    }

    /// The product `a ⊗ b` of elements `[rows, terms]` with scalar term 1.
    fn tensor_product(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        params: AlgebraParams,
    ) -> FloatTensor<Self> {
        portable::product::<Self>(a, b, params)
    }

    /// The gradients of [`tensor_product`](Self::tensor_product) with respect to both factors.
    fn tensor_product_backward(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: AlgebraParams,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        portable::product_gradient::<Self>(a, b, output_gradient, params)
    }

    /// A power series of elements `[rows, terms]` without scalar term: `[rows, terms]`, or as many
    /// columns as there are Lyndon words.
    fn power_series(
        element: FloatTensor<Self>,
        series: PowerSeries,
        params: AlgebraParams,
    ) -> FloatTensor<Self> {
        portable::power_series::<Self>(element, series, params)
    }

    /// The gradient of [`power_series`](Self::power_series) with respect to the element.
    fn power_series_backward(
        element: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        series: PowerSeries,
        params: AlgebraParams,
    ) -> FloatTensor<Self> {
        portable::power_series_gradient::<Self>(element, output_gradient, series, params)
    }
}

/// What the graph of `Autodiff` asks of the backend below it: signatures that keep for their gradients what
/// these would have to compute again. A backend without such a thing takes the bodies given here.
pub trait SignatureStates: SignatureOps {
    /// The signature of paths, continued from `initial` if that is given, and what computing it can leave to
    /// [`signature_backward_from_states`](Self::signature_backward_from_states), in an order that only that
    /// knows. The body given here leaves nothing.
    fn signature_and_states(
        path: FloatTensor<Self>,
        initial: Option<FloatTensor<Self>>,
        params: SignatureParams,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
        let signature = match initial {
            None => Self::signature(path, params),
            Some(initial) => Self::signature_from(path, initial, params),
        };
        (signature, None)
    }

    /// The gradients with respect to the path and, if that is given, to `initial`, from that of the output and
    /// from what [`signature_and_states`](Self::signature_and_states) left of the same inputs, if anything.
    fn signature_backward_from_states(
        path: FloatTensor<Self>,
        initial: Option<FloatTensor<Self>>,
        _states: Option<FloatTensor<Self>>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
        match initial {
            None => {
                let path = Self::signature_backward(path, output_gradient, params);
                (path, None)
            }
            Some(initial) => {
                let (path, initial) =
                    Self::signature_from_backward(path, initial, output_gradient, params);
                (path, Some(initial))
            }
        }
    }
}
