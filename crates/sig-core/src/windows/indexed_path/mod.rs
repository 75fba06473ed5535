//! Signatures of many intervals of one long path.

mod cover;
mod pieces;

use core::ops::{Bound, Range, RangeBounds};

use burn::tensor::{DType, Tensor};

use crate::algebra::product;
use crate::check::{Problem, assert_fits};
use crate::devices::on_host;
use crate::logsignatures::LogSignatureBasis;
use crate::logsignatures::log_signatures;
use crate::operation::SignatureWindows;
use crate::series::{rounded, widened};
use crate::signatures::{SignatureMethod, SignatureOptions, SignatureSpec};
use crate::windows::of_ranges;
use cover::Cover;
use pieces::Pieces;

/// Steps in a block of the lowest level.
const BLOCK: usize = 32;

/// Numbers of the signatures that are put together at once on the CPU, so that they stay in its
/// cache from block to block.
const NUMBERS_AT_ONCE: usize = 1 << 16;

/// A batch of paths whose parts are asked for: the signature of any interval of points, in a time
/// that grows with the logarithm of its length, and more points as they come.
///
/// It keeps the signatures of blocks of 32, 64, 128, … steps, twice as many numbers as the blocks
/// of 32 have. An interval is the product of what is before its first block, of at most two blocks
/// a level, and of what is after the last. Nothing is divided by the signature of what came before,
/// as signatory's `Path` does, so that the error does not grow with what is not in the interval.
///
/// Everything is a chain of tensor operations: on a device with autodiff all results have gradients
/// in the points. f16 and bf16 are computed in f32.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::windows::IndexedPath;
///
/// let device = Device::flex();
/// let points = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let mut path = IndexedPath::new(points, 2);
/// path.update(Tensor::from_floats([[[2., 1.]]], &device));
/// let parts = path.signatures(&[0..3, 1..4]).into_data();
/// let expected = [1., 1., 0.5, 1., 0., 0.5, 1., 1., 0.5, 0., 1., 0.5];
/// assert_eq!(parts.try_to_vec::<f32>().unwrap(), expected);
/// ```
#[derive(Clone, Debug)]
pub struct IndexedPath {
    spec: SignatureSpec,
    dtype: DType,
    /// `[batch, length, channels]`, a half in f32.
    points: Pieces,
    /// The signatures of the blocks of `BLOCK · 2^level` steps, behind that of a point,
    /// `[batch, 1 + blocks, terms]`.
    blocks: Vec<Pieces>,
}

impl IndexedPath {
    /// Paths whose parts can be asked for.
    ///
    /// # Arguments
    ///
    /// - `path`: points, in order.
    /// - `depth`: the last level kept, at least 1.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    ///
    /// # Panics
    ///
    /// As [`signature`](crate::signatures::signature).
    #[track_caller]
    pub fn new(path: Tensor<3>, depth: usize) -> Self {
        let spec = Problem::new("IndexedPath", &path, depth, &SignatureOptions::new(), false).spec;
        let dtype = path.dtype();
        let mut new = Self {
            spec,
            dtype,
            points: Pieces::new(widened(path)),
            blocks: Vec::new(),
        };
        new.add_blocks();
        new
    }

    /// Channels, depth and the order of the terms.
    pub fn spec(&self) -> SignatureSpec {
        self.spec
    }

    /// Points of each path.
    pub fn length(&self) -> usize {
        self.points.length()
    }

    /// The points, `[batch, length, channels]`.
    pub fn points(&self) -> Tensor<3> {
        rounded(self.points.whole(), self.dtype)
    }

    /// Adds points at the end of each path. Only the blocks that this completes are computed: the
    /// time is `O(points added · log length)`, averaged over updates.
    ///
    /// # Shapes
    ///
    /// - points: `[batch, count, channels]`
    ///
    /// # Panics
    ///
    /// If batch, channels or dtype are not those of the paths.
    #[track_caller]
    pub fn update(&mut self, points: Tensor<3>) {
        let ([batch, _, channels], [b, count, c]) = (self.points.dims(), points.dims());
        assert!(
            [b, c] == [batch, channels] && points.dtype() == self.dtype,
            "IndexedPath::update: the points must have the shape [batch, count, channels] = [{batch}, \
             count, {channels}] and the dtype of the path, {:?}, got [{b}, {count}, {c}] and {:?}",
            self.dtype,
            points.dtype()
        );
        if count > 0 {
            self.points.push(widened(points));
            self.add_blocks();
        }
    }

