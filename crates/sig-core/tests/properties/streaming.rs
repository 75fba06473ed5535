//! Signatures of a moving window and of any part of a long path.

use std::ops::Range;

use burn::tensor::{DType, Tensor, Tolerance};
use sig_core::logsignatures::{
    LogSignatureBasis, logsignature_to_signature, signature_to_logsignature,
};
use sig_core::signatures::{SignatureSpec, signature, signature_stream};
use sig_core::streaming::SignatureQueue;
use sig_core::windows::{IndexedPath, MovingWindow};

use crate::support::compare::{self, Floor};
use crate::support::engines::{host, targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::tensors::Array;

/// Numbers in 0..bound, the same each time.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }

    /// A random walk `[batch, length, channels]`, on a grid that f32 holds exactly.
    pub(super) fn walk(&mut self, [batch, length, channels]: [usize; 3]) -> Array {
        let mut values = Vec::new();
        for _ in 0..batch {
            let mut point = vec![0.0; channels];
            for _ in 0..length {
                point
                    .iter_mut()
                    .for_each(|x| *x += (self.below(17) as f64 - 8.0) / 64.0);
                values.extend(&point);
            }
        }
        Array::new([batch, length, channels], values)
    }

    pub(super) fn interval(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length - 1);
        start..start + 2 + self.below(length - start - 1)
    }
}

/// A walk that comes back has levels far smaller than those of its pieces, which are about 1.
fn close(got: Array, want: &Array, channels: usize, tolerance: f64) {
    let floor = Floor {
        smallest: 1e-1,
        of_pieces: None,
    };
    compare::signatures(&got, want, channels, &floor, tolerance).unwrap();
}

/// A window on tensors, from which points come and go at random, is the path of the points within.
#[test]
fn moving_window_is_the_path_of_the_points_within() {
    for target in targets() {
        let (device, dtype) = (&target.device, target.widest());
        let mut random = Random(3);
        let path = random.walk([2, 40, 2]);
        let mut window = MovingWindow::new(3);
        assert!(window.is_empty() && window.signature().is_none() && window.pop_front().is_none());
        let (mut first, mut next) = (0, 0);
        while next < 40 {
            let point = path.points(next..next + 1).tensor::<3>(device, dtype);
            window.push(point.reshape([2, 2]));
            next += 1;
            // At times all points go.
            let most = if random.below(9) == 0 {
                next - first
            } else {
                2
            };
            for _ in 0..random.below(most + 1).min(next - first) {
                let front: Array = window.front().expect("a point is within").clone().into();
                let went: Array = window.pop_front().expect("a point is within").into();
                assert_eq!(front.values, went.values);
                assert_eq!(went.values, path.points(first..first + 1).values);
                first += 1;
            }
            assert_eq!(window.len(), next - first);
            let got = window.signature();
            assert_eq!(got.is_none(), first == next);
            if let Some(got) = got {
                let want = Call::new(path.points(first..next), 3).evaluate();
                close(got.into(), &want, 2, tolerance(dtype));
            }
        }
    }
}

/// Points come and go, one by one and many at once; the whole and parts are those of the definition.
#[test]
fn queue_is_the_path_of_the_points_within() {
    for (channels, depth) in [(1, 4), (2, 3), (3, 1)] {
        let mut random = Random(7);
        let mut queue = SignatureQueue::<f64>::new(channels, depth);
        let mut single = SignatureQueue::<f32>::new(channels, depth);
        let stream = random.walk([1, 700, channels]).values;
        let (mut first, mut next) = (0, 0);
        while next < 700 {
            let come = if random.below(9) == 0 { 80 } else { 1 };
            let come = come.min(700 - next);
            let points = &stream[next * channels..(next + come) * channels];
            let points_f32: Vec<f32> = points.iter().map(|&x| x as f32).collect();
            queue.push_batch(points);
            single.push_batch(&points_f32);
            next += come;
            let most = if random.below(6) == 0 { 60 } else { 2 };
            for _ in 0..random.below(most) {
                let front = queue.front();
                let went = queue.pop_front();
                assert_eq!(front, went);
                assert_eq!(single.pop_front().is_some(), went.is_some());
                if let Some(point) = went {
                    assert_eq!(point, stream[first * channels..(first + 1) * channels]);
                    first += 1;
                }
            }
            assert_eq!(queue.len(), next - first);
            assert_eq!(queue.is_empty(), next == first);
            let call = |range: std::ops::Range<usize>| {
                let points = stream[range.start * channels..range.end * channels].to_vec();
                Call::new(Array::new([1, range.len(), channels], points), depth).evaluate()
            };
            let terms = queue.spec().terms();
            let row = |values| Array::new([1, terms], values);
            if next - first < 2 {
                assert_eq!(queue.signature(), vec![0.0; terms]);
                continue;
            }
            let want = call(first..next);
            close(row(queue.signature()), &want, channels, 1e-12);
            let wide = single.signature().iter().map(|&x| f64::from(x)).collect();
            close(row(wide), &want, channels, 1e-5);
            let range = random.interval(next - first);
            let want = call(first + range.start..first + range.end);
            close(row(queue.signature_of(range)), &want, channels, 1e-12);
        }
        while queue.pop_front().is_some() {}
        assert_eq!(queue.signature(), vec![0.0; queue.spec().terms()]);
        queue.push_batch(&stream[..2 * channels]);
        assert_eq!(queue.len(), 2);
    }
}

