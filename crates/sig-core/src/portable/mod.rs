//! Signatures written on `Backend` primitives: they run, and differentiate, on every backend.

mod algebra;
mod gradient;
mod parallel;
mod prefix;
mod sequential;

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, FloatDType, Slice};

pub(crate) use gradient::gradient;

use crate::{SignatureMethod, SignatureParams, SignatureSpec};
use algebra::Side;

/// One tensor a level, ascending.
type Levels<B> = Vec<FloatTensor<B>>;

/// The signature of `path`, continued from `initial`, in the dtype of `path`; halves are computed
/// in f32.
pub(crate) fn signature<B: Backend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
) -> FloatTensor<B> {
    let dtype = path.dtype();
    if matches!(dtype, DType::F16 | DType::BF16) {
        let single = |tensor| B::float_cast(tensor, FloatDType::F32);
        let output = signature::<B>(single(path), initial.map(single), params);
        return B::float_cast(output, dtype.into());
    }

    let spec = SignatureSpec::new(path.shape()[2], params.depth);
    let initial = initial.map(|tensor| split::<B>(tensor, spec));
    let increments = increments::<B>(path.clone(), params.inverse);
    let side = if params.inverse {
        Side::Left
    } else {
        Side::Right
    };

    let levels = match params.method {
        SignatureMethod::Sequential => {
            sequential::levels::<B>(increments, initial, params.stream, params.depth, side)
        }
        SignatureMethod::Parallel | SignatureMethod::Fused | SignatureMethod::Auto => {
            parallel::levels::<B>(increments, initial, params.stream, params.depth, side)
        }
    };
    let terms_axis = if params.stream { 2 } else { 1 };
    concatenate::<B>(levels, terms_axis)
}

/// `z_t = x_{t+1} − x_t`, or its negative, `[batch, steps, channels]`.
fn increments<B: Backend>(path: FloatTensor<B>, negated: bool) -> FloatTensor<B> {
    let length = path.shape()[1];
    let later = narrow::<B>(path.clone(), 1, 1..length);
    let earlier = narrow::<B>(path, 1, 0..length - 1);
    match negated {
        false => B::float_sub(later, earlier),
        true => B::float_sub(earlier, later),
    }
}

/// The levels of a signature `[batch, terms]`, each `[batch, d^k]`.
fn split<B: Backend>(signature: FloatTensor<B>, spec: SignatureSpec) -> Levels<B> {
    spec.level_ranges()
        .map(|range| narrow::<B>(signature.clone(), 1, range))
        .collect()
}

fn narrow<B: Backend>(
    tensor: FloatTensor<B>,
    axis: usize,
    range: core::ops::Range<usize>,
) -> FloatTensor<B> {
    let mut slices: Vec<Slice> = tensor
        .shape()
        .iter()
        .map(|&size| Slice::from(0..size))
        .collect();
    slices[axis] = Slice::from(range);
    B::float_slice(tensor, &slices)
}

fn concatenate<B: Backend>(mut tensors: Vec<FloatTensor<B>>, axis: usize) -> FloatTensor<B> {
    match tensors.len() {
        1 => tensors.remove(0),
        _ => B::float_cat(tensors, axis),
    }
}