    /// The signature of an interval, half-open in points: `start..end` are the points from `start`
    /// to `end − 1`.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, terms]`
    ///
    /// # Panics
    ///
    /// If the interval has fewer than two points or is not within the path.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use burn_sig::{logsignatures::LogSignatureBasis, windows::IndexedPath};
    ///
    /// let path = IndexedPath::new(Tensor::<3>::ones([8, 100, 2], &Device::flex()), 3);
    /// assert_eq!(path.signature(20..50).dims(), [8, 14]);
    /// assert_eq!(path.signature(..).dims(), [8, 14]); // the whole path
    /// assert_eq!(path.logsignature(50.., LogSignatureBasis::Words).dims(), [8, 5]);
    /// ```
    #[track_caller]
    pub fn signature(&self, interval: impl RangeBounds<usize>) -> Tensor<2> {
        self.signatures(&[self.bounded(interval)]).squeeze_dim(1)
    }

    /// The log-signature of an interval, as [`signature`](Self::signature).
    ///
    /// # Shapes
    ///
    /// - output: `[batch, n]` with `n =`
    ///   [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
    ///
    /// # Panics
    ///
    /// As [`signature`](Self::signature).
    #[track_caller]
    pub fn logsignature(
        &self,
        interval: impl RangeBounds<usize>,
        basis: LogSignatureBasis,
    ) -> Tensor<2> {
        self.logsignatures(&[self.bounded(interval)], basis)
            .squeeze_dim(1)
    }