/// Any interval, before and after an update, in every dtype.
#[test]
fn intervals_are_paths() {
    for target in targets() {
        let mut random = Random(3);
        let [batch, length, channels, depth] = [2, 230, 2, 3];
        let points = random.walk([batch, length, channels]);
        for dtype in target.dtypes() {
            let (device, tolerance) = (&target.device, 2.0 * tolerance(dtype));
            let first: Tensor<3> = points.points(0..101).tensor(device, dtype);
            let mut path = IndexedPath::new(first, depth);
            let mut check = |path: &IndexedPath, length: usize| {
                let intervals: Vec<_> = (0..9).map(|_| random.interval(length)).collect();
                let got: Array = path.signatures(&intervals).into();
                let rounded = points.rounded(dtype);
                for (i, interval) in intervals.iter().enumerate() {
                    let want = Call::new(rounded.points(interval.clone()), depth).evaluate();
                    let rows: Vec<Array> = (0..batch).map(|row| got.row(row).row(i)).collect();
                    let floor = Floor {
                        smallest: 1e-1,
                        of_pieces: None,
                    };
                    compare::signatures(&Array::stack(&rows), &want, channels, &floor, tolerance)
                        .unwrap_or_else(|problem| panic!("{dtype:?}, {interval:?}: {problem}"));
                }
            };
            check(&path, 101);
            for (start, end) in [(101, 102), (102, 161), (161, 161), (161, length)] {
                if start < end {
                    path.update(points.points(start..end).tensor(device, dtype));
                }
                assert_eq!(path.length(), end);
                check(&path, end);
            }
            let whole: Array = path.signature(0..length).into();
            assert_eq!(whole.shape, [batch, path.spec().terms()]);
            let words = LogSignatureBasis::Words;
            let of_parts = path.logsignatures(&[0..length, 3..9], words);
            assert_eq!(of_parts.dims(), [batch, 2, 5]);
        }
    }
}

/// Gradients of intervals in the points, through all blocks, however the points came.
#[test]
fn intervals_have_gradients() {
    for target in targets() {
        let (dtype, device) = (target.widest(), target.device.clone().autodiff());
        let points = Random(11).walk([1, 150, 2]);
        let depth = 2;
        let one_by_one: Vec<usize> = (100..=150).collect();
        for ends in [&[150][..], &[2, 71, 75, 140, 150], &one_by_one] {
            let input = points.tensor::<3>(&device, dtype).require_grad();
            let part = |start: usize, end: usize| input.clone().narrow(1, start, end - start);
            let mut path = IndexedPath::new(part(0, ends[0]), depth);
            for between in ends.windows(2) {
                path.update(part(between[0], between[1]));
            }
            let intervals = [5..141, 138..150];
            let result = path.signatures(&intervals).reshape([2, 6]);
            let rows = [[1.0, -2.0, 0.5, 3.0, -1.0, 0.25], [0.5; 6]];
            let cotangent = Array::new([2, 6], rows.concat());
            let loss = (result * cotangent.tensor::<2>(&device, dtype)).sum();
            let got: Array = input.grad(&loss.backward()).unwrap().into();
            let mut want = Array::zeros([1, 150, 2]);
            for (interval, row) in intervals.iter().zip(rows) {
                let part = Call::new(points.points(interval.clone()), depth);
                let part = part.gradient(Input::Path, &Array::new([1, 6], row.to_vec()));
                let values = want.values[2 * interval.start..].iter_mut();
                values.zip(part.values).for_each(|(sum, part)| *sum += part);
            }
            let (floor, tolerance) = (Floor::of_dtype(dtype), tolerance(dtype));
            compare::gradients(&got, &want, &floor, tolerance).unwrap();
        }
    }
}

