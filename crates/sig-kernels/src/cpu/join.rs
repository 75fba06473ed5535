//! Paths that were cut, joined by Chen's identity `S(x * y) = S(x) ⊗ S(y)`, and the way back.
//!
//! There are two joins. *Across threads*, the parts of a group are multiplied lane by lane:
//! forwards, two neighbours as soon as both are there ([`pairwise`](super::pairwise)). *Within
//! lanes*, the segments of a path, which lie beside each other, are multiplied two by two, with the
//! vectors shifted by 1, 2, 4, … lanes: the first lane of a path ends with the whole.
//!
//! The gradient needs the factors of every product. Those of the parts are the parts themselves and
//! all their prefixes; those of the segments are made again in the same rounds.

use std::mem::{MaybeUninit, swap};

use pulp::Simd;

use super::chen;
use super::forward::Sweep;
use super::lanes::load_rows;
use super::plan::Plan;
use super::schedule::each;
use super::scratch::Scratch;
use super::simd::lanes;
use super::tree::Tree;
use crate::Real;

/// `left ⊗ right` in every lane.
pub(super) fn product<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    left: &[T::Vector<S>],
    right: &[T::Vector<S>],
) -> Scratch<T::Vector<S>> {
    let mut out = Scratch::new(tree.terms());
    chen::product::<T, S>(simd, tree, [left, right], &mut out);
    out
}

/// The signatures of paths, each in the lane of its first segment, from those of the segments.
pub(super) fn within_lanes<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    segments: usize,
    mut whole: Scratch<T::Vector<S>>,
) -> Scratch<T::Vector<S>> {
    for round in Round::all::<T, S>(segments) {
        whole = product::<T, S>(simd, tree, &whole, &round.right_of::<T, _>(&whole));
    }
    whole
}

/// The levels below the top at the end of each part, `[part][term]`, with the checkpoints on the
/// way if there is room for them.
pub(super) fn swept_ends<T: Real, S: Simd>(
    sweep: Sweep<'_, T, S>,
    checkpoints: &mut [MaybeUninit<T>],
) -> Scratch<T::Vector<S>> {
    let terms = sweep.tree.terms();
    let mut ends = Scratch::new(sweep.plan.all_parts() * terms);
    let parts = ends.chunks_mut(terms.max(1));
    // Without terms there are none, and nothing is swept.
    sweep.run(parts, checkpoints, |forward, _, end| {
        end.copy_from_slice(&forward.state);
    });
    ends
}

/// The same from the checkpoints that were kept.
pub(super) fn kept_ends<T: Real, S: Simd>(plan: &Plan, checkpoints: &[T]) -> Scratch<T::Vector<S>> {
    let terms = plan.tree.below_top().terms();
    let mut ends = Scratch::new(plan.all_parts() * terms);
    for (part, end) in ends.chunks_exact_mut(terms).enumerate() {
        bytemuck::cast_slice_mut(end).copy_from_slice(plan.end_of(checkpoints, part));
    }
    ends
}