    /// With both ends, `..` is the whole path.
    fn bounded(&self, interval: impl RangeBounds<usize>) -> Range<usize> {
        let start = match interval.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match interval.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.length(),
        };
        start..end
    }

    /// The signatures of intervals, half-open in points, all at once.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, intervals, terms]`
    ///
    /// # Panics
    ///
    /// If an interval has fewer than two points or is not within the path.
    #[track_caller]
    pub fn signatures(&self, intervals: &[Range<usize>]) -> Tensor<3> {
        rounded(self.in_f32_at_least(intervals), self.dtype)
    }

    /// The log-signatures of intervals.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, intervals, n]` with `n =`
    ///   [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
    ///
    /// # Panics
    ///
    /// As [`signatures`](Self::signatures).
    #[track_caller]
    pub fn logsignatures(&self, intervals: &[Range<usize>], basis: LogSignatureBasis) -> Tensor<3> {
        let signatures = self.in_f32_at_least(intervals);
        rounded(log_signatures(signatures, self.spec, basis), self.dtype)
    }

    #[track_caller]
    fn in_f32_at_least(&self, intervals: &[Range<usize>]) -> Tensor<3> {
        let [batch, length, _] = self.points.dims();
        for (i, range) in intervals.iter().enumerate() {
            let which = match intervals.len() {
                1 => String::new(),
                _ => format!(", of index {i},"),
            };
            assert!(
                range.len() >= 2 && range.end <= length,
                "IndexedPath: the interval {range:?}{which} must have at least 2 points within \
                 0..{length} (axis 1 of the path)"
            );
        }
        let (count, terms) = (intervals.len(), self.spec.terms());
        let target = (&self.points.device(), self.points.dtype());
        if batch * count == 0 {
            return Tensor::zeros([batch, count, terms], target);
        }
        assert_fits("IndexedPath", [batch, count, terms], target);
        let at_once = if on_host(&self.points.device()) {
            (NUMBERS_AT_ONCE / (batch * terms)).max(1)
        } else {
            count
        };
        let some = |intervals: &[Range<usize>]| {
            let shape = [batch, intervals.len(), terms];
            self.of_intervals(intervals).reshape(shape)
        };
        let mut parts: Vec<Tensor<3>> = intervals.chunks(at_once).map(some).collect();
        match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 1),
        }
    }

    /// The signatures of some intervals, `[batch · intervals, terms]`.
    fn of_intervals(&self, intervals: &[Range<usize>]) -> Tensor<2> {
        let covers: Vec<Cover> = intervals
            .iter()
            .map(|range| Cover::of(range, self.blocks.len()))
            .collect();
        // From the outside to the inside: what is before on its right, what is after on its left.
        let before = covers.iter().map(|cover| cover.before.clone());
        let mut before = self.of_points(before.collect());
        let after = covers.iter().map(|cover| cover.after.clone());
        let mut after = self.of_points(after.collect());
        for (level, blocks) in self.blocks.iter().enumerate() {
            let chosen = |side: usize| -> Option<Tensor<2>> {
                let chosen = covers.iter().map(|cover| cover.blocks[level][side]);
                let chosen: Vec<Option<usize>> = chosen.collect();
                let any = chosen.iter().any(Option::is_some);
                any.then(|| one_each(blocks, &chosen))
            };
            if let Some(blocks) = chosen(0) {
                before = self.product(before, blocks);
            }
            if let Some(blocks) = chosen(1) {
                after = self.product(blocks, after);
            }
        }
        self.product(before, after)
    }

    /// The signatures of short ranges of points, `[batch · ranges, terms]`; of one point, zeros.
    fn of_points(&self, ranges: Vec<Range<usize>>) -> Tensor<2> {
        let (points, ranges) = self.points.ranges(ranges);
        self.of_ranges(points, ranges)
    }

    fn of_ranges(&self, points: Tensor<3>, ranges: Vec<Range<usize>>) -> Tensor<2> {
        let ([batch, _, _], count) = (points.dims(), ranges.len());
        let device = points.device();
        let windows = SignatureWindows {
            depth: self.spec.depth(),
            method: SignatureMethod::Auto.resolve(&device, self.spec, batch * count, BLOCK),
            windows: ranges,
        };
        let signatures = of_ranges(points, windows);
        signatures.reshape([batch * count, self.spec.terms()])
    }

    fn product(&self, a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
        product(a, b, self.spec)
    }

    /// Computes the blocks that are complete and not there yet.
    fn add_blocks(&mut self) {
        let [batch, length, _] = self.points.dims();
        let terms = self.spec.terms();
        let have = self.blocks.first().map_or(0, count);
        let complete = (length - 1) / BLOCK;
        if complete == have || batch == 0 {
            return;
        }
        let points = self.points.slice(have * BLOCK..complete * BLOCK + 1);
        let ranges = (0..complete - have).map(|block| block * BLOCK..(block + 1) * BLOCK + 1);
        let new = self.of_ranges(points, ranges.collect());
        let mut new: Tensor<3> = new.reshape([batch, complete - have, terms]);
        for level in 0.. {
            if level == self.blocks.len() {
                let target = (&new.device(), new.dtype());
                let point = Tensor::zeros([batch, 1, terms], target);
                self.blocks.push(Pieces::new(point));
            }
            self.blocks[level].push(new);
            let below = &self.blocks[level];
            let have = self.blocks.get(level + 1).map_or(0, count);
            let pairs = count(below) / 2 - have;
            if pairs == 0 {
                return;
            }
            let one = |which: usize| {
                let pair = below.slice(1 + 2 * have..1 + 2 * (have + pairs));
                let pair = pair.reshape([batch, pairs, 2, terms]);
                let one = pair.narrow(2, which, 1);
                one.reshape([batch * pairs, terms])
            };
            let (first, second) = (one(0), one(1));
            new = self.product(first, second).reshape([batch, pairs, terms]);
        }
    }
}

/// How many blocks a level has.
fn count(blocks: &Pieces) -> usize {
    blocks.length() - 1
}

/// Of the blocks of a level one for each place asked for, `[batch · places, terms]`, or zeros, the
/// signature of a point.
fn one_each(blocks: &Pieces, chosen: &[Option<usize>]) -> Tensor<2> {
    let places = chosen
        .iter()
        .map(|place| place.map_or(0, |place| 1 + place));
    let blocks = blocks.select(&places.collect::<Vec<_>>());
    let [batch, count, terms] = blocks.dims();
    blocks.reshape([batch * count, terms])
}
