//! All paths from their beginnings to their ends.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::Initial;
use super::forward::{Group, Paths};
use super::parts::each;
use super::plan::Plan;
use super::simd::Number;
use super::tree::Tree;

/// What is swept, up to the depth of `tree`; the first part of a path goes on from its initial signature.
#[derive(Clone, Copy)]
pub(super) struct Sweep<'a, T, S> {
    pub(super) simd: S,
    pub(super) plan: &'a Plan,
    pub(super) tree: &'a Tree,
    pub(super) paths: Paths<'a, T>,
    pub(super) initial: Option<&'a Initial<T>>,
}

impl<T: Number, S: Simd> Sweep<'_, T, S> {
    /// Calls `end` for every group at its end, with its index and what it writes to. The states on the way go
    /// to `states`, which is empty if nobody wants them.
    pub(super) fn run<P: Send>(
        self,
        outputs: impl Iterator<Item = P>,
        states: &mut [MaybeUninit<T>],
        end: impl Fn(&mut Group<T, S>, usize, P) + Sync,
    ) {
        let Self {
            simd,
            plan,
            tree,
            paths,
            initial,
        } = self;
        each(
            plan.with_states(outputs, states),
            plan.cost(),
            || Group::new(simd, plan, tree, plan.chunk),
            |group: &mut Group<T, S>, index, (output, states)| {
                group.run(plan, tree, paths, initial, index, states);
                end(group, index, output);
            },
        );
    }
}
