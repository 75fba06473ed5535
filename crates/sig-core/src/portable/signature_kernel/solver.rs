//! From one anti-diagonal of the grid to the next.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{Shape, TensorData};
use sig_kernels::KernelSolver;

use super::grid::{Grid, zeros};
use crate::portable::{concatenate, narrow, select};

/// What the cells of a diagonal need of those before. First of all the values of the solution at
/// the last vertices of the cells before, `[pairs, rows]`.
///
/// Finite differences need the values one diagonal earlier and one row above, and how much the value
/// grew along the row, all `[pairs, rows]`.
///
/// A series needs the coefficients `α_k` of `Σ_k α_k τ^k / k!` on the edges where tiles begin,
/// `[2, pairs, rows, order + 1]`, those on the edge of the row first, and the values at the ends of
/// these edges, `[2, pairs, rows, 1]`.
#[derive(Clone, Debug)]
pub(super) struct State<B: Backend>(Vec<FloatTensor<B>>);

impl<B: Backend> State<B> {
    /// Of the first diagonal: the solution is 1 on the border.
    pub(super) fn start(solver: KernelSolver, grid: &Grid, like: &FloatTensor<B>) -> Self {
        let (pairs, rows) = (grid.pairs, grid.rows);
        let ones = |shape: Shape| B::float_ones(shape, &like.device(), like.dtype().into());
        let values = ones(Shape::from([pairs, rows]));
        Self(match solver {
            KernelSolver::FiniteDifference { .. } => {
                let increments = zeros::<B>(like, [pairs, rows]);
                vec![values.clone(), values, increments]
            }
            KernelSolver::Series { order } => {
                let ends = ones(Shape::from([2, pairs, rows, 1]));
                let rest = zeros::<B>(like, [2, pairs, rows, order]);
                let edges = concatenate::<B>(vec![ends.clone(), rest], 3);
                vec![values, edges, ends]
            }
        })
    }

    pub(super) fn from_tensors(tensors: Vec<FloatTensor<B>>) -> Self {
        Self(tensors)
    }

    pub(super) fn tensors(&self) -> Vec<FloatTensor<B>> {
        self.0.clone()
    }

    pub(super) fn zeros(&self) -> Self {
        Self(
            self.0
                .iter()
                .map(|tensor| zeros::<B>(tensor, tensor.shape()))
                .collect(),
        )
    }

    pub(super) fn values(&self) -> FloatTensor<B> {
        self.0[0].clone()
    }

    pub(super) fn add_to_values(&mut self, more: FloatTensor<B>) {
        self.0[0] = B::float_add(self.values(), more);
    }

    /// The state after a diagonal with these `δ`, `[pairs, rows]`.
    pub(super) fn next(self, solver: KernelSolver, delta: FloatTensor<B>) -> Self {
        Self(match solver {
            KernelSolver::FiniteDifference { .. } => difference::<B>(delta, self.0),
            KernelSolver::Series { order } => series::<B>(delta, self.0, order),
        })
    }
}

/// A cell with the values `a` at its first vertex, `b` and `c` at the next two, ends at
/// `(b + c)(1 + δ/2 + δ²/12) − a(1 − δ²/12)`. That is `b + r` with `r` the growth along its row,
/// `r ← r + (δ/2 + δ²/12)(b + c) + δ²/12 a`: the same number without the loss of digits of
/// `b + c − a`.
fn difference<B: Backend>(
    delta: FloatTensor<B>,
    state: Vec<FloatTensor<B>>,
) -> Vec<FloatTensor<B>> {
    let [values, above_before, growth] = state.try_into().expect("three tensors");
    let times = |a: FloatTensor<B>, factor: f64| B::float_mul_scalar(a, factor.into());
    let small = times(B::float_mul(delta.clone(), delta.clone()), 1.0 / 12.0);
    let large = B::float_add(times(delta, 0.5), small.clone());
    let above = below::<B>(values.clone(), 1, 1.0);
    let sum = B::float_add(values, above.clone());
    let more = B::float_add(B::float_mul(large, sum), B::float_mul(small, above_before));
    let growth = B::float_add(growth, more);
    vec![B::float_add(above.clone(), growth.clone()), above, growth]
}

