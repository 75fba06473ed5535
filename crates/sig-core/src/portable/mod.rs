//! Signatures written on `Backend` primitives: they run, and differentiate, on every backend.

mod algebra;
mod channel;
mod gradient;
mod parallel;
mod power;
mod prefix;
mod product;
mod sequential;
mod windows;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata, get_or_init_device_settings};
use burn::tensor::{DType, FloatDType, Slice, TensorData};

pub(crate) use channel::append_channel;
#[cfg(feature = "autodiff")]
pub(crate) use channel::{first_channels, last_channel};
pub(crate) use gradient::{gradient, power_series_gradient};
pub(crate) use power::power_series;
pub(crate) use prefix::running_sum;
pub(crate) use product::{product, product_gradient};
pub(crate) use windows::{signature_windows, signature_windows_gradient};

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
    let [signature] = match initial {
        None => in_single::<B, 1, 1>([path], |[path]| [in_dtype::<B>(path, None, params)]),
        Some(initial) => in_single::<B, 2, 1>([path, initial], |[path, initial]| {
            [in_dtype::<B>(path, Some(initial), params)]
        }),
    };
    signature
}

/// Applies a function to tensors of a half in f32, and gives its results in that half.
fn in_single<B: Backend, const N: usize, const R: usize>(
    tensors: [FloatTensor<B>; N],
    function: impl FnOnce([FloatTensor<B>; N]) -> [FloatTensor<B>; R],
) -> [FloatTensor<B>; R] {
    let dtype = tensors[0].dtype();
    match dtype {
        DType::F16 | DType::BF16 => {
            let single = |tensor| B::float_cast(tensor, FloatDType::F32);
            let results = function(tensors.map(single));
            results.map(|result| B::float_cast(result, dtype.into()))
        }
        _ => function(tensors),
    }
}

fn in_dtype<B: Backend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
) -> FloatTensor<B> {
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

/// The places of an axis in a list, in its order.
fn select<B: Backend>(tensor: FloatTensor<B>, axis: usize, places: &[usize]) -> FloatTensor<B> {
    let indices = indices::<B>(places, &tensor.device());
    B::float_select(tensor, axis, indices)
}

/// Places along an axis, on a device.
fn indices<B: Backend>(places: &[usize], device: &B::Device) -> IntTensor<B> {
    let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
    let size = places.len();
    let dtype = get_or_init_device_settings::<B>(device).int_dtype;
    B::int_from_data(
        TensorData::new(places, [size]).convert_dtype(dtype.into()),
        device,
    )
}

fn concatenate<B: Backend>(mut tensors: Vec<FloatTensor<B>>, axis: usize) -> FloatTensor<B> {
    match tensors.len() {
        1 => tensors.remove(0),
        _ => B::float_cat(tensors, axis),
    }
}
