//! The signature of a window that moves along a stream of points.

mod blocks;
mod stacks;

use core::ops::Range;
use std::collections::VecDeque;

use crate::{Algebra, Real, SignatureSpec};
use blocks::Blocks;
use stacks::Stacks;

/// The signature of a path that grows at its end and is forgotten at its start, on numbers in
/// memory: for a stream that comes in point by point.
///
/// A point that comes in or goes out takes a few Horner steps, whatever the length, and the whole
/// one product of Chen. Nothing is divided by the signature of what was forgotten, so the error
/// does not grow with the age of the stream. For [parts](Self::signature_of) the signatures of
/// blocks of 32, 64, 128, … steps are kept, too.
///
/// ```
/// # use sig_kernels::SignatureQueue;
///
/// let mut queue = SignatureQueue::<f64>::new(2, 2);
/// queue.push_batch(&[9., 9., 0., 0., 1., 0.]);
/// queue.push(&[1., 1.]);
/// queue.pop_front();
/// assert_eq!(queue.signature(), [1., 1., 0.5, 1., 0., 0.5]);
/// assert_eq!(queue.signature_of(0..2), [1., 0., 0.5, 0., 0., 0.]);
/// ```
#[derive(Clone, Debug)]
pub struct SignatureQueue<T: Real> {
    algebra: Algebra<T>,
    /// The points within, one after another.
    points: VecDeque<T>,
    /// Points forgotten so far: the index, in the whole stream, of the first one within.
    forgotten: usize,
    stacks: Stacks<T>,
    blocks: Blocks<T>,
}

impl<T: Real> SignatureQueue<T> {
    /// A queue without points.
    ///
    /// # Panics
    ///
    /// If `channels` or `depth` is 0 or the terms cannot be allocated.
    #[track_caller]
    pub fn new(channels: usize, depth: usize) -> Self {
        let spec = SignatureSpec::new_for("SignatureQueue", channels, depth);
        let mut nothing = Vec::new();
        let granted = nothing.try_reserve_exact(spec.terms());
        assert!(
            granted.is_ok(),
            "SignatureQueue: {} terms ({channels} channels at depth {depth}) cannot be allocated; lower \
             the depth or the number of channels",
            spec.terms()
        );
        nothing.resize(spec.terms(), T::default());
        Self {
            algebra: Algebra::new(spec),
            points: VecDeque::new(),
            forgotten: 0,
            stacks: Stacks::new(nothing.clone()),
            blocks: Blocks::new(nothing),
        }
    }

    /// Channels, depth and the order of the terms.
    pub fn spec(&self) -> SignatureSpec {
        self.algebra.spec()
    }

    /// The number of points within.
    pub fn len(&self) -> usize {
        self.points.len() / self.spec().channels()
    }

    /// Whether there are no points within.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The first point within, which [`pop_front`](Self::pop_front) would forget. With time as a
    /// channel it tells how long a time the window lasts.
    pub fn front(&self) -> Option<Vec<T>> {
        let first = self.points.iter().take(self.spec().channels());
        (!self.is_empty()).then(|| first.copied().collect())
    }

    /// Adds a point at the end.
    ///
    /// # Panics
    ///
    /// If `point.len()` differs from the number of channels.
    #[track_caller]
    pub fn push(&mut self, point: &[T]) {
        let channels = self.spec().channels();
        assert!(
            point.len() == channels,
            "SignatureQueue::push: a point has {channels} numbers (the channels), got {}",
            point.len()
        );
        let length = self.len();
        self.points.extend(point);
        if length > 0 {
            let z = increment(&self.points, channels, length - 1);
            let steps = self.forgotten + length;
            self.stacks.push(&z, &mut self.algebra);
            self.blocks.push(&z, &mut self.algebra);
            self.blocks.finish(steps, self.forgotten, &self.algebra);
        }
    }

    /// Adds points at the end, one after another: `[count, channels]` in C order.
    ///
    /// # Panics
    ///
    /// If the numbers are not those of whole points.
    #[track_caller]
    pub fn push_batch(&mut self, points: &[T]) {
        let channels = self.spec().channels();
        assert!(
            points.len().is_multiple_of(channels),
            "SignatureQueue::push_batch: points have {channels} numbers each (the channels), got \
             {} numbers",
            points.len()
        );
        points
            .chunks_exact(channels)
            .for_each(|point| self.push(point));
    }