/// How far the intervals of a path in f32 are off, relative to the largest entry of each level.
fn farthest(
    path: &IndexedPath,
    intervals: &[Range<usize>],
    want: impl Fn(usize) -> Vec<f64>,
) -> f64 {
    let channels = path.spec().channels();
    let got = Array::from(path.signatures(intervals)).row(0);
    let mut worst: f64 = 0.0;
    for i in 0..intervals.len() {
        let (got, want) = (got.row(i).values, want(i));
        for (_, level) in compare::levels(want.len(), channels) {
            let sizes = want[level.clone()].iter().map(|x| x.abs());
            let size = sizes.fold(f64::from(f32::MIN_POSITIVE), f64::max);
            let off = level.map(|j| (got[j] - want[j]).abs() / size);
            worst = off.fold(worst, f64::max);
        }
    }
    worst
}

/// Against the signatures of their points in f64.
#[test]
fn intervals_keep_their_precision() {
    let (channels, depth, length) = (4, 4, 2000);
    let mut random = Random(5);
    let points = random.walk([1, length, channels]);
    let target = host();
    let double = points.tensor::<3>(&target.device, target.widest());
    let path = IndexedPath::new(points.tensor(&target.device, DType::F32), depth);
    let intervals: Vec<_> = (0..50).map(|_| random.interval(length)).collect();
    let worst = farthest(&path, &intervals, |i| {
        let part = double
            .clone()
            .narrow(1, intervals[i].start, intervals[i].len());
        Array::from(signature(part, depth)).values
    });
    assert!(worst < 1e-5, "off by {worst:e}");
}

/// One interval, with any bounds, is that of many.
#[test]
fn one_interval_of_many() {
    let device = host().device;
    let points = Random(6).walk([2, 70, 2]).tensor(&device, DType::F64);
    let path = IndexedPath::new(points, 3);
    let basis = LogSignatureBasis::Brackets;
    let intervals = [3..50, 0..70, 60..70];
    let signatures = path.signatures(&intervals);
    let logarithms = path.logsignatures(&intervals, basis);
    let same = |one: Tensor<2>, many: &Tensor<3>, index: usize| {
        let many = many.clone().narrow(1, index, 1);
        one.into_data()
            .assert_eq(&many.squeeze_dim::<2>(1).into_data(), true);
    };
    same(path.signature(3..50), &signatures, 0);
    same(path.signature(3..=49), &signatures, 0);
    same(path.signature(..), &signatures, 1);
    same(path.signature(60..), &signatures, 2);
    same(path.logsignature(..70, basis), &logarithms, 1);
}

/// Of a stream as of each row.
#[test]
fn logarithms_of_streams() {
    let device = host().device;
    let path = Random(7).walk([2, 5, 2]).tensor::<3>(&device, DType::F64);
    let (spec, basis) = (SignatureSpec::new(2, 3), LogSignatureBasis::Hall);
    let stream = signature_stream(path.clone(), 3);
    let logs = signature_to_logsignature(stream.clone(), spec, basis);
    let rows = signature_to_logsignature(stream.clone().reshape([8, 14]), spec, basis);
    let (a, b) = (
        logs.clone().into_data(),
        rows.reshape([2, 4, 5]).into_data(),
    );
    a.assert_eq(&b, true);
    let back = logsignature_to_signature(logs, spec, basis).into_data();
    back.assert_approx_eq::<f64>(&stream.into_data(), Tolerance::absolute(1e-13));
    // Of no prefixes there are none.
    let none = signature_stream(path.narrow(1, 0, 1), 3);
    assert_eq!(
        signature_to_logsignature(none, spec, basis).dims(),
        [2, 0, 5]
    );
}

