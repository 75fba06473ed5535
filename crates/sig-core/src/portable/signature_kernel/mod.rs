//! Signature kernels on primitives of a backend: the cells of an anti-diagonal depend on those of
//! the two before alone, so each takes a few operations on tensors `[pairs, rows]`, of which all
//! have the same shape.
//!
//! `delta` makes the right-hand side `δ` of the equation for each tile, `grid` cuts tiles into cells
//! and lays anti-diagonals side by side, `solver` goes from one to the next. The gradient keeps what
//! each step started from and differentiates one step at a time, from the last to the first: to
//! differentiate all of them at once would add up a tensor as large as `δ` per step.

mod delta;
mod grid;
mod solver;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::Shape;
use sig_kernels::Pairs;

use super::differentiated::{With, differentiate};
use super::narrow;
use crate::operation::SignatureKernel;
use grid::Grid;
use solver::State;

/// The kernels of pairs of paths of at least two points each.
pub(crate) fn signature_kernel<B: Backend>(
    operation: &SignatureKernel,
    [x, y]: [FloatTensor<B>; 2],
) -> FloatTensor<B> {
    let output = operation.output_of(&x.shape());
    let grid = Grid::new(operation, &x.shape());
    let diagonals = right_hand_side::<B>(operation, &grid, x, y);
    let mut state = State::<B>::start(operation.solver, &grid, &diagonals);
    let mut all = Vec::new();
    for index in 0..grid.diagonals() {
        state = state.next(operation.solver, diagonal::<B>(&diagonals, index));
        if operation.pairs == Pairs::Grid {
            all.push(state.values());
        }
    }
    let values = if operation.pairs == Pairs::Grid {
        grid.with_border::<B>(grid.vertices::<B>(all))
    } else {
        narrow::<B>(state.values(), 1, grid.rows - 1..grid.rows)
    };
    symmetric::<B>(operation, B::float_reshape(values, output))
}

/// `δ` of the cells of each tile, `[pairs, first, second]`.
#[cfg(feature = "cubecl-backend")]
pub(crate) fn kernel_tiles<B: Backend>(
    operation: &SignatureKernel,
    [x, y]: [FloatTensor<B>; 2],
) -> FloatTensor<B> {
    let grid = Grid::new(operation, &x.shape());
    grid.of_cells::<B>(delta::tiles::<B>(operation, x, y))
}

/// The gradients of both batches of paths, from that of [`kernel_tiles`].
#[cfg(feature = "cubecl-backend")]
pub(crate) fn kernel_tiles_gradients<B: Backend>(
    operation: &SignatureKernel,
    [x, y]: [FloatTensor<B>; 2],
    output: FloatTensor<B>,
) -> [FloatTensor<B>; 2] {
    let gradients = differentiate::<B>(vec![x, y], vec![output], |mut paths| {
        let (y, x) = (paths.remove(1), paths.remove(0));
        vec![kernel_tiles::<With<B>>(operation, [x, y])]
    });
    gradients.try_into().expect("a gradient for each input")
}

/// The mean of a matrix and its transpose, where the matrix is to be symmetric to the last bit: a
/// device may round the products of `x` with `y` and of `y` with `x` differently. It is its own
/// adjoint.
fn symmetric<B: Backend>(operation: &SignatureKernel, matrix: FloatTensor<B>) -> FloatTensor<B> {
    if operation.pairs != Pairs::Symmetric {
        return matrix;
    }
    let transposed = B::float_swap_dims(matrix.clone(), 0, 1);
    B::float_mul_scalar(B::float_add(matrix, transposed), 0.5.into())
}

/// The gradients of both batches of paths, from that of the kernels.
pub(crate) fn signature_kernel_gradients<B: Backend>(
    operation: &SignatureKernel,
    [x, y]: [FloatTensor<B>; 2],
    output: FloatTensor<B>,
) -> [FloatTensor<B>; 2] {
    let grid = Grid::new(operation, &x.shape());
    let diagonals = right_hand_side::<B>(operation, &grid, x.clone(), y.clone());
    let mut states = vec![State::<B>::start(operation.solver, &grid, &diagonals)];
    for index in 0..grid.diagonals() - 1 {
        let column = diagonal::<B>(&diagonals, index);
        states.push(states[index].clone().next(operation.solver, column));
    }
    let seeds = match operation.pairs {
        Pairs::Grid => grid.of_vertices::<B>(grid.without_border::<B>(output)),
        _ => grid.of_last_vertex::<B>(symmetric::<B>(operation, output)),
    };
    let mut gradients = Vec::new();
    let mut adjoint = states[0].zeros();
    for (index, state) in states.into_iter().enumerate().rev() {
        adjoint.add_to_values(diagonal::<B>(&seeds, index));
        let column = diagonal::<B>(&diagonals, index);
        let inputs = [vec![column], state.tensors()].concat();
        let mut of_inputs = differentiate::<B>(inputs, adjoint.tensors(), |mut inputs| {
            let column = inputs.remove(0);
            let state = State::<With<B>>::from_tensors(inputs);
            state.next(operation.solver, column).tensors()
        });
        let of_column = of_inputs.remove(0);
        gradients.push(B::float_reshape(of_column, grid.diagonal_shape()));
        adjoint = State::from_tensors(of_inputs);
    }
    gradients.reverse();
    let of_diagonals = super::concatenate::<B>(gradients, 2);
    let gradients = differentiate::<B>(vec![x, y], vec![of_diagonals], |mut paths| {
        let (y, x) = (paths.remove(1), paths.remove(0));
        vec![right_hand_side::<With<B>>(operation, &grid, x, y)]
    });
    gradients.try_into().expect("a gradient for each input")
}

/// `δ` of the cells, `[pairs, rows, diagonals]`; zero beyond the ends of a row.
fn right_hand_side<B: Backend>(
    operation: &SignatureKernel,
    grid: &Grid,
    x: FloatTensor<B>,
    y: FloatTensor<B>,
) -> FloatTensor<B> {
    let tiles = delta::tiles::<B>(operation, x, y);
    grid.diagonals_of::<B>(grid.cells::<B>(tiles))
}

/// One of the diagonals, `[pairs, rows]`.
fn diagonal<B: Backend>(diagonals: &FloatTensor<B>, index: usize) -> FloatTensor<B> {
    let [pairs, rows, _] = diagonals.shape().dims();
    let column = narrow::<B>(diagonals.clone(), 2, index..index + 1);
    B::float_reshape(column, Shape::from([pairs, rows]))
}
