//! The signature, forwards: a walk over the tree of words, a chunk at a time.
//!
//! What an increment `z` adds to a signature of depth `N` is, by Horner, `S_k += (…((z/k + S_1) ⊗
//! z/(k−1) + S_2) ⊗ … + S_{k−1}) ⊗ z`. A word's children are one letter longer. A chunk of steps is
//! taken down this tree depth first ([`walk`]). A word `w` of length `j` has for each level `k > j`
//! its partial Horner sums `h_k(w)`, a few vectors per step, and with them its children go `h_k(wi)
//! = S(wi) + h_k(w) z[i]/(k−j)`, `S(wi) += h_{j+1}(w) z[i]` ([`extend`]). From one step to the next
//! only `S(wi)` is carried, in a register. The two highest levels are one kernel that stores
//! nothing between its first step and its last, a matrix product over time whose left factor is
//! made on the fly ([`leaf`]). All multiply-adds are those of the Horner form, `Σ_{j=2..N} (N−j+1)
//! d^j` per step.
//!
//! The signature of two points is an exponential, one product per word ([`exponential`]). Streams
//! go through the same kernels a step at a time. Few paths of many terms go by themselves, without
//! lanes ([`wide`]).

mod exponential;
mod extend;
mod extend_twice;
mod leaf;
mod sweep;
mod walk;
pub(super) mod wide;

pub(super) use extend::Extend;
pub(super) use sweep::{Forward, Sweep};

/// The partial sums of a word, a few vectors per step.
#[derive(Clone, Copy)]
pub(crate) struct Sums<'a, V> {
    /// Those of this word and of others, a row per step.
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
