//! A linear recurrence with block-diagonal matrices, forwards and backwards, on slices.
//!
//! Rows are independent and shared out among the threads, so the bits do not depend on their number.

use rayon::prelude::*;

use crate::Real;

/// `y_w = y_{w−1} + A_w y_{w−1}` for block-diagonal `A_w`, along each of many rows.
///
/// ```
/// use sig_kernels::BlockRecurrence;
///
/// // One block of size 2, two windows: a quarter turn each.
/// let changes = [-1., -1., 1., -1., -1., -1., 1., -1.];
/// let recurrence = BlockRecurrence { windows: 2, blocks: 1, size: 2, changes: &changes, initial: &[1., 0.] };
/// assert_eq!(recurrence.states(), [1., 0., 0., 1., -1., 0.]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BlockRecurrence<'a, T> {
    /// The number of windows per row.
    pub windows: usize,
    /// The number of blocks of a matrix.
    pub blocks: usize,
    /// The size of a block.
    pub size: usize,
    /// `A`, `[rows, windows, blocks, size, size]`
    pub changes: &'a [T],
    /// `y_0`, `[rows, blocks size]`
    pub initial: &'a [T],
}

impl<T: Real> BlockRecurrence<'_, T> {
    /// All states, `[rows, windows + 1, blocks size]`.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn states(&self) -> Vec<T> {
        let (width, change) = self.checked();
        let rows = self.initial.len() / width;
        let mut states = vec![T::default(); rows * (self.windows + 1) * width];
        states
            .par_chunks_exact_mut((self.windows + 1) * width)
            .enumerate()
            .for_each(|(row, states)| {
                states[..width].copy_from_slice(&self.initial[row * width..][..width]);
                let changes = &self.changes[row * self.windows * change..][..self.windows * change];
                for (w, change) in changes.chunks_exact(change).enumerate() {
                    let (before, after) = states[w * width..].split_at_mut(width);
                    self.step(change, before, &mut after[..width]);
                }
            });
        states
    }

    /// The gradients of `A` and `y_0`.
    ///
    /// # Arguments
    ///
    /// - `states`: what [`states`](Self::states) gave.
    /// - `output`: the gradient of the states.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn gradients(&self, states: &[T], output: &[T]) -> [Vec<T>; 2] {
        let (width, change) = self.checked();
        let row_states = (self.windows + 1) * width;
        let rows = self.initial.len() / width;
        assert_eq!([states.len(), output.len()], [rows * row_states; 2]);
        let mut of_changes = vec![T::default(); self.changes.len()];
        let mut of_initial = vec![T::default(); self.initial.len()];
        // Chunks of nothing are no chunks.
        if self.windows == 0 {
            return [of_changes, output.to_vec()];
        }
        of_changes
            .par_chunks_exact_mut(self.windows * change)
            .zip(of_initial.par_chunks_exact_mut(width))
            .enumerate()
            .for_each(|(row, (of_changes, of_initial))| {
                let at = row * row_states;
                let (states, output) = (&states[at..][..row_states], &output[at..][..row_states]);
                let mut adjoint = output[self.windows * width..].to_vec();
                let mut before = vec![T::default(); width];
                for w in (0..self.windows).rev() {
                    before.copy_from_slice(&output[w * width..][..width]);
                    let changes = &self.changes[(row * self.windows + w) * change..][..change];
                    let state = &states[w * width..][..width];
                    let of_changes = &mut of_changes[w * change..][..change];
                    self.back(changes, state, &adjoint, of_changes, &mut before);
                    core::mem::swap(&mut adjoint, &mut before);
                }
                of_initial.copy_from_slice(&adjoint);
            });
        [of_changes, of_initial]
    }

    /// The width of a state and the numbers of a matrix.
    fn checked(&self) -> (usize, usize) {
        let (width, change) = (self.blocks * self.size, self.blocks * self.size * self.size);
        assert!(width > 0 && self.initial.len().is_multiple_of(width));
        assert_eq!(
            self.changes.len(),
            self.initial.len() * self.windows * self.size
        );
        (width, change)
    }

    /// `after = before + A before`.
    fn step(&self, change: &[T], before: &[T], after: &mut [T]) {
        let size = self.size;
        let blocks = change.chunks_exact(size * size);
        let ends = before.chunks_exact(size).zip(after.chunks_exact_mut(size));
        for (block, (before, after)) in blocks.zip(ends) {
            for ((row, &start), after) in block.chunks_exact(size).zip(before).zip(after) {
                let mut sum = start;
                row.iter().zip(before).for_each(|(&a, &y)| sum += a * y);
                *after = sum;
            }
        }
    }

    /// `Ā = ā yᵀ` and `before += ā + Aᵀ ā`.
    fn back(
        &self,
        change: &[T],
        state: &[T],
        adjoint: &[T],
        of_change: &mut [T],
        before: &mut [T],
    ) {
        let size = self.size;
        let blocks = change.chunks_exact(size * size);
        let blocks = blocks.zip(of_change.chunks_exact_mut(size * size));
        let ends = state.chunks_exact(size).zip(adjoint.chunks_exact(size));
        let ends = ends.zip(before.chunks_exact_mut(size));
        for ((block, of_block), ((state, adjoint), before)) in blocks.zip(ends) {
            let rows = block
                .chunks_exact(size)
                .zip(of_block.chunks_exact_mut(size));
            before
                .iter_mut()
                .zip(adjoint)
                .for_each(|(before, &adjoint)| *before += adjoint);
            for ((row, of_row), &adjoint) in rows.zip(adjoint) {
                let entries = row.iter().zip(of_row).zip(before.iter_mut().zip(state));
                for ((&a, of_a), (before, &y)) in entries {
                    *of_a = adjoint * y;
                    *before += a * adjoint;
                }
            }
        }
    }
}