/// A tile with the series `α` and `β` on its two first edges has on the edge opposite to that of `β`
/// `Σ_{m<n} e_m β_{n−m} + e_n Σ_k α_k n!/(n+k)!`, where `e_m = δ^m/m!`, and starts it with the value
/// at the end of the edge of `α`; likewise on the other.
fn series<B: Backend>(
    delta: FloatTensor<B>,
    state: Vec<FloatTensor<B>>,
    order: usize,
) -> Vec<FloatTensor<B>> {
    let [_, edges, ends] = state.try_into().expect("three tensors");
    let (pairs, rows) = (delta.shape()[0], delta.shape()[1]);
    let width = order + 1;
    let number = Shape::from([pairs, rows, 1]);
    let delta = B::float_reshape(delta, number.clone());
    let mut powers = vec![B::float_ones(number, &delta.device(), delta.dtype().into())];
    for power in 1..=order {
        let next = B::float_mul(powers[power - 1].clone(), delta.clone());
        powers.push(B::float_mul_scalar(next, (1.0 / power as f64).into()));
    }
    let powers = concatenate::<B>(powers, 2);

    let swapped = |tensor: FloatTensor<B>| {
        let part = |side: usize| narrow::<B>(tensor.clone(), 0, side..side + 1);
        concatenate::<B>(vec![part(1), part(0)], 0)
    };
    let (cells, table) = (pairs * rows, Shape::from([1, 1, order, width]));
    let constant = |numbers: Vec<f64>| {
        let numbers = TensorData::new(numbers, table.clone()).convert_dtype(delta.dtype());
        B::float_from_data(numbers, &delta.device())
    };
    let entries = || (1..=order).flat_map(|n| (0..=order).map(move |k| (n, k)));
    // e_{n−k} for 0 < k ≤ n, and zero elsewhere.
    let places: Vec<usize> = entries().map(|(n, k)| n.saturating_sub(k)).collect();
    let used = entries().map(|(n, k)| f64::from(u8::from(0 < k && k <= n)));
    let along = select::<B>(powers.clone(), 2, &places);
    let along = B::float_reshape(along, Shape::from([1, cells, order, width]));
    let along = B::float_mul(along, constant(used.collect()));
    // e_n n!/(n+k)!
    let factor = |(n, k)| (n + 1..=n + k).map(|i| 1.0 / i as f64).product::<f64>();
    let across = narrow::<B>(powers, 2, 1..width);
    let across = B::float_reshape(across, Shape::from([1, cells, order, 1]));
    let across = B::float_mul(across, constant(entries().map(factor).collect()));

    let applied = |matrix: FloatTensor<B>, edges: FloatTensor<B>| {
        let edges = B::float_reshape(edges, Shape::from([2, cells, 1, width]));
        let products = B::float_sum_dim(B::float_mul(matrix, edges), 3);
        B::float_reshape(products, Shape::from([2, pairs, rows, order]))
    };
    let own = applied(along, edges.clone());
    let other = applied(across, swapped(edges));
    let edges = vec![swapped(ends), B::float_add(own, other)];
    let edges = concatenate::<B>(edges, 3);

    let mut weight = 1.0;
    let weights = (0..width).map(|n| {
        weight /= n.max(1) as f64;
        weight
    });
    let weights = TensorData::new(weights.collect::<Vec<f64>>(), [1, 1, 1, width]);
    let weights = B::float_from_data(weights.convert_dtype(delta.dtype()), &delta.device());
    let ends = B::float_sum_dim(B::float_mul(edges.clone(), weights), 3);
    let values = B::float_mul_scalar(B::float_sum_dim(ends.clone(), 0), 0.5.into());
    let values = B::float_reshape(values, Shape::from([pairs, rows]));

    // The edges opposite to those of the rows belong to the tiles below.
    let side =
        |tensor: &FloatTensor<B>, side: usize| narrow::<B>(tensor.clone(), 0, side..side + 1);
    let first = border::<B>(&edges, [1, pairs, 1, width]);
    let moved = moved_down::<B>(side(&edges, 0), first, 2);
    let edges = concatenate::<B>(vec![moved, side(&edges, 1)], 0);
    let moved = below::<B>(side(&ends, 0), 2, 1.0);
    let ends = concatenate::<B>(vec![moved, side(&ends, 1)], 0);
    vec![values, edges, ends]
}

/// The series 1.
fn border<B: Backend>(like: &FloatTensor<B>, [a, pairs, b, width]: [usize; 4]) -> FloatTensor<B> {
    let (device, dtype) = (like.device(), like.dtype().into());
    let one = B::float_ones(Shape::from([a, pairs, b, 1]), &device, dtype);
    concatenate::<B>(vec![one, zeros::<B>(like, [a, pairs, b, width - 1])], 3)
}

/// A row further down, where the first one is filled with a number.
fn below<B: Backend>(tensor: FloatTensor<B>, axis: usize, number: f64) -> FloatTensor<B> {
    let mut shape = tensor.shape();
    shape[axis] = 1;
    let dtype = tensor.dtype().into();
    let first = B::float_full(shape, number.into(), &tensor.device(), dtype);
    moved_down::<B>(tensor, first, axis)
}

fn moved_down<B: Backend>(
    tensor: FloatTensor<B>,
    first: FloatTensor<B>,
    axis: usize,
) -> FloatTensor<B> {
    let rows = tensor.shape()[axis];
    if rows == 1 {
        return first;
    }
    concatenate::<B>(vec![first, narrow::<B>(tensor, axis, 0..rows - 1)], axis)
}
