//! Operations on `Backend` primitives: they run, and differentiate, on every backend.

mod algebra;
mod differentiated;
mod halves;
mod parallel;
mod prefix;
mod product;
mod sequential;
mod series;
mod signature_kernel;
mod sparse;

use core::ops::Range;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata, get_or_init_device_settings};
use burn::tensor::{Slice, TensorData};

pub(crate) use differentiated::differentiated;
pub use halves::{rounded, widened};
pub(crate) use prefix::running_sum;
pub(crate) use product::{product, product_gradients};
pub(crate) use series::power_series;
#[cfg(feature = "cubecl-backend")]
pub(crate) use signature_kernel::{kernel_tiles, kernel_tiles_gradients};
pub(crate) use signature_kernel::{signature_kernel, signature_kernel_gradients};
pub(crate) use sparse::{sparse_product, sparse_product_gradient};

use crate::operation::Operation;
use crate::ops::SignatureOps;
use crate::{SignatureMethod, SignatureSpec};

/// One tensor a level, ascending.
type Levels<B> = Vec<FloatTensor<B>>;

/// The output of an operation.
pub(crate) fn forward<B: SignatureOps, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
) -> FloatTensor<B> {
    if !Op::IN_F32 {
        return operation.portable::<B>(inputs);
    }
    let dtype = inputs[0].dtype();
    rounded::<B>(operation.portable::<B>(inputs.map(widened::<B>)), dtype)
}

/// The gradients of the inputs of an operation, from that of its output.
pub(crate) fn backward<B: SignatureOps, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    output: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    if !Op::IN_F32 {
        return operation.portable_gradients::<B>(inputs, output);
    }
    let dtype = inputs[0].dtype();
    let (inputs, output) = (inputs.map(widened::<B>), widened::<B>(output));
    let gradients = operation.portable_gradients::<B>(inputs, output);
    gradients.map(|gradient| rounded::<B>(gradient, dtype))
}

/// The signature of `path`, or with `stream` those of all its prefixes.
pub(crate) fn signature<B: Backend>(
    path: FloatTensor<B>,
    spec: SignatureSpec,
    stream: bool,
    method: SignatureMethod,
) -> FloatTensor<B> {
    let increments = increments::<B>(path);
    let levels = match method {
        SignatureMethod::Sequential => sequential::levels::<B>(increments, stream, spec.depth()),
        _ => parallel::levels::<B>(increments, stream, spec.depth()),
    };
    let terms_axis = if stream { 2 } else { 1 };
    concatenate::<B>(levels, terms_axis)
}

/// `z_t = x_{t+1} − x_t`, `[batch, steps, channels]`.
fn increments<B: Backend>(path: FloatTensor<B>) -> FloatTensor<B> {
    let length = path.shape()[1];
    let later = narrow::<B>(path.clone(), 1, 1..length);
    let earlier = narrow::<B>(path, 1, 0..length - 1);
    B::float_sub(later, earlier)
}

/// The levels of a series `[rows, terms]`, each `[rows, d^k]`.
pub(crate) fn split<B: Backend>(terms: FloatTensor<B>, spec: SignatureSpec) -> Levels<B> {
    spec.level_ranges()
        .map(|range| narrow::<B>(terms.clone(), 1, range))
        .collect()
}

/// A range of an axis.
pub fn narrow<B: Backend>(
    tensor: FloatTensor<B>,
    axis: usize,
    range: Range<usize>,
) -> FloatTensor<B> {
    let mut slices: Vec<Slice> = tensor
        .shape()
        .iter()
        .map(|&size| Slice::from(0..size))
        .collect();
    slices[axis] = Slice::from(range);
    B::float_slice(tensor, &slices)
}

/// The places of an axis in a list, in its order.
pub(crate) fn select<B: Backend>(
    tensor: FloatTensor<B>,
    axis: usize,
    places: &[usize],
) -> FloatTensor<B> {
    let indices = indices::<B>(places, &tensor.device());
    B::float_select(tensor, axis, indices)
}

/// Places along an axis, on a device.
pub(crate) fn indices<B: Backend>(places: &[usize], device: &B::Device) -> IntTensor<B> {
    let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
    let size = places.len();
    let dtype = get_or_init_device_settings::<B>(device).int_dtype;
    B::int_from_data(
        TensorData::new(places, [size]).convert_dtype(dtype.into()),
        device,
    )
}

/// Tensors one after another along an axis.
pub(crate) fn concatenate<B: Backend>(
    mut tensors: Vec<FloatTensor<B>>,
    axis: usize,
) -> FloatTensor<B> {
    match tensors.len() {
        1 => tensors.remove(0),
        _ => B::float_cat(tensors, axis),
    }
}
