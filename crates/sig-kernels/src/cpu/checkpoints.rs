//! The levels below the top after each chunk. A gradient goes back over the chunks from the last to
//! the first and needs the terms before each. The sweep that makes a signature comes by all of
//! them, so it can leave them to the gradient, which else has to sweep again: to restore what is in
//! between from some 3 % of all steps takes less time than to write and read all of them.

use std::iter;
use std::mem::MaybeUninit;

use bytemuck::Pod;

use super::plan::Plan;

/// Bytes that the checkpoints of a call take at most: beyond, to sweep again is the lesser evil.
pub(super) const MOST_BYTES: usize = 16 << 20;

impl Plan {
    /// Numbers that the checkpoints of a part take, `[chunk][term][lane]`.
    pub(super) fn part_checkpoints(&self) -> usize {
        self.chunks().len() * self.checkpoint()
    }

    fn checkpoint(&self) -> usize {
        self.tree.below_top().terms() * self.lanes
    }

    /// Whether checkpoints are kept, of numbers of so many bytes: where there are any, and they
    /// take no more memory than the paths and signatures themselves.
    fn keeps_checkpoints(&self, bytes: usize) -> bool {
        let numbers = self.part_checkpoints().saturating_mul(self.all_parts());
        let others = self.rows * ((self.steps + 1) * self.tree.channels + self.tree.terms());
        let fits = numbers <= others && numbers.saturating_mul(bytes) <= MOST_BYTES;
        self.tree.depth > 1 && (self.is_cut() || self.chunks().len() > 1) && fits
    }

    /// Numbers that the checkpoints of all parts take, none where they are not kept.
    pub(super) fn checkpoints<T: Pod>(&self) -> usize {
        match self.keeps_checkpoints(size_of::<T>()) {
            true => self.all_parts() * self.part_checkpoints(),
            false => 0,
        }
    }

    /// Each part with its share of the room, empty if that is.
    pub(super) fn with_checkpoints<'a, P, T>(
        &self,
        parts: impl Iterator<Item = P>,
        room: &'a mut [MaybeUninit<T>],
    ) -> Vec<(P, &'a mut [MaybeUninit<T>])> {
        let checkpoints = room
            .chunks_exact_mut(self.part_checkpoints().max(1))
            .chain(iter::repeat_with(|| &mut [][..]));
        parts.zip(checkpoints).collect()
    }

    /// Those of a part, of all; none if there are none.
    pub(super) fn checkpoints_of<'a, T>(&self, all: &'a [T], part: usize) -> &'a [T] {
        match all {
            [] => all,
            _ => &all[part * self.part_checkpoints()..][..self.part_checkpoints()],
        }
    }

    /// The levels below the top at the end of a part.
    pub(super) fn end_of<'a, T>(&self, all: &'a [T], part: usize) -> &'a [T] {
        let end = (part + 1) * self.part_checkpoints();
        &all[end - self.checkpoint()..end]
    }
}