/// The gradients of all terms of the parts, `[part][term]`, from those of the paths, `[row][term]`.
pub(super) fn adjoint<T: Real, S: Simd>(
    simd: S,
    plan: &Plan,
    ends: &[T::Vector<S>],
    output: &[T],
) -> Scratch<T::Vector<S>> {
    let (tree, below_top) = (&plan.tree, plan.tree.below_top());
    let terms = tree.terms();
    let mut gradients = Scratch::new(plan.all_parts() * terms);
    let groups = gradients.chunks_exact_mut(plan.parts * terms).collect();
    each(
        groups,
        3 * plan.all_parts() * tree.product_cost(),
        || [(); 3].map(|()| Scratch::new(terms)),
        |[gradient, of_left, of_right], group, parts: &mut [T::Vector<S>]| {
            let end = |part: usize| {
                let at = (group * plan.parts + part) * below_top.terms();
                &ends[at..][..below_top.terms()]
            };
            let mut prefixes = vec![Scratch::copy_of(end(0))];
            for part in 1..plan.parts {
                prefixes.push(product::<T, S>(
                    simd,
                    &below_top,
                    &prefixes[part - 1],
                    end(part),
                ));
            }
            let mut whole = prefixes.pop().expect("that of all parts");
            let mut rounds = Vec::new();
            for round in Round::all::<T, S>(plan.segments) {
                let right = round.right_of::<T, _>(&whole);
                let joined = product::<T, S>(simd, &below_top, &whole, &right);
                rounds.push((round, whole, right));
                whole = joined;
            }

            let offsets = plan.row_of_each_lane(group).map(|row| row * terms);
            load_rows(simd, output, &offsets.collect::<Vec<_>>(), gradient);
            for (round, left, right) in rounds.iter().rev() {
                let gradients = [&mut of_left[..], of_right];
                chen::product_adjoint::<T, S>(simd, tree, [left, right], gradient, gradients);
                round.give_to_right::<T, _>(of_right, of_left);
                swap(gradient, of_left);
            }
            for part in (1..plan.parts).rev() {
                let factors = [&prefixes[part - 1], end(part)];
                let gradients = [&mut of_left[..], &mut parts[part * terms..][..terms]];
                chen::product_adjoint::<T, S>(simd, tree, factors, gradient, gradients);
                swap(gradient, of_left);
            }
            parts[..terms].copy_from_slice(gradient);
        },
    );
    gradients
}

/// A round of joins within lanes: the lane of a first of two neighbours takes what the other has,
/// some lanes to the right.
#[derive(Clone, Copy)]
struct Round {
    lanes: usize,
    segments: usize,
    apart: usize,
}

impl Round {
    fn all<T: Real, S: Simd>(segments: usize) -> impl Iterator<Item = Self> {
        let rounds = segments.next_power_of_two().ilog2();
        (0..rounds).map(move |round| Self {
            lanes: lanes::<T, S>(),
            segments,
            apart: 1 << round,
        })
    }

    /// The lanes that take something, and whether there is anything to take.
    fn first_lanes(self) -> impl Iterator<Item = (usize, bool)> {
        let all = 0..self.lanes / self.segments * self.segments;
        let firsts = all.filter(move |lane| (lane % self.segments).is_multiple_of(2 * self.apart));
        firsts.map(move |lane| (lane, lane % self.segments + self.apart < self.segments))
    }

    /// For each lane that takes something the signature that it takes, that of a point where there
    /// is none; of no use in other lanes.
    fn right_of<T: Real, V: bytemuck::Pod>(self, signatures: &[V]) -> Scratch<V> {
        let mut right = Scratch::new(signatures.len());
        let from: &[T] = bytemuck::cast_slice(signatures);
        let to: &mut [T] = bytemuck::cast_slice_mut(&mut right);
        let kept = from.len().saturating_sub(self.apart);
        to[..kept].copy_from_slice(&from[from.len() - kept..]);
        to[kept..].fill(T::zeroed());
        for (lane, _) in self.first_lanes().filter(|(_, takes)| !takes) {
            let numbers = to.iter_mut().skip(lane).step_by(self.lanes);
            numbers.for_each(|number| *number = T::zeroed());
        }
        right
    }

    /// Brings the gradients of what was taken to the lanes it was taken from.
    fn give_to_right<T: Real, V: bytemuck::Pod>(self, taken: &[V], gradients: &mut [V]) {
        let from: &[T] = bytemuck::cast_slice(taken);
        let to: &mut [T] = bytemuck::cast_slice_mut(gradients);
        let first_lanes: Vec<usize> = self
            .first_lanes()
            .filter_map(|(lane, takes)| takes.then_some(lane))
            .collect();
        let vectors = from.chunks_exact(self.lanes);
        for (from, to) in vectors.zip(to.chunks_exact_mut(self.lanes)) {
            for &lane in &first_lanes {
                to[lane + self.apart] = from[lane];
            }
        }
    }
}
