//! Windows of paths: each is a path of its own, read where it lies.
//!
//! Windows of a similar length are computed together, as long as the longest of them takes: the
//! others rest at their last point, which changes no signature. A point within several windows has
//! a gradient from each, so for the gradient windows are copied out and differentiated as paths of
//! their own first.

use super::gradient::Gradient;
use super::plan::Span;
use super::schedule::each;
use super::signature::Values;
use super::simd::dispatch;
use super::{Signature, Windows};
use crate::{Real, similar_windows};

/// The signatures, `[rows, windows, terms]`.
pub(super) fn values<T: Real>(call: &Windows<'_, T>) -> Vec<T> {
    let of_set = |set: &[usize]| {
        let span = |(row, window): (usize, usize)| Span {
            start: call.first_number(row, window),
            steps: call.windows[window].len() - 1,
        };
        let spans: Vec<Span> = call.members(set).map(span).collect();
        let (values, _) = dispatch(Values {
            call: &call.paths_of(set, call.paths),
            spans: Some(&spans),
            keeps_checkpoints: false,
        });
        values
    };
    let sets = similar_windows(call.windows);
    if let [all] = &sets[..] {
        return of_set(all);
    }
    let terms = call.spec.terms();
    let mut output = vec![T::zeroed(); call.rows * call.windows.len() * terms];
    for set in &sets {
        let values = of_set(set);
        for ((row, window), signature) in call.members(set).zip(values.chunks_exact(terms)) {
            let at = (row * call.windows.len() + window) * terms;
            output[at..][..terms].copy_from_slice(signature);
        }
    }
    output
}

/// The gradient of the paths, from that of the signatures.
pub(super) fn gradient<T: Real>(call: &Windows<'_, T>, output: &[T]) -> Vec<T> {
    let mut gradient = vec![T::zeroed(); call.rows * call.length * call.spec.channels()];
    for set in similar_windows(call.windows) {
        call.add_gradient(&set, output, &mut gradient);
    }
    gradient
}

impl<T: Real> Windows<'_, T> {
    /// What a set of windows adds to the gradient of the paths.
    fn add_gradient(&self, set: &[usize], output: &[T], gradient: &mut [T]) {
        let (d, terms) = (self.spec.channels(), self.spec.terms());
        let own = (self.steps(set) + 1) * d;
        let mut paths = vec![T::zeroed(); self.rows * set.len() * own];
        let mut spans = Vec::with_capacity(self.rows * set.len());
        for ((row, window), path) in self.members(set).zip(paths.chunks_exact_mut(own)) {
            let width = self.windows[window].len() * d;
            path[..width].copy_from_slice(&self.paths[self.first_number(row, window)..][..width]);
            spans.push(Span {
                start: spans.len() * own,
                steps: self.windows[window].len() - 1,
            });
        }
        let mut chosen = Vec::new();
        let output = if set.len() == self.windows.len() {
            output
        } else {
            for (row, window) in self.members(set) {
                let at = (row * self.windows.len() + window) * terms;
                chosen.extend_from_slice(&output[at..][..terms]);
            }
            &chosen
        };
        let of_windows = dispatch(Gradient {
            call: &self.paths_of(set, &paths),
            spans: Some(&spans),
            output,
            checkpoints: None,
        });
        let rows = gradient.chunks_exact_mut(self.length * d);
        let of_rows = of_windows.chunks_exact(set.len() * own);
        each(
            rows.zip(of_rows).collect(),
            of_windows.len(),
            || (),
            |(), _, (row, of_windows)| {
                for (gradient, &window) in of_windows.chunks_exact(own).zip(set) {
                    let range = &self.windows[window];
                    let to = row[range.start * d..range.end * d].iter_mut();
                    to.zip(gradient).for_each(|(to, &from)| *to += from);
                }
            },
        );
    }

    /// The windows of a set as paths that lie somewhere in `paths`.
    fn paths_of<'b>(&self, set: &[usize], paths: &'b [T]) -> Signature<'b, T> {
        Signature {
            spec: self.spec,
            paths,
            rows: self.rows * set.len(),
            steps: self.steps(set),
            stream: false,
        }
    }

    /// Steps of the longest window of a set, at least one: a point alone rests.
    fn steps(&self, set: &[usize]) -> usize {
        let steps = set.iter().map(|&window| self.windows[window].len() - 1);
        steps.fold(1, usize::max)
    }

    /// The windows of a set in each row, with the row.
    fn members(&self, set: &[usize]) -> impl Iterator<Item = (usize, usize)> {
        (0..self.rows).flat_map(move |row| set.iter().map(move |&window| (row, window)))
    }

    /// Where the first point of a window lies.
    fn first_number(&self, row: usize, window: usize) -> usize {
        (row * self.length + self.windows[window].start) * self.spec.channels()
    }
}
