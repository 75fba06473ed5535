//! `[base, B(z)] W` a block of rows at a time: what is multiplied with the weight stays in the cache and
//! is made again for the gradient.

use core::ops::Range;

use num_traits::Float;
use rayon::prelude::*;

use super::SplineParams;
use super::kernel::{fill, pull_back};
use super::product::{Matrix, multiply};

/// Rows of a block.
const ROWS: Range<usize> = 64..256;

/// Sums of the gradient of the weight that are made side by side, however many threads there are, so
/// that its bits do not depend on them.
const PARTS: usize = 16;

/// The operation and its inputs.
pub(super) struct Linear<'a, T> {
    positions: &'a [T],
    base: &'a [T],
    weight: &'a [T],
    features: usize,
    params: SplineParams,
}

/// Of the inputs.
pub(super) struct Gradients<T> {
    pub(super) positions: Vec<T>,
    pub(super) base: Vec<T>,
    pub(super) weight: Vec<T>,
}

impl<'a, T: Float + Send + Sync + 'static> Linear<'a, T> {
    pub(super) fn new(
        positions: &'a [T],
        base: &'a [T],
        weight: &'a [T],
        features: usize,
        params: SplineParams,
    ) -> Self {
        assert_eq!(positions.len(), base.len());
        assert_eq!(weight.len(), params.inputs(features) * params.outputs);
        Self {
            positions,
            base,
            weight,
            features,
            params,
        }
    }

    pub(super) fn forward(&self) -> Vec<T> {
        let (outputs, block) = (self.params.outputs, self.block());
        let mut output = vec![T::zero(); self.rows() * outputs];
        output
            .par_chunks_mut(block * outputs)
            .enumerate()
            .for_each_init(Vec::new, |inputs, (index, output)| {
                let start = index * block;
                let rows = start..start + output.len() / outputs;
                self.fill(rows, inputs);
                multiply(output, self.matrix(inputs), self.weight(), false);
            });
        output
    }

    pub(super) fn backward(&self, output: &[T]) -> Gradients<T> {
        let (features, outputs) = (self.features, self.params.outputs);
        assert_eq!(output.len(), self.rows() * outputs);
        let mut positions = vec![T::zero(); self.positions.len()];
        let mut base = vec![T::zero(); self.base.len()];
        let part = self
            .rows()
            .div_ceil(PARTS)
            .max(1)
            .next_multiple_of(self.block());
        let parts: Vec<Vec<T>> = positions
            .par_chunks_mut(part * features)
            .zip(base.par_chunks_mut(part * features))
            .zip(output.par_chunks(part * outputs))
            .enumerate()
            .map(|(index, ((positions, base), output))| {
                self.backward_of(index * part, output, positions, base)
            })
            .collect();
        let mut weight = vec![T::zero(); self.weight.len()];
        for part in parts {
            for (sum, part) in weight.iter_mut().zip(part) {
                *sum = *sum + part;
            }
        }
        Gradients {
            positions,
            base,
            weight,
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
        let (features, outputs, block) = (self.features, self.params.outputs, self.block());
        let width = self.params.inputs(features);
        let mut weight = vec![T::zero(); self.weight.len()];
        let (mut inputs, mut gradient) = (Vec::new(), Vec::new());
        let blocks = output
            .chunks(block * outputs)
            .zip(positions.chunks_mut(block * features))
            .zip(base.chunks_mut(block * features));
        for (start, ((output, positions), base)) in (start..).step_by(block).zip(blocks) {
            let rows = start..start + output.len() / outputs;
            self.fill(rows.clone(), &mut inputs);
            let output = Matrix::new(output, outputs);
            multiply(&mut weight, self.matrix(&inputs).transposed(), output, true);
            gradient.resize(rows.len() * width, T::zero());
            multiply(&mut gradient, output, self.weight().transposed(), false);
            let at = &self.positions[rows.start * features..rows.end * features];
            let rows = at.chunks(features).zip(gradient.chunks(width)).zip(
                positions
                    .chunks_mut(features)
                    .zip(base.chunks_mut(features)),
            );
            for ((at, gradient), (positions, base)) in rows {
                let (of_base, of_splines) = gradient.split_at(features);
                base.copy_from_slice(of_base);
                pull_back(at, of_splines, positions, self.params);
            }
        }
        weight
    }

    /// What is multiplied with the weight.
    fn fill(&self, rows: Range<usize>, inputs: &mut Vec<T>) {
        let (features, width) = (self.features, self.params.inputs(self.features));
        inputs.clear();
        inputs.resize(rows.len() * width, T::zero());
        let range = rows.start * features..rows.end * features;
        let (positions, base) = (&self.positions[range.clone()], &self.base[range]);
        for ((positions, base), row) in positions
            .chunks(features)
            .zip(base.chunks(features))
            .zip(inputs.chunks_mut(width))
        {
            let (of_base, of_splines) = row.split_at_mut(features);
            of_base.copy_from_slice(base);
            fill(positions, of_splines, self.params);
        }
    }

    fn rows(&self) -> usize {
        self.positions.len() / self.features
    }

    fn block(&self) -> usize {
        self.rows().div_ceil(PARTS).clamp(ROWS.start, ROWS.end)
    }

    fn matrix<'b>(&self, inputs: &'b [T]) -> Matrix<'b, T> {
        Matrix::new(inputs, self.params.inputs(self.features))
    }

    fn weight(&self) -> Matrix<'a, T> {
        Matrix::new(self.weight, self.params.outputs)
    }
}
