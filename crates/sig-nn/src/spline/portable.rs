//! Cardinal B-splines on `Backend` primitives, by the recursion of Cox and de Boor on whole knots:
//! `k B_k(u) = u B_{k−1}(u) + (k + 1 − u) B_{k−1}(u − 1)`, and `B_k′(u) = B_{k−1}(u) − B_{k−1}(u − 1)`.

use burn::backend::{Backend, TensorMetadata, get_device_settings, tensor::FloatTensor};
use burn::tensor::{Shape, TensorData};

use sig_core::backend::{narrow, rounded, widened};

use super::SplineLinear;

/// `[base, B(z)] W` in the dtype of `z`; the splines of halves are computed in f32.
pub(super) fn linear<B: Backend>(
    positions: FloatTensor<B>,
    base: FloatTensor<B>,
    weight: FloatTensor<B>,
    params: SplineLinear,
) -> FloatTensor<B> {
    B::float_matmul(inputs::<B>(positions, base, params), weight)
}

/// The gradients of positions, base and weight.
pub(super) fn gradients<B: Backend>(
    positions: FloatTensor<B>,
    base: FloatTensor<B>,
    weight: FloatTensor<B>,
    output: FloatTensor<B>,
    params: SplineLinear,
) -> [FloatTensor<B>; 3] {
    let [_, features] = positions.shape().dims();
    let multiplied = inputs::<B>(positions.clone(), base, params);
    let width = params.inputs(features);
    let weights = B::float_matmul(B::float_transpose(multiplied), output.clone());
    let gradient_of_inputs = B::float_matmul(output, B::float_transpose(weight));
    let base = narrow::<B>(gradient_of_inputs.clone(), 1, 0..features);
    let splines = narrow::<B>(gradient_of_inputs, 1, features..width);
    [gradient::<B>(positions, splines, params), base, weights]
}

/// What is multiplied with the weight, `[rows, features · (1 + count)]`.
fn inputs<B: Backend>(
    positions: FloatTensor<B>,
    base: FloatTensor<B>,
    params: SplineLinear,
) -> FloatTensor<B> {
    B::float_cat(vec![base, basis::<B>(positions, params)], 1)
}

/// `B(z − j)`, `[rows, features · count]`.
pub(super) fn basis<B: Backend>(positions: FloatTensor<B>, params: SplineLinear) -> FloatTensor<B> {
    let dtype = positions.dtype();
    let [rows, features] = positions.shape().dims();
    let SplineLinear { order, count, .. } = params;
    let basis = rounded::<B>(splines::<B>(widened::<B>(positions), order, count), dtype);
    B::float_reshape(basis, Shape::from([rows, features * count]))
}

/// What the gradient of the basis says of the positions.
pub(super) fn gradient<B: Backend>(
    positions: FloatTensor<B>,
    output: FloatTensor<B>,
    params: SplineLinear,
) -> FloatTensor<B> {
    let dtype = positions.dtype();
    let (positions, output) = (widened::<B>(positions), widened::<B>(output));
    let [rows, features] = positions.shape().dims();
    let SplineLinear { order, count, .. } = params;
    if order == 0 {
        return B::float_zeros(positions.shape(), &positions.device(), dtype.into());
    }
    let below = splines::<B>(positions, order - 1, count + 1);
    let slopes = B::float_sub(
        narrow::<B>(below.clone(), 2, 0..count),
        narrow::<B>(below, 2, 1..count + 1),
    );
    let output = B::float_reshape(output, Shape::from([rows, features, count]));
    let sums = B::float_sum_dim(B::float_mul(output, slopes), 2);
    rounded::<B>(B::float_reshape(sums, Shape::from([rows, features])), dtype)
}

/// `B(z − j)` as `[rows, features, count]`.
fn splines<B: Backend>(positions: FloatTensor<B>, order: usize, count: usize) -> FloatTensor<B> {
    let [rows, features] = positions.shape().dims();
    let (dtype, device) = (positions.dtype(), positions.device());
    let bools = get_device_settings::<B>(&device).bool_dtype;
    let cells = order + count;

    // Infinity must not meet a zero; NaN may, and stays.
    let below = B::float_lower_elem(positions.clone(), 0.0.into(), bools);
    let positions = B::float_mask_fill(positions, below, (-1.0).into());
    let above = B::float_greater_equal_elem(positions.clone(), (cells as f64).into(), bools);
    let positions = B::float_mask_fill(positions, above, (-1.0).into());

    let positions = B::float_reshape(positions, Shape::from([rows, features, 1]));
    let starts: Vec<f64> = (0..cells).map(|cell| cell as f64).collect();
    let starts = TensorData::new(starts, [1, 1, cells]).convert_dtype(dtype);
    let distances = B::float_sub(positions, B::float_from_data(starts, &device));

    let inside = B::float_equal_elem(B::float_floor(distances.clone()), 0.0.into(), bools);
    let mut splines = B::bool_into_float(inside, dtype.into());
    if order == 0 {
        let nothing = B::float_mul_scalar(distances.clone(), 0.0.into());
        splines = B::float_add(splines, nothing);
    }
    for order in 1..=order {
        let left = cells - order;
        let distances = narrow::<B>(distances.clone(), 2, 0..left);
        let rising = B::float_mul(distances.clone(), narrow::<B>(splines.clone(), 2, 0..left));
        let rest = B::float_add_scalar(B::float_neg(distances), (order as f64 + 1.0).into());
        let falling = B::float_mul(rest, narrow::<B>(splines, 2, 1..left + 1));
        let sum = B::float_add(rising, falling);
        splines = B::float_mul_scalar(sum, (1.0 / order as f64).into());
    }
    splines
}
