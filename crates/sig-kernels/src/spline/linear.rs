//! `[base, B(z)] W` a block of rows at a time: what is multiplied with the weight stays in the
//! cache, column by column, and is made again for the gradient.

use core::ops::Range;

use num_traits::Float;
use rayon::prelude::*;

use super::basis::{fill, pull_back};
use super::{Gradients, Linear};
use crate::cpu::kernels;
use crate::matrix::{Matrix, MatrixMut, multiply};
use crate::parts::{PARTS, rows_of_a_part, sum_of_parts};

/// Rows of a block.
const ROWS: Range<usize> = 64..256;

kernels! {
    /// The kernels on a kind of number, compiled with this crate as those of signatures are.
    Kernels: Sized;

    fn spline_values(call: &Linear<'_, Self>) -> Vec<Self> = call.checked().forward();
    fn spline_gradients(call: &Linear<'_, Self>, output: &[Self]) -> Gradients<Self> =
        call.checked().backward(output);
}

impl<T: Float + Send + Sync + 'static> Linear<'_, T> {
    fn checked(&self) -> &Self {
        assert_eq!(self.positions.len(), self.base.len());
        let inputs = self.splines.inputs(self.features);
        assert_eq!(self.weight.len(), inputs * self.splines.outputs);
        self
    }

    fn forward(&self) -> Vec<T> {
        let (outputs, block) = (self.splines.outputs, self.block());
        let mut output = vec![T::zero(); self.rows() * outputs];
        output
            .par_chunks_mut(block * outputs)
            .enumerate()
            .for_each_init(Vec::new, |inputs, (index, output)| {
                let start = index * block;
                let rows = start..start + output.len() / outputs;
                let count = rows.len();
                self.fill(rows, inputs);
                let inputs = Matrix::new(inputs, count).transposed();
                multiply(
                    MatrixMut::new(output, outputs),
                    inputs,
                    self.weight(),
                    false,
                );
            });
        output
    }

    fn backward(&self, output: &[T]) -> Gradients<T> {
        let (features, outputs) = (self.features, self.splines.outputs);
        assert_eq!(output.len(), self.rows() * outputs);
        let mut positions = vec![T::zero(); self.positions.len()];
        let mut base = vec![T::zero(); self.base.len()];
        let part = rows_of_a_part(self.rows(), self.block());
        let parts: Vec<Vec<T>> = positions
            .par_chunks_mut(part * features)
            .zip(base.par_chunks_mut(part * features))
            .zip(output.par_chunks(part * outputs))
            .enumerate()
            .map(|(index, ((positions, base), output))| {
                self.backward_of(index * part, output, positions, base)
            })
            .collect();
        Gradients {
            positions,
            base,
            weight: sum_of_parts(parts, self.weight.len()),
        }
    }

    /// Of the rows from `start` on; returns their share of the weight's.
    fn backward_of(
        &self,
        start: usize,
        output: &[T],
        positions: &mut [T],
        base: &mut [T],
    ) -> Vec<T> {
        let (features, outputs, block) = (self.features, self.splines.outputs, self.block());
        let mut weight = vec![T::zero(); self.weight.len()];
        let (mut inputs, mut gradient) = (Vec::new(), Vec::new());
        let (mut column, mut sums) = (Vec::new(), Vec::new());
        let blocks = output
            .chunks(block * outputs)
            .zip(positions.chunks_mut(block * features))
            .zip(base.chunks_mut(block * features));
        for (start, ((output, positions), base)) in (start..).step_by(block).zip(blocks) {
            let count = output.len() / outputs;
            let rows = start..start + count;
            let at = &self.positions[rows.start * features..rows.end * features];
            self.fill(rows, &mut inputs);
            let output = Matrix::new(output, outputs);
            let of_weight = MatrixMut::new(&mut weight, outputs);
            multiply(of_weight, Matrix::new(&inputs, count), output, true);
            gradient.resize(inputs.len(), T::zero());
            let of_inputs = MatrixMut::new(&mut gradient, count);
            multiply(of_inputs, self.weight(), output.transposed(), false);
            let (of_base, of_splines) = gradient.split_at(features * count);
            for (feature, of_base) in of_base.chunks(count).enumerate() {
                write_column(base, of_base, feature, features);
            }
            let splines = of_splines.chunks(count * self.splines.count);
            for (feature, of_splines) in splines.enumerate() {
                column.resize(count, T::zero());
                read_column(at, &mut column, feature, features);
                sums.clear();
                sums.resize(count, T::zero());
                pull_back(&column, of_splines, &mut sums, self.splines);
                write_column(positions, &sums, feature, features);
            }
        }
        weight
    }

    /// What is multiplied with the weight, a column after the other.
    fn fill(&self, rows: Range<usize>, inputs: &mut Vec<T>) {
        let (features, count) = (self.features, rows.len());
        inputs.resize(count * self.splines.inputs(features), T::zero());
        let range = rows.start * features..rows.end * features;
        let (positions, base) = (&self.positions[range.clone()], &self.base[range]);
        let (of_base, of_splines) = inputs.split_at_mut(features * count);
        for (feature, of_base) in of_base.chunks_mut(count).enumerate() {
            read_column(base, of_base, feature, features);
        }
        let mut column = vec![T::zero(); count];
        let splines = of_splines.chunks_mut(count * self.splines.count);
        for (feature, of_splines) in splines.enumerate() {
            read_column(positions, &mut column, feature, features);
            fill(&column, of_splines, self.splines);
        }
    }

    fn rows(&self) -> usize {
        self.positions.len() / self.features
    }

    fn block(&self) -> usize {
        self.rows().div_ceil(PARTS).clamp(ROWS.start, ROWS.end)
    }

    fn weight(&self) -> Matrix<'_, T> {
        Matrix::new(self.weight, self.splines.outputs)
    }
}

/// The values of a feature in rows of `features`.
fn read_column<T: Copy>(rows: &[T], column: &mut [T], feature: usize, features: usize) {
    for (to, from) in column.iter_mut().zip(rows.chunks_exact(features)) {
        *to = from[feature];
    }
}

fn write_column<T: Copy>(rows: &mut [T], column: &[T], feature: usize, features: usize) {
    for (to, from) in rows.chunks_exact_mut(features).zip(column) {
        to[feature] = *from;
    }
}
