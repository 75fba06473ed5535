//! The signature, forwards: a walk over the tree of words, a chunk of steps at a time.

mod exponential;
mod extend;
mod extend_twice;
mod group;
mod leaf;
mod walk;

pub(super) use extend::Extend;
pub(super) use group::{Group, Paths};

/// The partial sums of a word, a few vectors a step.
#[derive(Clone, Copy)]
pub(crate) struct Sums<'a, V> {
    /// Those of this word and of others, a row a step.
    pub(crate) data: &'a [V],
    pub(crate) stride: usize,
    /// Where those of this word start in a row.
    pub(crate) start: usize,
}

impl<'a, V> Sums<'a, V> {
    /// Ones, for each of the levels above.
    pub(crate) fn of_empty_word(data: &'a [V], depth: usize) -> Self {
        Self {
            data,
            stride: depth,
            start: 0,
        }
    }

    /// Those of a word, of `[step][word][k]` with `above` numbers each.
    pub(crate) fn of_one(data: &'a [V], words: usize, above: usize, word: usize) -> Self {
        Self {
            data,
            stride: words * above,
            start: word * above,
        }
    }
}
