//! The gradients of the signature of a batch of paths.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::backward::{Cotangent, GroupBack, PathGradient};
use super::join::Segments;
use super::pages;
use super::parts::{cut, each};
use super::plan::Plan;
use super::scratch::Scratch;
use super::signature::whole_stretches;
use super::simd::{Number, lanes};
use super::states;
use super::stretches::Parts;
use super::sweep::Sweep;
use super::words::reverse_words;
use super::{Call, Initial};

/// Of the paths `[rows, steps + 1, channels]`, and of the initial signatures if there are any.
pub(super) struct Gradient<'a, T> {
    pub(super) call: &'a Call<'a, T>,
    /// The gradient of the output.
    pub(super) output: &'a [T],
    /// What the signature left.
    pub(super) states: Option<&'a [T]>,
}

impl<T: Number> WithSimd for Gradient<'_, T> {
    type Output = (Vec<T>, Option<Vec<T>>);

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let call = self.call;
        let plan = call.plan(lanes::<T, S>(), call.stream);
        let initial = call.initial();
        let mut reversed;
        let output = match call.inverse {
            false => self.output,
            true => {
                reversed = self.output.to_vec();
                reverse_words(&plan.tree, &mut reversed);
                &reversed
            }
        };
        let (start, below_top) = (initial.as_ref(), plan.tree.below_top());
        // What of a cut path has to be swept anyway leaves its states, too.
        let mut swept = match self.states {
            None if plan.stretches * plan.parts > 1 => plan.room_for_states(),
            _ => Vec::new(),
        };
        let sweep = Sweep {
            simd,
            plan: &plan,
            tree: &below_top,
            paths: call.paths(),
            initial: start,
        };
        let (of_lanes, of_parts);
        let output = match (plan.stretches, plan.parts) {
            (1, 1) => Output::Rows(output),
            (_, 1) => {
                let stretches = match self.states {
                    Some(states) => states::whole_stretches(simd, &plan, states),
                    None => whole_stretches(sweep, &mut swept),
                };
                of_lanes = of_stretches(simd, &plan, stretches, output);
                Output::Rows(&of_lanes)
            }
            _ => {
                let parts = match self.states {
                    Some(states) => Parts::from_states(simd, &plan, states),
                    None => Parts::new(sweep, &mut swept),
                };
                let output = of_stretches(simd, &plan, parts.join(&plan), output);
                of_parts = parts.join_adjoint(&plan, &output);
                Output::Lanes(&of_parts)
            }
        };
        // SAFETY: where there is room for them, every group stored its states.
        let swept = unsafe { pages::written(swept) };
        let states = self.states.unwrap_or(&swept);
        let (path, initial) = paths(simd, &plan, call, start, states, output);
        let initial = initial.map(|mut initial| {
            if call.inverse {
                reverse_words(&plan.tree, &mut initial);
            }
            initial
        });
        (path, initial)
    }
}

/// The gradients of the signatures of all stretches from those of the paths; of the stretches the
/// levels below the top.
fn of_stretches<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    mut stretches: Segments<T>,
    output: &[T],
) -> Vec<T> {
    let below_top = plan.tree.below_top();
    let mut joined: Vec<Segments<T>> = Vec::new();
    while stretches.segments > 1 {
        let next = stretches.join(simd, &below_top);
        joined.push(stretches);
        stretches = next;
    }
    let mut gradient = output.to_vec();
    for segments in joined.into_iter().rev() {
        gradient = segments.join_adjoint(simd, &plan.tree, &gradient);
    }
    gradient
}

