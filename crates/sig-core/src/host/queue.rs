//! The signature of a window that moves along a stream of points.

use core::ops::Range;
use std::collections::VecDeque;

use super::{Real, Workspace, append, prepend, product};
use crate::SignatureSpec;

/// Steps in a block of the smallest level.
const BLOCK: usize = 32;

/// The signature of a path that grows at its end and is forgotten at its start, on numbers in memory:
/// for a stream that comes in point by point.
///
/// It is a queue of two stacks: the steps in front are kept as the signatures from each of them to the
/// middle, those behind as one signature from the middle on. A point that comes in is one Horner step
/// at the end; when the front is used up, what is behind becomes the front, one Horner step a point.
/// The whole takes one product of Chen. Nothing is divided by the signature of what was forgotten, so
/// that the error does not grow with the age of the stream.
///
/// For [parts](Self::signature_of) blocks of 32, 64, 128, … steps are kept, too.
///
/// ```
/// use sig_core::SignatureQueue;
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
    spec: SignatureSpec,
    /// The points within, one after another.
    points: VecDeque<T>,
    /// Points forgotten so far: the index, in the whole stream, of the first one within.
    forgotten: usize,
    /// The signature from each point before the middle to the middle, that of the first one last.
    front: Vec<Vec<T>>,
    /// The signature from the middle to the end.
    back: Vec<T>,
    /// Blocks of `BLOCK · 2^level` steps that are within, by level.
    blocks: Vec<Blocks<T>>,
    /// The signature of the steps after the last block.
    unfinished: Vec<T>,
    workspace: Workspace<T>,
}

