//! Products of a sparse matrix with each row.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{IndexingUpdateOp, Shape, TensorData};
use sig_kernels::lyndon::{Entries, SparseMatrix};

use super::{indices, select};

/// `[rows, columns of the matrix]` → `[rows, rows of the matrix]`
pub(crate) fn sparse_product<B: Backend>(
    matrix: &SparseMatrix,
    input: FloatTensor<B>,
) -> FloatTensor<B> {
    // What is chosen and added up are numbers of all rows, which lie side by side.
    let input = B::float_transpose(input);
    let Entries {
        sources, values, ..
    } = &matrix.first;
    let output = match sources.is_empty() {
        true => zeros::<B>(matrix.rows, &input),
        false => products::<B>(&input, sources, values),
    };
    let Entries {
        targets,
        sources,
        values,
    } = &matrix.rest;
    B::float_transpose(plus::<B>(output, &input, [sources, targets], values))
}

/// The gradient of the input from that of the output.
pub(crate) fn sparse_product_gradient<B: Backend>(
    matrix: &SparseMatrix,
    output: FloatTensor<B>,
) -> FloatTensor<B> {
    let output = B::float_transpose(output);
    let mut gradient = zeros::<B>(matrix.columns, &output);
    for Entries {
        targets,
        sources,
        values,
    } in [&matrix.first, &matrix.rest]
    {
        gradient = plus::<B>(gradient, &output, [targets, sources], values);
    }
    B::float_transpose(gradient)
}

/// `to`, and at each target `value` times `from` at a source.
fn plus<B: Backend>(
    mut to: FloatTensor<B>,
    from: &FloatTensor<B>,
    [sources, targets]: [&[usize]; 2],
    values: &[i64],
) -> FloatTensor<B> {
    // In parts, so that the products never take more memory than input or result do.
    let part = to.shape()[0].max(from.shape()[0]);
    let parts = targets.chunks(part).zip(sources.chunks(part));
    for ((targets, sources), values) in parts.zip(values.chunks(part)) {
        let targets = indices::<B>(targets, &from.device());
        let products = products::<B>(from, sources, values);
        to = B::float_select_assign(to, 0, targets, products, IndexingUpdateOp::Add);
    }
    to
}

fn products<B: Backend>(
    from: &FloatTensor<B>,
    sources: &[usize],
    values: &[i64],
) -> FloatTensor<B> {
    let chosen = select::<B>(from.clone(), 0, sources);
    if values.iter().all(|&value| value == 1) {
        return chosen;
    }
    let values: Vec<f64> = values.iter().map(|&value| value as f64).collect();
    let values = TensorData::new(values, [sources.len(), 1]).convert_dtype(from.dtype());
    B::float_mul(chosen, B::float_from_data(values, &from.device()))
}

fn zeros<B: Backend>(numbers: usize, like: &FloatTensor<B>) -> FloatTensor<B> {
    let shape = Shape::from([numbers, like.shape()[1]]);
    B::float_zeros(shape, &like.device(), like.dtype().into())
}
