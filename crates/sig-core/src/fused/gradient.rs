//! The gradients of the signature of a batch of paths.

use pulp::{Simd, WithSimd};

use super::backward::{Cotangent, GroupBack};
use super::forward::Paths;
use super::join::Segments;
use super::pages;
use super::parts::{cut, each};
use super::plan::Plan;
use super::signature::segments;
use super::simd::{Number, lanes};
use super::words::reverse_words;
use super::{Call, Initial};

/// Of the paths `[rows, steps + 1, channels]`, and of the initial signatures if there are any.
pub(super) struct Gradient<'a, T> {
    pub(super) call: &'a Call<'a, T>,
    /// The gradient of the output.
    pub(super) output: &'a [T],
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
        let joined;
        let output = match plan.segments {
            1 => output,
            _ => {
                joined = segment_gradients(simd, &plan, call.paths(), initial.as_ref(), output);
                &joined
            }
        };
        let (path, initial) = paths(simd, &plan, call, initial.as_ref(), output);
        let initial = initial.map(|mut initial| {
            if call.inverse {
                reverse_words(&plan.tree, &mut initial);
            }
            initial
        });
        (path, initial)
    }
}

/// The gradients of the signatures of all segments.
fn segment_gradients<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    paths: Paths<'_, T>,
    initial: Option<&Initial<T>>,
    output: &[T],
) -> Vec<T> {
    let below_top = plan.tree.below_top();
    let mut joined: Vec<Segments<T>> = Vec::new();
    let mut last = segments(simd, plan, &below_top, paths, initial);
    while last.segments > 1 {
        let next = last.join(simd, &below_top);
        joined.push(last);
        last = next;
    }
    let mut gradient = output.to_vec();
    for segments in joined.into_iter().rev() {
        gradient = segments.join_adjoint(simd, &plan.tree, &gradient);
    }
    gradient
}

fn paths<T: Number, S: Simd>(
    simd: S,
    plan: &Plan,
    call: &Call<'_, T>,
    initial: Option<&Initial<T>>,
    output: &[T],
) -> (Vec<T>, Option<Vec<T>>) {
    let (d, terms) = (plan.tree.channels, plan.tree.terms());
    let points = (plan.steps + 1) * d;
    let output_row = terms * if call.stream { plan.steps } else { 1 };
    let mut path = pages::zeros(plan.rows * points);
    let mut starts = vec![
        T::zeroed();
        if initial.is_some() {
            plan.rows * terms
        } else {
            0
        }
    ];

    // Where the spans of a group end, in points and in rows of the initial signature.
    let last = |group: usize| ((group + 1) * plan.lanes).min(plan.spans());
    let point_end = |group| match last(group) {
        spans if spans == plan.spans() => plan.rows * points,
        spans => plan.group(spans / plan.lanes)[0].start + d,
    };
    let path_parts = cut(&mut path, (0..plan.groups()).map(point_end));
    let start_parts = match initial {
        None => (0..plan.groups()).map(|_| &mut [][..]).collect(),
        Some(_) => {
            let rows = |group| last(group).div_ceil(plan.segments) * terms;
            cut(&mut starts, (0..plan.groups()).map(rows))
        }
    };
    let parts: Vec<_> = path_parts.into_iter().zip(start_parts).collect();

    let scratch = || GroupBack::new(simd, plan, call.stream);
    each(
        parts,
        3 * plan.cost(),
        scratch,
        |back: &mut GroupBack<'_, T, S>, index, part| {
            let (path, starts) = part;
            let spans = plan.group(index);
            let base = match index {
                0 => 0,
                _ => point_end(index - 1),
            };
            let first = index * plan.lanes;
            let rows: Vec<_> = (first..first + plan.lanes)
                .map(|span| (span < plan.spans()).then_some(span * output_row))
                .collect();
            let cotangent = match call.stream {
                false => Cotangent::Last(output, &rows),
                true => Cotangent::Stream(output, &rows),
            };
            let at = initial.map(|initial| (&initial.data[..], initial.offsets(plan, index)));
            let at = at.as_ref().map(|(rows, offsets)| (*rows, &offsets[..]));
            let used = plan.lanes_used(index);
            back.run(call.paths(), &spans, at, &cotangent, (used, path, base));
            if !starts.is_empty() {
                // The rows whose first segment is in this group.
                let lanes = (first..last(index)).filter(|span| span.is_multiple_of(plan.segments));
                let lanes: Vec<usize> = lanes.map(|span| span - first).collect();
                back.store_initial(starts, &lanes);
            }
        },
    );
    simd.vectorize(Differences {
        path: &mut path,
        points,
        channels: d,
        negated: call.inverse,
    });
    (path, initial.map(|_| starts))
}

/// From the gradient of the increment that ends at each point to that of the point, in place.
struct Differences<'a, T> {
    path: &'a mut [T],
    /// Numbers of a path.
    points: usize,
    channels: usize,
    negated: bool,
}

impl<T: Number> WithSimd for Differences<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (zero, last) = (T::zeroed(), self.points - self.channels);
        for row in self.path.chunks_exact_mut(self.points) {
            for i in 0..last {
                let (to, from) = (row[i], row[i + self.channels]);
                row[i] = if self.negated {
                    from.minus(to)
                } else {
                    to.minus(from)
                };
            }
            if self.negated {
                for last in &mut row[last..] {
                    *last = zero.minus(*last);
                }
            }
        }
    }
}
