//! Parts from their beginnings to their ends, a chunk after another.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::exponential::exponential;
use super::walk::{Walk, room};
use crate::Real;
use crate::cpu::increments::Increments;
use crate::cpu::plan::Plan;
use crate::cpu::schedule::each;
use crate::cpu::scratch::Scratch;
use crate::cpu::tree::Tree;

/// All parts of a plan, up to the depth of `tree`.
#[derive(Clone, Copy)]
pub(crate) struct Sweep<'a, T, S> {
    pub(crate) simd: S,
    pub(crate) plan: &'a Plan,
    pub(crate) tree: &'a Tree,
    pub(crate) paths: &'a [T],
}

impl<T: Real, S: Simd> Sweep<'_, T, S> {
    /// Calls `end` for every part at its end, with its index and its output. The checkpoints on the
    /// way go to their room, which is empty if nobody wants them.
    pub(crate) fn run<P: Send>(
        self,
        outputs: impl Iterator<Item = P>,
        checkpoints: &mut [MaybeUninit<T>],
        end: impl Fn(&mut Forward<T, S>, usize, P) + Sync,
    ) {
        let Self {
            simd,
            plan,
            tree,
            paths,
        } = self;
        each(
            plan.with_checkpoints(outputs, checkpoints),
            plan.cost(),
            || Forward::new(simd, plan, tree, plan.chunk),
            |forward: &mut Forward<T, S>, part, (output, checkpoints)| {
                forward.run(plan, tree, paths, part, checkpoints);
                end(forward, part, output);
            },
        );
    }
}

/// What a thread needs to go through a part, allocated once.
pub(crate) struct Forward<T: Real, S: Simd> {
    simd: S,
    pub(crate) z: Increments<T, S>,
    /// The partial sums of the empty word.
    ones: Scratch<T::Vector<S>>,
    sums: Vec<Scratch<T::Vector<S>>>,
    pub(crate) state: Scratch<T::Vector<S>>,
}

impl<T: Real, S: Simd> Forward<T, S> {
    /// For the words of `tree`, which may be cut lower than that of the plan, and for the
    /// increments of so many steps, at least those of a chunk.
    pub(crate) fn new(simd: S, plan: &Plan, tree: &Tree, steps: usize) -> Self {
        Self {
            simd,
            z: Increments::new(simd, plan, steps),
            ones: Scratch::filled(tree.depth * plan.chunk, T::splat(simd, T::nearest(1.0))),
            sums: room(tree, plan.chunk),
            state: Scratch::new(tree.terms()),
        }
    }

    /// A part from its beginning to its end. The levels below the top after each chunk go to
    /// `checkpoints`, which is empty if nobody wants them.
    fn run(
        &mut self,
        plan: &Plan,
        tree: &Tree,
        paths: &[T],
        part: usize,
        checkpoints: &mut [MaybeUninit<T>],
    ) {
        let spans = plan.spans(part);
        if plan.steps == 1 {
            self.z.read(paths, &spans, (0, 1));
            return self.exponential(tree);
        }
        bytemuck::fill_zeroes(&mut self.state);
        let count = plan.tree.below_top().terms();
        let mut checkpoints = checkpoints.chunks_exact_mut((count * plan.lanes).max(1));
        for chunk in plan.chunks() {
            self.z.read(paths, &spans, chunk);
            self.advance(tree, chunk);
            if let Some(checkpoint) = checkpoints.next() {
                checkpoint.write_copy_of_slice(bytemuck::cast_slice(&self.state[..count]));
            }
        }
    }

    /// The state after the one step that was read.
    pub(crate) fn exponential(&mut self, tree: &Tree) {
        exponential::<T, S>(self.simd, tree, self.z.some(0, 1), &mut self.state);
    }

    /// Brings the state over some steps that were read: the first, and how many.
    pub(crate) fn advance(&mut self, tree: &Tree, (first, count): (usize, usize)) {
        let mut walk = Walk::<T, S> {
            simd: self.simd,
            tree,
            z: self.z.some(first, count),
            state: &mut self.state,
        };
        walk.all(&self.ones, &mut self.sums);
    }
}
