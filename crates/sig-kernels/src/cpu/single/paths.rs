//! Paths that go by themselves: an item of work each.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::backward::Backward;
use super::forward::Forward;
use super::increments::Order;
use super::levels::Layout;
use super::stream::Stream;
use crate::Real;
use crate::cpu::Signature;
use crate::cpu::checkpoints::MOST_BYTES;
use crate::cpu::plan::Span;
use crate::cpu::schedule::each;
use crate::cpu::simd::lanes;
use crate::cpu::tree::Tree;

/// Some paths of a call.
pub(crate) struct Paths<'a, T, S> {
    simd: S,
    call: &'a Signature<'a, T>,
    spans: Option<&'a [Span]>,
    layout: Layout,
    /// Steps of a chunk at most.
    chunk: usize,
}

/// Multiply-adds of vectors that a step takes, those below the top level twice, for they store what
/// they make. What else there is to do in a level takes as long as some more.
pub(crate) fn step_cost(tree: &Tree, lanes: usize) -> usize {
    const OF_A_LEVEL: usize = 10;
    let vectors = |words: usize| words.div_ceil(lanes);
    let level = |level: usize| {
        let rows = match level {
            1 => vectors(tree.channels),
            _ => tree.channels.saturating_mul(vectors(tree.words(level - 1))),
        };
        match tree.depth - level {
            0 => rows,
            above => rows.saturating_mul(2 * (above + 1)),
        }
    };
    (1..=tree.depth)
        .map(|k| level(k).saturating_add(OF_A_LEVEL))
        .fold(0, usize::saturating_add)
}

/// What a step of a stream takes beside its words.
const OF_A_STREAM_STEP: usize = 150;

/// The same of all prefixes: of the children of each word a vector and what it stores.
pub(crate) fn stream_step_cost(tree: &Tree, lanes: usize) -> usize {
    const OF_A_VECTOR: usize = 6;
    let vectors = tree.channels.div_ceil(lanes);
    let level = |k: usize| {
        tree.words(k - 1)
            .saturating_mul(vectors * (tree.depth - k + 1))
    };
    (1..=tree.depth)
        .map(|k| level(k).saturating_mul(OF_A_VECTOR))
        .fold(OF_A_STREAM_STEP, usize::saturating_add)
}

/// That of their gradient: of each term the number that is read where the reversed word is.
pub(crate) fn stream_gradient_step_cost(tree: &Tree, lanes: usize) -> usize {
    const OF_A_TERM: usize = 5;
    step_cost(tree, lanes)
        .saturating_add(OF_A_TERM.saturating_mul(tree.terms()))
        .saturating_add(OF_A_STREAM_STEP)
}

impl<'a, T: Real, S: Simd> Paths<'a, T, S> {
    pub(crate) fn new(
        simd: S,
        tree: Tree,
        call: &'a Signature<'a, T>,
        spans: Option<&'a [Span]>,
    ) -> Self {
        let layout = Layout::new(tree, lanes::<T, S>());
        let chunk = layout.chunk(call.steps, size_of::<T>());
        Self {
            simd,
            call,
            spans,
            layout,
            chunk,
        }
    }

    /// Numbers that the checkpoints of all paths take, none where they are not kept: where there
    /// are any, and they take no more memory than the paths and signatures themselves.
    pub(crate) fn checkpoints(&self) -> usize {
        let all = self.call.rows.saturating_mul(self.checkpoints_of_path());
        let others = self.call.steps * self.call.spec.channels() + self.call.spec.terms();
        let fits = self.checkpoints_of_path() <= others;
        let kept = fits && !self.call.stream && all.saturating_mul(size_of::<T>()) <= MOST_BYTES;
        if kept { all } else { 0 }
    }

    fn checkpoints_of_path(&self) -> usize {
        let chunks = self.call.steps.div_ceil(self.chunk);
        (chunks - 1) * self.layout.vectors_below_top() * self.layout.lanes
    }

    /// Writes the signatures, `[rows, terms]` or, of a stream, `[rows, steps, terms]`, and the
    /// checkpoints if there is room for them.
    pub(crate) fn values(
        &self,
        signatures: &mut [MaybeUninit<T>],
        checkpoints: &mut [MaybeUninit<T>],
    ) {
        if self.call.stream {
            return self.stream(signatures);
        }
        let signatures = signatures.chunks_exact_mut(self.call.spec.terms());
        let mut room = checkpoints.chunks_exact_mut(self.checkpoints_of_path().max(1));
        let items = signatures.map(|signature| (signature, room.next().unwrap_or_default()));
        each(
            items.collect(),
            self.cost(),
            || Forward::<T, S>::new(self.simd, &self.layout, self.chunk, Order::FromEnd),
            |forward: &mut Forward<'_, T, S>, row, (signature, checkpoints)| {
                forward.run(self.path(row), signature, checkpoints);
            },
        );
    }

    /// Writes the gradient of the paths, `[rows, steps + 1, channels]`, from that of the signatures
    /// and from the checkpoints, which may be none.
    pub(crate) fn gradient(
        &self,
        output: &[T],
        checkpoints: &[T],
        gradient: &mut [MaybeUninit<T>],
    ) {
        let (d, terms) = (self.call.spec.channels(), self.call.spec.terms());
        let output_of_path = if self.call.stream {
            self.call.steps * terms
        } else {
            terms
        };
        let of_path = self.checkpoints_of_path();
        let order = match self.call.stream {
            true => Order::FromBeginning,
            false => Order::FromEnd,
        };
        each(
            gradient
                .chunks_exact_mut((self.call.steps + 1) * d)
                .collect(),
            3 * self.cost(),
            || Backward::<T, S>::new(self.simd, &self.layout, self.call.steps, self.chunk, order),
            |backward: &mut Backward<'_, T, S>, row, points: &mut [MaybeUninit<T>]| {
                let given = match checkpoints {
                    [] => checkpoints,
                    all => &all[row * of_path..][..of_path],
                };
                let path = self.path(row);
                let (points, rest) = points.split_at_mut(path.len());
                let output = &output[row * output_of_path..][..output_of_path];
                match self.call.stream {
                    true => backward.run_stream(path, output, points),
                    false => backward.run(path, given, output, points),
                }
                // Of a path with fewer steps than others.
                rest.fill(MaybeUninit::new(T::zeroed()));
            },
        );
    }

    fn stream(&self, signatures: &mut [MaybeUninit<T>]) {
        let row = self.call.steps * self.call.spec.terms();
        each(
            signatures.chunks_exact_mut(row).collect(),
            self.cost(),
            || Stream::<T, S>::new(self.simd, &self.layout, self.chunk),
            |stream: &mut Stream<'_, T, S>, row, signatures: &mut [MaybeUninit<T>]| {
                stream.run(self.path(row), signatures);
            },
        );
    }

    fn path(&self, row: usize) -> &'a [T] {
        Span::of(self.call, self.spans, row).points(self.call)
    }

    fn cost(&self) -> usize {
        step_cost(&self.layout.tree, self.layout.lanes)
            .saturating_mul(self.call.steps)
            .saturating_mul(self.call.rows)
    }
}