    /// Forgets the first point, and returns it.
    pub fn pop_front(&mut self) -> Option<Vec<T>> {
        if self.is_empty() {
            return None;
        }
        let channels = self.spec().channels();
        if self.len() > 1 {
            let increments = (0..self.len() - 1)
                .rev()
                .map(|step| increment(&self.points, channels, step));
            self.stacks.pop(increments, &mut self.algebra);
        }
        self.forgotten += 1;
        self.blocks.forget(self.forgotten);
        let point = self.points.drain(..channels).collect();
        if self.is_empty() {
            // What comes next does not follow on what was here.
            *self = Self::new(self.spec().channels(), self.spec().depth());
        }
        Some(point)
    }

    /// The signature of all points within, `[terms]`: zeros for fewer than two.
    pub fn signature(&self) -> Vec<T> {
        self.stacks.signature(&self.algebra)
    }

    /// The signature of some of the points within, half-open: `start..end` are the points `start`
    /// to `end − 1`, counted from the first within. It takes at most 64 Horner steps and two
    /// products a level of blocks.
    ///
    /// # Panics
    ///
    /// If there are fewer than two points in the range or it is not within the queue.
    #[track_caller]
    pub fn signature_of(&self, range: Range<usize>) -> Vec<T> {
        assert!(
            range.start < range.end && range.len() >= 2 && range.end <= self.len(),
            "SignatureQueue::signature_of: a range must have at least 2 points within 0..{} (the \
             points of the queue), got {range:?}",
            self.len()
        );
        let (mut algebra, channels) = (self.algebra.clone(), self.spec().channels());
        let mut signature = algebra.unit();
        let (mut step, end) = (range.start + self.forgotten, range.end - 1 + self.forgotten);
        while step < end {
            match self.blocks.largest(step, end) {
                Some((steps, block)) => {
                    signature = algebra.product(&signature, block);
                    step += steps;
                }
                None => {
                    let z = increment(&self.points, channels, step - self.forgotten);
                    algebra.append(&mut signature, &z);
                    step += 1;
                }
            }
        }
        signature
    }
}

/// From a point to the next.
fn increment<T: Real>(points: &VecDeque<T>, channels: usize, point: usize) -> Vec<T> {
    let at = point * channels;
    let step = |i: usize| points[at + channels + i] - points[at + i];
    (0..channels).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::tests::MULTIPLICATIONS;

    /// Multiplications of a call.
    fn count(call: impl FnOnce()) -> f64 {
        let before = MULTIPLICATIONS.get();
        call();
        (MULTIPLICATIONS.get() - before) as f64
    }

    /// A point that comes, one that goes and the signature of all: three Horner steps and a
    /// product, and for the blocks a product every 32 steps, 64 steps and so on, whatever the
    /// length of the window.
    #[test]
    fn a_step_costs_the_same_in_any_window() {
        let (channels, depth) = (2, 4);
        let spec = SignatureSpec::new(channels, depth);
        let nothing = || vec![0.0; spec.terms()];
        let z = [1.0; 2];
        let horner = count(|| Algebra::new(spec).append(&mut nothing(), &z));
        let chen = count(|| drop(Algebra::new(spec).product(&nothing(), &nothing())));
        let most = 3.0 * horner + chen + chen / 16.0;
        for window in [64, 640, 6400] {
            let mut queue = SignatureQueue::<f64>::new(channels, depth);
            let point = |t: usize| [0.3, 0.7].map(|speed: f64| (speed * t as f64).sin());
            (0..window).for_each(|t| queue.push(&point(t)));
            let steps = 3 * window;
            let all = count(|| {
                for t in window..window + steps {
                    queue.push(&point(t));
                    queue.pop_front();
                    queue.signature();
                }
            });
            let each = all / steps as f64;
            assert!(
                (0.9 * most..1.02 * most).contains(&each),
                "{each} multiplications a step in a window of {window}, expected {most}"
            );
        }
    }
}
