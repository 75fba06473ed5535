//! The walk: depth first, so that what a word leaves for its children is still in the cache when
//! they need it.

use pulp::Simd;

use super::Sums;
use super::extend::Extend;
use super::extend_twice::{ExtendTwice, children_at_once};
use super::leaf::Leaf;
use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use crate::cpu::tree::Tree;

/// Room for the partial sums that a word of each level leaves to those below.
pub(super) fn room<V: bytemuck::Pod>(tree: &Tree, steps: usize) -> Vec<Scratch<V>> {
    let d = tree.channels;
    let sums = |level: usize| match tree.depth - level - 1 {
        above if (tree.depth - level).is_multiple_of(2) => children_at_once(d) * d * (above - 1),
        above => d * above,
    };
    (0..tree.depth.saturating_sub(2))
        .map(|level| Scratch::new(sums(level) * steps))
        .collect()
}

/// A walk over the tree with some increments.
pub(crate) struct Walk<'a, T: Real, S: Simd> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// All terms, brought from before the first step to after the last.
    pub(crate) state: &'a mut [T::Vector<S>],
}

impl<T: Real, S: Simd> Walk<'_, T, S> {
    /// Walks the whole tree; `ones` are the partial sums of the empty word.
    pub(crate) fn all(&mut self, ones: &[T::Vector<S>], sums: &mut [Scratch<T::Vector<S>>]) {
        let depth = self.tree.depth;
        match depth {
            0 => {}
            1 => self.letters(),
            2 => self.leaves(0, 0, 1, &ones[..2 * self.z.count()]),
            _ => {
                let data = &ones[..depth * self.z.count()];
                self.below(0, 0, Sums::of_empty_word(data, depth), sums);
            }
        }
    }

    /// Brings on all words below a word of a level at least 3 below the top.
    fn below(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        sums: &mut [Scratch<T::Vector<S>>],
    ) {
        if (self.tree.depth - level).is_multiple_of(2) {
            self.two_levels(level, word, h, sums);
        } else {
            self.one_level(level, word, h, sums);
        }
    }

    /// What is left between an odd number of levels and the leaves.
    fn one_level(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        sums: &mut [Scratch<T::Vector<S>>],
    ) {
        let (d, above) = (self.tree.channels, self.tree.depth - level - 1);
        let (out, sums) = sums.split_first_mut().expect("room for each such level");
        let terms = self.tree.offset(level + 1) + word * d;
        let out = &mut out[..d * above * self.z.count()];
        self.simd.vectorize(Extend::<T, S> {
            simd: self.simd,
            channels: d,
            above,
            z: self.z,
            h,
            state: &mut self.state[terms..][..d],
            out,
        });
        self.next(level + 1, word * d, d, out, sums);
    }

    fn two_levels(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        sums: &mut [Scratch<T::Vector<S>>],
    ) {
        let (d, above) = (self.tree.channels, self.tree.depth - level - 2);
        let (out, sums) = sums.split_first_mut().expect("room for each such level");
        // That of the level between.
        let sums = &mut sums[1..];
        let count = children_at_once(d);
        let out = &mut out[..count * d * above * self.z.count()];
        for child in (0..d).step_by(count) {
            let first = word * d + child;
            let grandchildren = self.tree.offset(level + 2) + first * d;
            let (lower, upper) = self.state.split_at_mut(grandchildren);
            self.simd.vectorize(ExtendTwice::<T, S> {
                simd: self.simd,
                channels: d,
                child,
                above,
                z: self.z,
                h,
                children: &mut lower[self.tree.offset(level + 1) + first..][..count],
                grandchildren: &mut upper[..count * d],
                out,
            });
            self.next(level + 2, first * d, count * d, out, sums);
        }
    }

    /// Brings on all below some words of a level that lie one after another.
    fn next(
        &mut self,
        level: usize,
        first: usize,
        words: usize,
        h: &[T::Vector<S>],
        sums: &mut [Scratch<T::Vector<S>>],
    ) {
        let above = self.tree.depth - level;
        if above == 2 {
            return self.leaves(level, first, words, h);
        }
        for word in 0..words {
            self.below(
                level,
                first + word,
                Sums::of_one(h, words, above, word),
                sums,
            );
        }
    }

    /// Brings on the children and grandchildren of words two levels below the top.
    fn leaves(&mut self, level: usize, first: usize, words: usize, h: &[T::Vector<S>]) {
        let d = self.tree.channels;
        let children = self.tree.offset(level + 1) + first * d;
        let grandchildren = self.tree.offset(level + 2) + first * d * d;
        let (lower, upper) = self.state.split_at_mut(grandchildren);
        self.simd.vectorize(Leaf::<T, S> {
            simd: self.simd,
            channels: d,
            z: self.z,
            words,
            h,
            children: &mut lower[children..][..words * d],
            grandchildren: &mut upper[..words * d * d],
        });
    }

    /// Depth 1: the increments are summed up.
    fn letters(&mut self) {
        vectorize(
            self.simd,
            #[inline(always)]
            || {
                for z in self.z.rows() {
                    for (s, &z) in self.state.iter_mut().zip(z) {
                        *s = T::plus(self.simd, *s, z);
                    }
                }
            },
        );
    }
}