/// Blocks one after another; the first has an index among all that the stream ever had.
#[derive(Clone, Debug)]
struct Blocks<T> {
    first: usize,
    signatures: VecDeque<Vec<T>>,
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
            spec,
            points: VecDeque::new(),
            forgotten: 0,
            front: Vec::new(),
            back: nothing.clone(),
            blocks: Vec::new(),
            unfinished: nothing,
            workspace: Workspace::new(spec),
        }
    }

    /// Channels, depth and the order of the terms.
    pub fn spec(&self) -> SignatureSpec {
        self.spec
    }

    /// Points within.
    pub fn len(&self) -> usize {
        self.points.len() / self.spec.channels()
    }

    /// Whether there are no points within.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Adds a point at the end.
    ///
    /// # Panics
    ///
    /// If it has not as many numbers as there are channels.
    #[track_caller]
    pub fn push(&mut self, point: &[T]) {
        let channels = self.spec.channels();
        assert!(
            point.len() == channels,
            "SignatureQueue::push: a point has {channels} numbers (the channels), got {}",
            point.len()
        );
        let length = self.len();
        self.points.extend(point);
        if length > 0 {
            let z = self.increment(length - 1);
            append(&mut self.back, &z, self.spec, &mut self.workspace);
            append(&mut self.unfinished, &z, self.spec, &mut self.workspace);
            self.finish_block();
        }
    }

    /// Adds points at the end, one after another: `[count, channels]` in C order.
    ///
    /// # Panics
    ///
    /// If the numbers are not those of whole points.
    #[track_caller]
    pub fn push_batch(&mut self, points: &[T]) {
        let channels = self.spec.channels();
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
        if self.len() > 1 {
            if self.front.is_empty() {
                self.turn();
            }
            self.front.pop();
        }
        self.forgotten += 1;
        for (level, blocks) in self.blocks.iter_mut().enumerate() {
            if blocks.first * (BLOCK << level) < self.forgotten && !blocks.signatures.is_empty() {
                blocks.signatures.pop_front();
                blocks.first += 1;
            }
        }
        let point = self.points.drain(..self.spec.channels()).collect();
        if self.is_empty() {
            // What comes next does not follow on what was here.
            *self = Self::new(self.spec.channels(), self.spec.depth());
        }
        Some(point)
    }

    /// The signature of all points within, `[terms]`: zeros for fewer than two.
    pub fn signature(&self) -> Vec<T> {
        match self.front.last() {
            Some(front) => product(front, &self.back, self.spec),
            None => self.back.clone(),
        }
    }

    /// The signature of some of the points within, half-open: `start..end` are the points `start` to
    /// `end − 1`, counted from the first within. It takes at most 64 Horner steps and two products a
    /// level of blocks.
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
        let mut workspace = self.workspace.clone();
        let mut signature = vec![T::default(); self.spec.terms()];
        let (mut step, end) = (range.start + self.forgotten, range.end - 1 + self.forgotten);
        while step < end {
            match self.block(step, end) {
                Some((steps, block)) => {
                    signature = product(&signature, block, self.spec);
                    step += steps;
                }
                None => {
                    let z = self.increment(step - self.forgotten);
                    append(&mut signature, &z, self.spec, &mut workspace);
                    step += 1;
                }
            }
        }
        signature
    }

    /// The largest block kept from a step of the stream on that ends at `end` or before.
    fn block(&self, step: usize, end: usize) -> Option<(usize, &[T])> {
        let levels = self.blocks.iter().enumerate().rev();
        let mut found = levels.filter_map(|(level, blocks)| {
            let steps = BLOCK << level;
            let fits = step.is_multiple_of(steps) && step + steps <= end;
            let index = (step / steps).checked_sub(blocks.first)?;
            let block = blocks.signatures.get(index).filter(|_| fits)?;
            Some((steps, block.as_slice()))
        });
        found.next()
    }

    /// From a point within to the next.
    fn increment(&self, point: usize) -> Vec<T> {
        let channels = self.spec.channels();
        let at = point * channels;
        let step = |i: usize| self.points[at + channels + i] - self.points[at + i];
        (0..channels).map(step).collect()
    }

    /// Makes what is behind the middle the front.
    fn turn(&mut self) {
        let mut signature = vec![T::default(); self.spec.terms()];
        for step in (0..self.len() - 1).rev() {
            let z = self.increment(step);
            prepend(&mut signature, &z, self.spec, &mut self.workspace);
            self.front.push(signature.clone());
        }
        self.back.fill(T::default());
    }

    /// Puts away the block that has just become full, and those it completes.
    fn finish_block(&mut self) {
        let steps = self.forgotten + self.len() - 1;
        if !steps.is_multiple_of(BLOCK) {
            return;
        }
        let nothing = vec![T::default(); self.spec.terms()];
        let mut block = core::mem::replace(&mut self.unfinished, nothing);
        for level in 0.. {
            let size = BLOCK << level;
            let index = steps / size - 1;
            if index * size < self.forgotten {
                // Its start is forgotten: it could never be used.
                return;
            }
            if self.blocks.len() == level {
                self.blocks.push(Blocks {
                    first: index,
                    signatures: VecDeque::new(),
                });
            }
            let blocks = &mut self.blocks[level];
            if blocks.signatures.is_empty() {
                blocks.first = index;
            }
            blocks.signatures.push_back(block);
            if index.is_multiple_of(2) || blocks.signatures.len() < 2 {
                return;
            }
            let last = blocks.signatures.len() - 1;
            let (a, b) = (&blocks.signatures[last - 1], &blocks.signatures[last]);
            block = product(a, b, self.spec);
        }
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::ops::{Add, AddAssign, Mul, Sub};

    use super::*;
    use crate::host::steps::private::Sealed;

    std::thread_local! {
        static PRODUCTS: Cell<usize> = const { Cell::new(0) };
    }

    /// A number that counts how often one is multiplied.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Counted(f64);

    impl Sealed for Counted {}

    impl Real for Counted {
        fn nearest(value: f64) -> Self {
            Self(value)
        }
    }

    impl Add for Counted {
        type Output = Self;
        fn add(self, other: Self) -> Self {
            Self(self.0 + other.0)
        }
    }

    impl AddAssign for Counted {
        fn add_assign(&mut self, other: Self) {
            self.0 += other.0;
        }
    }

    impl Sub for Counted {
        type Output = Self;
        fn sub(self, other: Self) -> Self {
            Self(self.0 - other.0)
        }
    }

    impl Mul for Counted {
        type Output = Self;
        fn mul(self, other: Self) -> Self {
            PRODUCTS.set(PRODUCTS.get() + 1);
            Self(self.0 * other.0)
        }
    }

    /// Multiplications of a call.
    fn count(call: impl FnOnce()) -> f64 {
        let before = PRODUCTS.get();
        call();
        (PRODUCTS.get() - before) as f64
    }

    /// A point that comes, one that goes and the signature of all: three Horner steps and a product, and
    /// for the blocks a product every 32 steps, 64 steps and so on, whatever the length of the window.
    #[test]
    fn a_step_costs_the_same_in_any_window() {
        let (channels, depth) = (2, 4);
        let spec = SignatureSpec::new(channels, depth);
        let nothing = || vec![Counted::default(); spec.terms()];
        let z = [Counted(1.0); 2];
        let horner = count(|| append(&mut nothing(), &z, spec, &mut Workspace::new(spec)));
        let chen = count(|| drop(product(&nothing(), &nothing(), spec)));
        let most = 3.0 * horner + chen + chen / 16.0;
        for window in [64, 640, 6400] {
            let mut queue = SignatureQueue::<Counted>::new(channels, depth);
            let point = |t: usize| [0.3, 0.7].map(|speed| Counted((speed * t as f64).sin()));
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
