//! The walk backwards: it goes down the tree as the signature does, and adds each word's part of
//! the gradients on the way up.

use pulp::Simd;

use super::extend::ExtendAdjoint;
use super::leaf::LeafAdjoint;
use super::small_leaf::{SmallLeafAdjoint, Terms, is_small};
use crate::Real;
use crate::cpu::forward::{Extend, Sums};
use crate::cpu::increments::Steps;
use crate::cpu::scratch::Scratch;
use crate::cpu::tiles::WIDEST;
use crate::cpu::tree::Tree;

/// Room for the partial sums of the children of a word, and for their gradients.
pub(super) struct Room<V> {
    sums: Scratch<V>,
    gradient: Scratch<V>,
}

impl<V: bytemuck::Pod> Room<V> {
    /// For a word of each level that has grandchildren; the last of these levels needs none where
    /// its leaves are small.
    pub(super) fn each_level<S: Simd>(tree: &Tree, steps: usize) -> Vec<Self> {
        let children = |level| tree.channels * (tree.depth - level - 1) * steps;
        let without = if is_small::<S>(tree.channels, steps) {
            2
        } else {
            1
        };
        (0..tree.depth.saturating_sub(without))
            .map(|level| Self {
                sums: Scratch::new(children(level)),
                gradient: Scratch::new(children(level)),
            })
            .collect()
    }
}

/// A walk over the tree with some increments.
pub(super) struct WalkBack<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) tree: &'a Tree,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// All terms below the top before the first step; afterwards of no use.
    pub(super) state: &'a mut [T::Vector<S>],
    /// The same after the last step, where that is known. Only the words of `N − 1` letters count,
    /// which small leaves leave in `state` as they are.
    pub(super) after: Option<&'a [T::Vector<S>]>,
    /// The gradient of all terms, brought from after the last step to before the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    pub(super) inverses: &'a [T::Vector<S>],
}

impl<T: Real, S: Simd> WalkBack<'_, T, S> {
    /// Walks the whole tree; `ones` are the partial sums of the empty word, and there is room for
    /// their gradient, which nobody wants.
    pub(super) fn all(
        &mut self,
        ones: &[T::Vector<S>],
        ones_gradient: &mut [T::Vector<S>],
        rooms: &mut [Room<T::Vector<S>>],
    ) {
        let (depth, count) = (self.tree.depth, self.z.count());
        let ones = &ones[..depth * count];
        let ones_gradient = &mut ones_gradient[..depth * count];
        match depth {
            1 => self.letters(),
            2 => self.leaves(0, 0, 1, ones, ones_gradient, rooms),
            _ => self.below(0, 0, Sums::of_empty_word(ones, depth), ones_gradient, rooms),
        }
    }

    /// Takes the gradients of all words below a word of a level at least 3 below the top to the
    /// increments and to the word's partial sums.
    fn below(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        h_gradient: &mut [T::Vector<S>],
        rooms: &mut [Room<T::Vector<S>>],
    ) {
        let (d, above) = (self.tree.channels, self.tree.depth - level - 1);
        let (room, rooms) = rooms.split_first_mut().expect("room for each level");
        let width = d * above * self.z.count();
        let (sums, gradient) = (&mut room.sums[..width], &mut room.gradient[..width]);
        self.extend(level, word, h, sums);
        if above == 2 {
            self.leaves(level + 1, word * d, d, sums, gradient, rooms);
        } else {
            for child in 0..d {
                let h = Sums::of_one(sums, d, above, child);
                self.below(level + 1, word * d + child, h, gradient, rooms);
            }
        }
        self.extend_adjoint(level, word, h, h_gradient, gradient);
    }

    /// From the partial sums of a word to those of its children.
    fn extend(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        out: &mut [T::Vector<S>],
    ) {
        let d = self.tree.channels;
        let children = self.tree.offset(level + 1) + word * d;
        self.simd.vectorize(Extend::<T, S> {
            simd: self.simd,
            channels: d,
            above: self.tree.depth - level - 1,
            z: self.z,
            h,
            state: &mut self.state[children..][..d],
            out,
        });
    }

    /// From the gradients of the partial sums of a word's children to those of its own.
    fn extend_adjoint(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        h_gradient: &mut [T::Vector<S>],
        child_h_gradient: &[T::Vector<S>],
    ) {
        let d = self.tree.channels;
        let children = self.tree.offset(level + 1) + word * d;
        self.simd.vectorize(ExtendAdjoint::<T, S> {
            simd: self.simd,
            channels: d,
            above: self.tree.depth - level - 1,
            z: self.z,
            z_gradient: self.z_gradient,
            h,
            h_gradient,
            child_h_gradient,
            gradient: &mut self.gradient[children..][..d],
            inverses: self.inverses,
        });
    }

    /// Takes the gradients of the children and grandchildren of words of a level two below the top,
    /// which lie one after another, to the increments and to the words' partial sums.
    fn leaves(
        &mut self,
        level: usize,
        first: usize,
        words: usize,
        h: &[T::Vector<S>],
        h_gradient: &mut [T::Vector<S>],
        rooms: &mut [Room<T::Vector<S>>],
    ) {
        let d = self.tree.channels;
        if !is_small::<S>(d, self.z.count()) {
            for word in 0..words {
                let h = Sums::of_one(h, words, 2, word);
                self.leaf(level, first + word, h, h_gradient, &mut rooms[0]);
            }
            return;
        }
        let children = self.tree.offset(level + 1) + first * d;
        let grandchildren = self.tree.offset(level + 2) + first * d * d;
        let (lower, upper) = self.gradient.split_at_mut(grandchildren);
        self.simd.vectorize(SmallLeafAdjoint::<T, S> {
            simd: self.simd,
            channels: d,
            z: self.z,
            z_gradient: self.z_gradient,
            words,
            h,
            h_gradient,
            terms: match self.after {
                Some(after) => Terms::AfterLast(&after[children..][..words * d]),
                None => Terms::BeforeFirst(&self.state[children..][..words * d]),
            },
            children: &mut lower[children..][..words * d],
            grandchildren: &upper[..words * d * d],
        });
    }

    fn leaf(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        h_gradient: &mut [T::Vector<S>],
        room: &mut Room<T::Vector<S>>,
    ) {
        let d = self.tree.channels;
        let width = d * self.z.count();
        let sums = &mut room.sums[..width];
        self.extend(level, word, h, sums);
        let children = self.tree.offset(level + 1) + word * d;
        let grandchildren = self.tree.offset(level + 2) + word * d * d;
        let (lower, upper) = self.gradient.split_at_mut(grandchildren);
        self.simd.vectorize(LeafAdjoint::<T, S> {
            simd: self.simd,
            channels: d,
            z: self.z,
            z_gradient: self.z_gradient,
            h,
            h_gradient: &mut *h_gradient,
            x: sums,
            x_gradient: &mut room.gradient[..width],
            children: &mut lower[children..][..d],
            grandchildren: &upper[..d * d],
        });
        if d > WIDEST {
            self.extend_adjoint(level, word, h, h_gradient, &room.gradient[..width]);
        }
    }

    /// Depth 1: the gradient of the sum is that of every increment.
    fn letters(&mut self) {
        let d = self.tree.channels;
        for z_gradient in self.z_gradient.chunks_exact_mut(d) {
            z_gradient.copy_from_slice(self.gradient);
        }
    }
}