/// The gradients of what the lanes come to.
enum Output<'a, T, V> {
    /// `[lane][term]`, of all lanes; of a stream, `[lane][step][term]`.
    Rows(&'a [T]),
    /// `[group][term]`, vectors.
    Lanes(&'a [V]),
}

fn paths<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    call: &Call<'_, T>,
    initial: Option<&Initial<T>>,
    states: &[T],
    output: Output<'_, T, T::Vector<S>>,
) -> (Vec<T>, Option<Vec<T>>) {
    let (d, terms) = (plan.tree.channels, plan.tree.terms());
    let points_of_row = (plan.steps + 1) * d;
    let row = terms * if call.stream { plan.steps } else { 1 };
    let mut path = pages::unwritten(plan.rows * points_of_row);
    let mut heads: Scratch<T::Vector<S>> = Scratch::new(plan.groups() * d);
    let starts = if initial.is_some() {
        plan.rows * terms
    } else {
        0
    };
    let mut starts = vec![T::zeroed(); starts];

    let last = |block: usize| ((block + 1) * plan.lanes).min(plan.lanes_in_all());
    let points = points_of_lanes(plan, &mut path);
    let mut start_parts = cut(
        &mut starts,
        (0..plan.blocks()).map(|block| match initial {
            Some(_) => last(block).div_ceil(plan.stretches) * terms,
            None => 0,
        }),
    )
    .into_iter();
    // The first part of a block has the beginnings of its paths.
    let start_part = |group: usize| match group.is_multiple_of(plan.parts) {
        true => start_parts.next().expect("one for each block"),
        false => &mut [],
    };
    let starts_of_groups = (0..plan.groups()).map(start_part);
    let points = points.into_iter().zip(heads.chunks_exact_mut(d));
    let work: Vec<_> = points.zip(starts_of_groups).collect();

    each(
        work,
        3 * plan.cost(),
        || GroupBack::new(simd, plan, call.stream, !states.is_empty()),
        |back: &mut GroupBack<'_, T, S>, index, ((mut points, heads), starts)| {
            let first = index / plan.parts * plan.lanes;
            let rows: Vec<_> = (first..first + plan.lanes)
                .map(|lane| (lane < plan.lanes_in_all()).then_some(lane * row))
                .collect();
            let cotangent = match output {
                Output::Lanes(output) => Cotangent::Lanes(&output[index * terms..][..terms]),
                Output::Rows(output) if call.stream => Cotangent::Stream(output, &rows),
                Output::Rows(output) => Cotangent::Rows(output, &rows),
            };
            let to = PathGradient {
                points: &mut points,
                heads,
            };
            let states = match states {
                [] => states,
                _ => &states[index * plan.states_of_group()..][..plan.states_of_group()],
            };
            back.run(call.paths(), index, initial, states, &cotangent, to);
            if let Some(initial) = initial {
                let offsets = initial.offsets(plan, index);
                let base = offsets.iter().flatten().next().copied().unwrap_or(0);
                let offsets: Vec<_> = offsets.iter().map(|at| at.map(|at| at - base)).collect();
                back.store_initial(starts, &offsets);
            }
        },
    );
    for row in 0..plan.rows {
        path[row * points_of_row..][..d].fill(MaybeUninit::new(T::zeroed()));
    }
    // SAFETY: the first points were just written, and every group wrote the others of its spans.
    let mut path = unsafe { pages::written(path) };
    add_heads(plan, bytemuck::cast_slice(&heads), &mut path);
    (path, initial.map(|_| starts))
}

/// The points after the first of each lane's span, for each group.
fn points_of_lanes<'a, T: Number>(
    plan: &Plan,
    path: &'a mut [MaybeUninit<T>],
) -> Vec<Vec<&'a mut [MaybeUninit<T>]>> {
    let d = plan.tree.channels;
    let room = || Vec::with_capacity(plan.lanes);
    let mut groups: Vec<Vec<_>> = (0..plan.groups()).map(|_| room()).collect();
    let rows = path.chunks_exact_mut((plan.steps + 1) * d);
    for (row, points) in rows.enumerate() {
        let mut rest = &mut points[d..];
        for stretch in 0..plan.stretches {
            let lane = row * plan.stretches + stretch;
            for part in 0..plan.parts {
                let (here, after) = rest.split_at_mut(plan.span(lane, part).steps * d);
                groups[lane / plan.lanes * plan.parts + part].push(here);
                rest = after;
            }
        }
        // Of a path with fewer steps than others.
        rest.fill(MaybeUninit::new(T::zeroed()));
    }
    groups
}

/// Adds what comes to the first point of each span from its first step; `heads` is
/// `[group][channel][lane]`.
fn add_heads<T: Number>(plan: &Plan, heads: &[T], path: &mut [T]) {
    let d = plan.tree.channels;
    for lane in 0..plan.lanes_in_all() {
        for part in 0..plan.parts {
            let span = plan.span(lane, part);
            if span.steps == 0 {
                continue;
            }
            let group = lane / plan.lanes * plan.parts + part;
            let heads = heads[group * d * plan.lanes + lane % plan.lanes..].iter();
            let heads = heads.step_by(plan.lanes);
            for (at, &head) in path[span.start..][..d].iter_mut().zip(heads) {
                *at = at.plus(head);
            }
        }
    }
}
