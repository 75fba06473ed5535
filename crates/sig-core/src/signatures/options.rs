//! Options of a signature beside its depth.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Options of [`signature_with`](crate::signatures::signature_with) and
/// [`signature_stream_with`](crate::signatures::signature_stream_with). The default is the plain
/// signature.
#[derive(Clone, Debug, Default)]
pub struct SignatureOptions {
    /// A point put in front of every path, so that the signature knows where the path starts.
    pub basepoint: Basepoint,
    /// The signature so far, `[batch, terms]`, in the layout of the output: the result is that of
    /// the path seen before followed by this one.
    ///
    /// With [`inverse`](Self::inverse) it is the inverse so far, and the result is
    /// `S(path)⁻¹ ⊗ initial`, again the inverse of the whole. With
    /// [`scalar_term`](Self::scalar_term) it has the scalar term in front, which is taken to be 1
    /// whatever it holds.
    ///
    /// The step from the earlier path to this one is not known here: pass its last point as the
    /// [`basepoint`](Self::basepoint) unless this path starts with that point.
    pub initial: Option<Tensor<2>>,
    /// The inverse `S⁻¹` in the tensor algebra, which is the signature of the path run backwards.
    pub inverse: bool,
    /// Whether the constant 1 of level 0 comes first among the terms.
    pub scalar_term: bool,
    /// How the signature is computed; the values agree up to rounding.
    pub method: SignatureMethod,
}

/// A point put in front of a path.
#[allow(
    clippy::large_enum_variant,
    reason = "options are few and short-lived: a box would only cost the caller a word"
)]
#[derive(Clone, Debug, Default)]
pub enum Basepoint {
    /// None: the signature does not change when the path is translated.
    #[default]
    None,
    /// The origin.
    Zero,
    /// A point for each path, `[batch, channels]`.
    Point(Tensor<2>),
}

/// `true`: the origin, as in the layers.
impl From<bool> for Basepoint {
    fn from(origin: bool) -> Self {
        if origin { Self::Zero } else { Self::None }
    }
}

impl From<Tensor<2>> for Basepoint {
    fn from(points: Tensor<2>) -> Self {
        Self::Point(points)
    }
}

/// How a signature is computed. All methods give the same values up to rounding, on every backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// Chooses by device and size; [`resolve`](Self::resolve) is the rule.
    #[default]
    Auto,
    /// All time steps of a level at once: a Horner chain from the prefixes of the levels below,
    /// a prefix sum over time for each level below the top, and one matrix product over time for
    /// the top level. Some `N²/2` operations whatever the length; memory grows with the length.
    Parallel,
    /// A step of time at a time, each the fused Horner form of `S ⊗ exp(z)`. Some `N²/2` operations
    /// a step; without gradients, memory does not grow with the length.
    Sequential,
    /// Kernels written for the device, with a gradient of their own, which keep next to nothing
    /// beside input and output. The CPU backends Flex and NdArray have them, and the CubeCL
    /// devices; elsewhere it is the same as `Auto`.
    Fused,
}

impl SignatureOptions {
    /// The plain signature; the same as `default()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same options, with a function applied to their tensors.
    pub(crate) fn map_tensors(&self, function: impl Fn(Tensor<2>) -> Tensor<2>) -> Self {
        Self {
            basepoint: match self.basepoint.clone() {
                Basepoint::Point(point) => Basepoint::Point(function(point)),
                other => other,
            },
            initial: self.initial.clone().map(function),
            ..self.clone()
        }
    }

    /// Sets the point put in front of every path: `true` for the origin, a tensor `[batch, channels]`
    /// for a point of each path, or a [`Basepoint`].
    pub fn with_basepoint(mut self, basepoint: impl Into<Basepoint>) -> Self {
        self.basepoint = basepoint.into();
        self
    }

    /// Sets the signature so far.
    pub fn with_initial(mut self, initial: Tensor<2>) -> Self {
        self.initial = Some(initial);
        self
    }

    /// Sets whether the inverse is computed.
    pub fn with_inverse(mut self, inverse: bool) -> Self {
        self.inverse = inverse;
        self
    }

    /// Sets whether the scalar term comes first.
    pub fn with_scalar_term(mut self, scalar_term: bool) -> Self {
        self.scalar_term = scalar_term;
        self
    }

    /// Sets the method.
    pub fn with_method(mut self, method: SignatureMethod) -> Self {
        self.method = method;
        self
    }
}
