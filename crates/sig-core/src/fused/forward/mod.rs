//! The signature, forwards: a walk over the tree of words, a chunk of steps at a time.

mod extend;
mod group;
mod top;
mod walk;

pub(super) use extend::Extend;
pub(super) use group::{Group, Paths, load_rows};
pub(super) use walk::{run_words, runs};

/// Rows of vectors, a row a step, of which a stretch is written at a time.
pub(crate) struct Level<'a, V> {
    pub(crate) data: &'a mut [V],
    pub(crate) stride: usize,
    /// Where the children of the run start in a row.
    pub(crate) start: usize,
}

impl<V> Level<'_, V> {
    pub(crate) fn none() -> Self {
        Self {
            data: &mut [],
            stride: 0,
            start: 0,
        }
    }

    #[inline(always)]
    pub(crate) fn at(&mut self, step: usize, word: usize, count: usize) -> &mut [V] {
        &mut self.data[step * self.stride + self.start + word..][..count]
    }
}
