//! The signature, forwards: a walk over the tree of words, a chunk of steps at a time.

mod extend;
mod group;
mod leaf;
mod walk;

pub(super) use extend::Extend;
pub(super) use group::{Group, Paths, load_rows};
pub(super) use walk::child_sums;

/// The partial sums of a word, a few vectors a step.
#[derive(Clone, Copy)]
pub(crate) struct Sums<'a, V> {
    /// From those of the first step on.
    pub(crate) data: &'a [V],
    /// From one step to the next.
    pub(crate) stride: usize,
}

impl<'a, V> Sums<'a, V> {
    #[inline(always)]
    pub(crate) fn steps(self) -> impl DoubleEndedIterator<Item = &'a [V]> + ExactSizeIterator {
        self.data.chunks(self.stride)
    }
}
