//! The signatures of a group of lanes, a chunk after another.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::super::Initial;
use super::super::increments::{Increments, ReadIncrements, Span};
use super::super::lanes;
use super::super::plan::Plan;
use super::super::scratch::Scratch;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::exponential::Exponential;
use super::walk::{Walk, room};

/// What a thread needs for a group, allocated once.
pub(crate) struct Group<T: Number, S: Simd> {
    simd: S,
    pub(crate) z: Increments<T::Vector<S>>,
    points: Scratch<T::Vector<S>>,
    /// The partial sums of the empty word.
    ones: Scratch<T::Vector<S>>,
    sums: Vec<Scratch<T::Vector<S>>>,
    pub(crate) state: Scratch<T::Vector<S>>,
}

/// The paths, and whether their increments are negated.
#[derive(Clone, Copy)]
pub(crate) struct Paths<'a, T> {
    pub(crate) points: &'a [T],
    pub(crate) negated: bool,
}

impl<T: Number, S: Simd> Group<T, S> {
    /// For the words of `tree`, which may be cut lower than that of the plan, and for the increments of
    /// so many steps, at least those of a chunk.
    pub(crate) fn new(simd: S, plan: &Plan, tree: &Tree, steps: usize) -> Self {
        let inverse = |c: usize| T::splat(simd, T::from_f64(1.0 / c as f64));
        let inverses = (1..=plan.tree.depth).map(inverse).collect();
        Self {
            simd,
            z: Increments::new(tree.channels, inverses, steps),
            points: Scratch::new(tree.channels * (plan.chunk + 1)),
            ones: Scratch::filled(tree.depth * plan.chunk, T::splat(simd, T::from_f64(1.0))),
            sums: room(tree, plan.chunk),
            state: Scratch::new(tree.terms()),
        }
    }

    /// From the beginning of the lanes of a group, each at its initial signature if it has one, to
    /// their end. The levels below the top after each chunk go to `states`, which is empty if nobody wants them.
    pub(crate) fn run(
        &mut self,
        plan: &Plan,
        tree: &Tree,
        paths: Paths<'_, T>,
        initial: Option<&Initial<T>>,
        index: usize,
        states: &mut [MaybeUninit<T>],
    ) {
        let spans = plan.group(index);
        if plan.single_step(initial) {
            self.read(paths, &spans, (0, 1), tree.channels);
            return self.exponential(tree);
        }
        self.begin(plan, initial, index);
        let count = plan.tree.below_top().terms();
        let mut states = states.chunks_exact_mut((count * plan.lanes).max(1));
        for chunk in plan.chunks() {
            self.read(paths, &spans, chunk, tree.channels);
            self.advance(tree, chunk);
            if let Some(states) = states.next() {
                states.write_copy_of_slice(bytemuck::cast_slice(&self.state[..count]));
            }
        }
    }

    /// The state of every lane of a group before its first step.
    pub(crate) fn begin(&mut self, plan: &Plan, initial: Option<&Initial<T>>, index: usize) {
        match initial {
            Some(initial) => {
                let offsets = initial.offsets(plan, index);
                lanes::load_rows(self.simd, &initial.data, &offsets, &mut self.state);
            }
            None => bytemuck::fill_zeroes(&mut self.state),
        }
    }

    /// Reads the increments of a chunk.
    pub(crate) fn read(
        &mut self,
        paths: Paths<'_, T>,
        spans: &[Span],
        (first, steps): (usize, usize),
        channels: usize,
    ) {
        self.simd.vectorize(ReadIncrements::<T, S> {
            simd: self.simd,
            path: paths.points,
            spans,
            first,
            steps,
            channels,
            negated: paths.negated,
            points: &mut self.points,
            out: &mut self.z,
        });
    }

    /// The state after the one step that was read.
    pub(crate) fn exponential(&mut self, tree: &Tree) {
        self.simd.vectorize(Exponential::<T, S> {
            simd: self.simd,
            tree,
            z: self.z.some(0, 1),
            state: &mut self.state,
        });
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

    /// Writes the state of the lanes into rows.
    pub(crate) fn store_state(&self, rows: &mut [MaybeUninit<T>], offsets: &[usize], lanes: usize) {
        self.simd.vectorize(lanes::Store {
            lanes: bytemuck::cast_slice(&self.state),
            count: lanes,
            rows,
            offsets,
        });
    }
}
