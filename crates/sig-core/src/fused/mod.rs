//! The fused signature of the CPU backends, forwards and backwards, on slices.
//!
//! A vector holds the same number of as many paths as it has lanes, so that nothing is ever moved
//! between lanes and any number of channels runs at full width. The words of a signature form a
//! tree; a chunk of steps is taken down it depth first, and from one step to the next nothing but
//! the terms themselves is carried, in registers. The top level, where most of the work is, is a
//! matrix product over the steps of the chunk.

#![allow(
    clippy::needless_range_loop,
    reason = "loops of constant length over several arrays at once"
)]

mod algebra;
mod backward;
mod blocks;
mod channel;
mod chen;
mod forward;
mod gradient;
mod increments;
mod join;
mod joined;
mod lanes;
mod pages;
mod pairwise;
mod parts;
mod plan;
mod scratch;
mod signature;
mod simd;
mod states;
mod stretches;
mod sweep;
mod transpose;
mod tree;
mod unchecked;
mod windows;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use algebra::{PowerSeriesCall, ProductCall};
pub(crate) use channel::append_channel;
use forward::Paths;
use gradient::Gradient;
use plan::Plan;
use signature::Signature;
pub(crate) use simd::Number;
use tree::Tree;
pub(crate) use windows::WindowsCall;

/// A call: paths `[rows, steps + 1, channels]`, row after row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a, T> {
    pub(crate) paths: &'a [T],
    pub(crate) rows: usize,
    pub(crate) steps: usize,
    pub(crate) channels: usize,
    pub(crate) depth: usize,
    pub(crate) stream: bool,
    pub(crate) inverse: bool,
    /// `[rows, terms]`
    pub(crate) initial: Option<&'a [T]>,
    /// Where each path lies, if not one after another; those with fewer than `steps` rest at their
    /// last point. Gradients are for paths that do not overlap, in ascending order.
    pub(crate) views: Option<&'a [View]>,
}

/// Where a path lies among the numbers of all: its first, and its steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) start: usize,
    pub(crate) steps: usize,
}

impl<T: Number> Call<'_, T> {
    /// The signatures, `[rows, terms]` or, with `stream`, `[rows, steps, terms]`.
    pub(crate) fn signature(&self) -> Vec<T> {
        let call = Signature {
            call: self,
            keeps_states: false,
        };
        simd::dispatch(call).0
    }

    /// The same, and what the sweep can leave to the gradient: the levels below the top after each chunk of
    /// steps, in an order that only [`gradient`](Self::gradient) knows. None where there is nothing to be won or
    /// they would be large.
    pub(crate) fn signature_and_states(&self) -> (Vec<T>, Option<Vec<T>>) {
        simd::dispatch(Signature {
            call: self,
            keeps_states: !self.stream,
        })
    }

    /// The gradients of paths and initial signatures from that of the output, and from the states that the
    /// same call left, if it did.
    pub(crate) fn gradient(&self, output: &[T], states: Option<&[T]>) -> (Vec<T>, Option<Vec<T>>) {
        simd::dispatch(Gradient {
            call: self,
            output,
            states,
        })
    }

    fn plan(&self, lanes: usize, whole: bool) -> Plan {
        let tree = Tree::new(self.channels, self.depth);
        let plan = Plan::new(tree, self.rows, self.steps, whole, lanes, size_of::<T>());
        match self.views {
            Some(views) => plan.with_views(views),
            None => plan,
        }
    }

    fn paths(&self) -> Paths<'_, T> {
        Paths {
            points: self.paths,
            negated: self.inverse,
        }
    }

    fn initial(&self) -> Option<Initial<T>> {
        let mut data = self.initial?.to_vec();
        let tree = Tree::new(self.channels, self.depth);
        if self.inverse {
            words::reverse_words(&tree, &mut data);
        }
        Some(Initial {
            data,
            terms: tree.terms(),
        })
    }
}

/// Initial signatures, their words turned round for an inverse.
struct Initial<T> {
    data: Vec<T>,
    terms: usize,
}

impl<T> Initial<T> {
    /// Where the initial signature of each lane of a group starts: the first parts of paths have one.
    fn offsets(&self, plan: &Plan, group: usize) -> Vec<Option<usize>> {
        let first = group / plan.parts * plan.lanes;
        let offset = |lane: usize| {
            let begins = group.is_multiple_of(plan.parts)
                && lane < plan.lanes_in_all()
                && lane.is_multiple_of(plan.stretches);
            begins.then(|| lane / plan.stretches * self.terms)
        };
        (first..first + plan.lanes).map(offset).collect()
    }
}
