//! The walk: depth first, so that what a word leaves for its children is still in the cache when
//! they need it.

use pulp::Simd;

use super::super::increments::Steps;
use super::super::scratch::Scratch;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::Sums;
use super::extend::Extend;
use super::leaf::Leaf;

/// Room for the partial sums of the children of a word, for each level of the word from 0 on.
pub(crate) fn child_sums<V: bytemuck::Pod>(
    tree: &Tree,
    levels: usize,
    steps: usize,
) -> Vec<Scratch<V>> {
    let children = |level| Scratch::new(tree.channels * (tree.depth - level - 1) * steps);
    (0..levels).map(children).collect()
}

/// A walk over the tree with some increments.
pub(crate) struct Walk<'a, T: Number, S: Simd> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    pub(crate) z: Steps<'a, T::Vector<S>>,
    /// All terms, brought from before the first step to after the last.
    pub(crate) state: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> Walk<'_, T, S> {
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
        if above == 2 {
            return self.leaves(level + 1, word * d, d, out);
        }
        for child in 0..d {
            let h = Sums::of_child(out, d, above, child);
            self.below(level + 1, word * d + child, h, sums);
        }
    }

    /// Brings on the children and grandchildren of siblings two levels below the top.
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
        let d = self.tree.channels;
        for z in self.z.rows() {
            for (s, &z) in self.state.iter_mut().zip(&z[..d]) {
                *s = T::add(self.simd, *s, z);
            }
        }
    }
}
