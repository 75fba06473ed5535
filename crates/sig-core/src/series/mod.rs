//! Tensor series on Burn's tensors: their levels, and the coordinates of Lie elements.

mod levels;
mod lie;
mod running_sum;

pub(crate) use levels::scale_levels;
pub(crate) use lie::{at_lyndon, from_coordinates, to_coordinates};
pub(crate) use running_sum::running_sum;

use burn::backend::{Dispatch, ops::FloatTensorOps};
use burn::tensor::{Bool, DType, Device, Element, Int, IntDType, Shape, Slice, Tensor, TensorData};

use crate::portable;
use crate::signatures::SignatureSpec;

/// A tensor of a half in f32, others as they are.
pub(crate) fn widened<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(portable::widened::<Dispatch>(tensor.into_dispatch()))
}

/// A result in f32, rounded to the dtype of the inputs if that is a half; other results as they are.
pub(crate) fn rounded<const D: usize>(tensor: Tensor<D>, dtype: DType) -> Tensor<D> {
    Tensor::from_dispatch(portable::rounded::<Dispatch>(tensor.into_dispatch(), dtype))
}

/// A result without elements, in the graph of an input, so that a loss made of it has a gradient: zeros.
pub fn nothing<const D: usize, const R: usize>(
    input: Tensor<D>,
    shape: impl Into<Shape>,
) -> Tensor<R> {
    let (elements, none) = (input.shape().num_elements(), input.into_dispatch());
    // Burn's tensors leave the graph where a slice is empty, and take a 0 in a new shape for the size
    // before; its backends do neither.
    let none = match elements {
        0 => none,
        _ => Dispatch::float_slice(none, &[Slice::from(0..0)]),
    };
    Tensor::from_dispatch(Dispatch::float_reshape(none, shape.into()))
}

/// Terms `[batch, n]` that do not depend on the paths `[batch, 1, channels]`, in the graph of these.
pub fn in_graph_of(path: Tensor<3>, terms: Tensor<2>) -> Tensor<2> {
    let batch = path.dims()[0];
    // A product with zero would keep a NaN.
    let everywhere = Tensor::<3, Bool>::full(path.shape(), true, &path.device());
    let zero = path.mask_fill(everywhere, 0.0).sum_dim(2);
    terms + zero.reshape([batch, 1])
}

/// Applies a function to tensors of a half in f32, and gives its result in that half.
pub(crate) fn in_f32<const D: usize, const N: usize, const R: usize>(
    tensors: [Tensor<D>; N],
    function: impl FnOnce([Tensor<D>; N]) -> Tensor<R>,
) -> Tensor<R> {
    let dtype = tensors[0].dtype();
    rounded(function(tensors.map(widened)), dtype)
}

/// Applies a function of rows, whose results have `terms` numbers, to what lies along the last axis, in
/// f32 at least.
pub(crate) fn of_rows<const D: usize>(
    tensor: Tensor<D>,
    terms: usize,
    function: impl FnOnce(Tensor<2>) -> Tensor<2>,
) -> Tensor<D> {
    let mut shape = tensor.dims();
    let (rows, width) = (shape[..D - 1].iter().product(), shape[D - 1]);
    shape[D - 1] = terms;
    // For Burn's `reshape` 0 is the size that was there.
    if rows == 0 {
        return nothing(tensor, shape);
    }
    let rows = tensor.reshape([rows, width]);
    in_f32([rows], |[rows]| function(rows)).reshape(shape)
}

/// The levels `1..` of `[rows, terms]`, each `[rows, d^k]`. The scalar term is not stored; each
/// operation says what it takes it for.
pub(crate) fn split(terms: Tensor<2>, spec: SignatureSpec) -> Vec<Tensor<2>> {
    let levels = portable::split::<Dispatch>(terms.into_dispatch(), spec);
    levels.into_iter().map(Tensor::from_dispatch).collect()
}

/// The levels one after another, `[rows, terms]`.
pub(crate) fn join(levels: Vec<Tensor<2>>) -> Tensor<2> {
    let levels = levels.into_iter().map(Tensor::into_dispatch).collect();
    Tensor::from_dispatch(portable::concatenate::<Dispatch>(levels, 1))
}

/// Places along an axis, on a device.
pub(crate) fn places(places: impl IntoIterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    // Burn would convert numbers of another dtype one by one.
    let data = match device.settings().int_dtype {
        IntDType::I32 => data(places, |place| place as i32),
        _ => data(places, |place| place as i64),
    };
    Tensor::from_data(data, device)
}

fn data<V, E: Element>(values: impl IntoIterator<Item = V>, number: impl Fn(V) -> E) -> TensorData {
    let values: Vec<E> = values.into_iter().map(number).collect();
    let size = values.len();
    TensorData::new(values, [size])
}

/// Numbers of a dtype on a device.
pub(crate) fn constants<const D: usize>(
    values: Vec<f64>,
    shape: [usize; D],
    (device, dtype): (&Device, DType),
) -> Tensor<D> {
    let data = match dtype {
        DType::F32 => {
            let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
            TensorData::new(values, shape)
        }
        _ => TensorData::new(values, shape).convert_dtype(dtype),
    };
    Tensor::from_data(data, (device, dtype))
}
