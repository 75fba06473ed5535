//! The signature of a path, a chunk of steps after another from its end to its beginning.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::Simd;

use super::extend::{Extend, Letters};
use super::increments::{Increments, Order};
use super::levels::{Layout, SumsOfLevels};
use crate::Real;
use crate::cpu::scratch::Scratch;

/// What a thread needs to go through a path, allocated once.
pub(crate) struct Forward<'a, T: Real, S: Simd> {
    simd: S,
    layout: &'a Layout,
    chunk: usize,
    pub(super) order: Order,
    pub(super) z: Increments<T, S>,
    pub(super) sums: SumsOfLevels<T::Vector<S>>,
    pub(super) state: Scratch<T::Vector<S>>,
}

impl<'a, T: Real, S: Simd> Forward<'a, T, S> {
    /// For chunks of so many steps.
    pub(crate) fn new(simd: S, layout: &'a Layout, chunk: usize, order: Order) -> Self {
        let tree = &layout.tree;
        Self {
            simd,
            layout,
            chunk,
            order,
            z: Increments::new(simd, [tree.channels, tree.depth], chunk, order),
            sums: SumsOfLevels::new(layout, chunk),
            state: Scratch::new(layout.vectors()),
        }
    }

    /// Writes the signature of a path, and the levels below the top after each chunk but the last
    /// to their room, which is empty if nobody wants them.
    pub(crate) fn run(
        &mut self,
        path: &[T],
        signature: &mut [MaybeUninit<T>],
        checkpoints: &mut [MaybeUninit<T>],
    ) {
        let (tree, below_top) = (&self.layout.tree, self.layout.vectors_below_top());
        bytemuck::fill_zeroes(&mut self.state);
        let mut checkpoints = checkpoints.chunks_exact_mut((below_top * self.layout.lanes).max(1));
        for chunk in chunks(steps(path, tree.channels), self.chunk, self.order) {
            self.z.read(points(path, tree.channels, chunk));
            self.advance(tree.depth);
            if let Some(checkpoint) = checkpoints.next() {
                checkpoint.write_copy_of_slice(bytemuck::cast_slice(&self.state[..below_top]));
            }
        }
        // Of a path with fewer steps than others.
        checkpoints.for_each(|rest| rest.fill(MaybeUninit::new(T::zeroed())));
        self.layout.store(&self.state, signature);
    }

    /// Brings the levels up to one of them over the steps that were read.
    pub(super) fn advance(&mut self, levels: usize) {
        let (simd, tree) = (self.simd, &self.layout.tree);
        for level in 1..=levels {
            let (z, state) = (self.z.all(), self.layout.level(&mut self.state, level));
            if level == 1 {
                let out = self.sums.of(1);
                simd.vectorize(Letters::<T, S> {
                    simd,
                    z,
                    state,
                    out,
                });
                continue;
            }
            let (h, out) = self.sums.two(level - 1);
            simd.vectorize(Extend::<T, S> {
                simd,
                width: tree.words(level - 1),
                z,
                h: h.shared(),
                state,
                out,
            });
        }
    }
}

/// Steps of a path.
pub(super) fn steps<T>(path: &[T], channels: usize) -> usize {
    path.len() / channels - 1
}

/// The points of some steps of a path.
pub(super) fn points<T>(path: &[T], channels: usize, steps: Range<usize>) -> &[T] {
    &path[steps.start * channels..(steps.end + 1) * channels]
}

/// The chunks of so many steps, in the order in which they are taken.
pub(super) fn chunks(
    steps: usize,
    chunk: usize,
    order: Order,
) -> impl DoubleEndedIterator<Item = Range<usize>> + ExactSizeIterator + Clone {
    (0..steps.div_ceil(chunk)).map(move |index| {
        let taken = index * chunk..steps.min((index + 1) * chunk);
        match order {
            Order::FromBeginning => taken,
            Order::FromEnd => steps - taken.end..steps - taken.start,
        }
    })
}