/// Signatures of intervals in f64, step by step and block by block, as terms in one row.
struct Reference {
    points: Vec<f64>,
    channels: usize,
    depth: usize,
    /// The signatures of `8 · 2^level` steps.
    blocks: Vec<Vec<Vec<f64>>>,
}

impl Reference {
    const BLOCK: usize = 8;

    fn new(points: Vec<f64>, channels: usize, depth: usize) -> Self {
        let steps = points.len() / channels - 1;
        let mut new = Self {
            points,
            channels,
            depth,
            blocks: Vec::new(),
        };
        let block = |i: usize| new.steps(i * Self::BLOCK..(i + 1) * Self::BLOCK);
        let mut level: Vec<Vec<f64>> = (0..steps / Self::BLOCK).map(block).collect();
        while level.len() > 1 {
            let pairs = level.chunks_exact(2);
            let next = pairs.map(|pair| new.product(&pair[0], &pair[1])).collect();
            new.blocks.push(std::mem::replace(&mut level, next));
        }
        new.blocks.push(level);
        new
    }

    /// `exp(z_1) ⊗ exp(z_2) ⊗ …`
    fn steps(&self, steps: Range<usize>) -> Vec<f64> {
        let d = self.channels;
        let exp = |t: usize| {
            let z: Vec<f64> = (0..d)
                .map(|i| self.points[(t + 1) * d + i] - self.points[t * d + i])
                .collect();
            let (mut terms, mut below) = (z.clone(), 0);
            for k in 2..=self.depth {
                let level = below..terms.len();
                below = terms.len();
                for word in level {
                    for z in &z {
                        terms.push(terms[word] * z / k as f64);
                    }
                }
            }
            terms
        };
        let first = exp(steps.start);
        (steps.start + 1..steps.end).fold(first, |so_far, t| self.product(&so_far, &exp(t)))
    }

    /// `(a ⊗ b)_k = a_k + b_k + Σ_i a_i ⊗ b_{k−i}`
    fn product(&self, a: &[f64], b: &[f64]) -> Vec<f64> {
        let levels: Vec<Range<usize>> = compare::levels(a.len(), self.channels)
            .into_iter()
            .map(|(_, range)| range)
            .collect();
        let mut product: Vec<f64> = a.iter().zip(b).map(|(a, b)| a + b).collect();
        for k in 1..self.depth {
            for i in 0..k {
                let right = &b[levels[k - 1 - i].clone()];
                let mut at = levels[k].start;
                for &left in &a[levels[i].clone()] {
                    for &right in right {
                        product[at] += left * right;
                        at += 1;
                    }
                }
            }
        }
        product
    }

    /// Of so many steps, by the largest blocks that fit from the left on.
    fn signature(&self, steps: Range<usize>) -> Vec<f64> {
        let mut at = steps.start;
        let mut so_far: Option<Vec<f64>> = None;
        while at < steps.end {
            let fits = |level: &usize| {
                let size = Self::BLOCK << level;
                at.is_multiple_of(size) && at + size <= steps.end
            };
            let (part, end) = match (0..self.blocks.len()).rev().find(fits) {
                Some(level) => {
                    let size = Self::BLOCK << level;
                    (self.blocks[level][at / size].clone(), at + size)
                }
                None => {
                    let end = steps.end.min((at / Self::BLOCK + 1) * Self::BLOCK);
                    (self.steps(at..end), end)
                }
            };
            so_far = Some(match so_far {
                Some(so_far) => self.product(&so_far, &part),
                None => part,
            });
            at = end;
        }
        so_far.expect("an interval has a step")
    }
}

/// The whole of what is promised.
#[test]
fn intervals_of_a_hundred_thousand_points_keep_their_precision() {
    let (channels, depth, length) = (4, 4, 100_000);
    let mut random = Random(5);
    let points = random.walk([1, length, channels]);
    let path = IndexedPath::new(points.tensor(&host().device, DType::F32), depth);
    let reference = Reference::new(points.values, channels, depth);
    let intervals: Vec<_> = (0..10_000).map(|_| random.interval(length)).collect();
    let worst = farthest(&path, &intervals, |i| {
        reference.signature(intervals[i].start..intervals[i].end - 1)
    });
    println!("10 000 intervals of 100 000 points: off by {worst:e} at most");
    assert!(worst < 1e-5, "off by {worst:e}");
}
