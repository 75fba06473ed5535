//! The walk backwards: down the tree as the signature does, and on the way up from each word its
//! part of the gradients.

use pulp::Simd;

use super::super::forward::{Extend, Sums};
use super::super::increments::Steps;
use super::super::scratch::Scratch;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::extend::ExtendAdjoint;
use super::leaf::LeafAdjoint;

/// Room for the partial sums of the children of a word, and for their gradients.
pub(super) struct Room<V> {
    sums: Scratch<V>,
    gradient: Scratch<V>,
}

impl<V: bytemuck::Pod> Room<V> {
    /// For a word of each level that has grandchildren.
    pub(super) fn each_level(tree: &Tree, steps: usize) -> Vec<Self> {
        let children = |level| tree.channels * (tree.depth - level - 1) * steps;
        (0..tree.depth - 1)
            .map(|level| Self {
                sums: Scratch::new(children(level)),
                gradient: Scratch::new(children(level)),
            })
            .collect()
    }
}

/// A walk over the tree with some increments.
pub(super) struct WalkBack<'a, T: Number, S: Simd> {
    pub(super) simd: S,
    pub(super) tree: &'a Tree,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// All terms below the top before the first step; afterwards of no use.
    pub(super) state: &'a mut [T::Vector<S>],
    /// The gradient of all terms, brought from after the last step to before the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    pub(super) inverses: &'a [T::Vector<S>],
}

impl<T: Number, S: Simd> WalkBack<'_, T, S> {
    /// Walks the whole tree; `ones` are the partial sums of the empty word, and there is room for
    /// their gradient, which nobody wants.
    pub(super) fn all(
        &mut self,
        ones: &[T::Vector<S>],
        ones_gradient: &mut [T::Vector<S>],
        rooms: &mut [Room<T::Vector<S>>],
    ) {
        if self.tree.depth == 1 {
            return self.letters();
        }
        let stride = self.tree.depth;
        let h = Sums::of_empty_word(&ones[..stride * self.z.count()], stride);
        let ones_gradient = &mut ones_gradient[..stride * self.z.count()];
        self.below(0, 0, h, ones_gradient, rooms);
    }

    /// Takes the gradients of all words below a word of a level to the increments and to the
    /// word's partial sums.
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
        let terms = self.tree.offset(level + 1) + word * d;
        let width = d * above * self.z.count();
        let sums = &mut room.sums[..width];
        self.simd.vectorize(Extend::<T, S> {
            simd: self.simd,
            channels: d,
            above,
            z: self.z,
            h,
            state: &mut self.state[terms..][..d],
            out: sums,
        });
        let gradient = &mut room.gradient[..width];
        if above == 1 {
            return self.leaf(level, word, h, h_gradient, sums, gradient);
        }
        for child in 0..d {
            let h = Sums::of_one(sums, d, above, child);
            self.below(level + 1, word * d + child, h, gradient, rooms);
        }
        self.simd.vectorize(ExtendAdjoint::<T, S> {
            simd: self.simd,
            channels: d,
            above,
            z: self.z,
            z_gradient: self.z_gradient,
            h,
            h_gradient,
            child_h_gradient: gradient,
            gradient: &mut self.gradient[terms..][..d],
            inverses: self.inverses,
        });
    }

    fn leaf(
        &mut self,
        level: usize,
        word: usize,
        h: Sums<'_, T::Vector<S>>,
        h_gradient: &mut [T::Vector<S>],
        x: &[T::Vector<S>],
        x_gradient: &mut [T::Vector<S>],
    ) {
        let d = self.tree.channels;
        let children = self.tree.offset(level + 1) + word * d;
        let grandchildren = self.tree.offset(level + 2) + word * d * d;
        let (lower, upper) = self.gradient.split_at_mut(grandchildren);
        self.simd.vectorize(LeafAdjoint::<T, S> {
            simd: self.simd,
            channels: d,
            z: self.z,
            z_gradient: self.z_gradient,
            h,
            h_gradient,
            x,
            x_gradient,
            children: &mut lower[children..][..d],
            grandchildren: &upper[..d * d],
        });
    }

    /// Depth 1: the gradient of the sum is that of every increment.
    fn letters(&mut self) {
        let d = self.tree.channels;
        for z_gradient in self.z_gradient.chunks_exact_mut(d) {
            z_gradient.copy_from_slice(self.gradient);
        }
    }
}
