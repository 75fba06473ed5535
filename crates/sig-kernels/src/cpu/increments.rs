//! The increments of a chunk of steps, in lanes.

use pulp::{Simd, WithSimd};

use super::lanes;
use super::plan::Span;
use super::scratch::Scratch;
use super::simd::lanes;
use super::tiles::{WIDEST, tiles, with_width};
use super::unchecked::{read, write};
use crate::Real;

/// Increments `z_t`, each with its quotients: at `[t][c − 1][i]` lies `z_t[i] / c`.
pub(crate) struct Increments<V> {
    data: Scratch<V>,
    channels: usize,
    /// `1 / c` at `c − 1`.
    inverses: Vec<V>,
    /// Vectors of a step, channels × divisors.
    stride: usize,
    /// The first step that has room now.
    first: usize,
}

impl<V: bytemuck::Pod> Increments<V> {
    /// For so many channels and steps; `inverses` are those of all divisors, that of 1 first. What
    /// is read stays until steps are read that lie beyond the room.
    pub(crate) fn new(channels: usize, inverses: Vec<V>, most_steps: usize) -> Self {
        let stride = channels * inverses.len();
        Self {
            data: Scratch::new(stride * most_steps),
            channels,
            inverses,
            stride,
            first: 0,
        }
    }

    /// Some of the steps that were read.
    pub(crate) fn some(&self, first: usize, count: usize) -> Steps<'_, V> {
        let at = (first - self.first) * self.stride;
        Steps {
            data: &self.data[at..][..count * self.stride],
            stride: self.stride,
        }
    }

    /// Makes room for some steps.
    fn make_room(&mut self, first: usize, count: usize) {
        let most = self.data.len() / self.stride;
        self.first = if first + count <= most { 0 } else { first };
    }
}

/// Increments of successive steps.
#[derive(Clone, Copy)]
pub(crate) struct Steps<'a, V> {
    data: &'a [V],
    stride: usize,
}

impl<'a, V> Steps<'a, V> {
    pub(crate) fn count(self) -> usize {
        self.data.len() / self.stride
    }

    /// `B` of the quotients `z[i] / c` of the first step, from that of channel `first` on.
    #[inline(always)]
    pub(crate) fn quotients<const B: usize>(
        self,
        channels: usize,
        c: usize,
        first: usize,
    ) -> &'a [V; B] {
        let at = (c - 1) * channels + first;
        self.data[at..][..B].try_into().expect("as many")
    }

    /// All rows, and how many numbers a row has.
    #[inline(always)]
    pub(crate) fn data(self) -> (&'a [V], usize) {
        (self.data, self.stride)
    }

    /// `z_t` and behind it its quotients, a row per step.
    #[inline(always)]
    pub(crate) fn rows(self) -> core::slice::ChunksExact<'a, V> {
        self.data.chunks_exact(self.stride)
    }
}

/// Reads the increments `first..first + steps` of the spans, a span per lane.
pub(crate) struct ReadIncrements<'a, T: Real, S: Simd> {
    pub(crate) simd: S,
    pub(crate) paths: &'a [T],
    pub(crate) spans: &'a [Span],
    pub(crate) first: usize,
    pub(crate) steps: usize,
    /// Room for the points.
    pub(crate) points: &'a mut [T::Vector<S>],
    pub(crate) out: &'a mut Increments<T::Vector<S>>,
}

impl<T: Real, S: Simd> WithSimd for ReadIncrements<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let (first, channels) = (self.first, self.out.channels);
        let width = (self.steps + 1) * channels;
        let points: &mut [T] = bytemuck::cast_slice_mut(&mut self.points[..width]);
        read_points(self.paths, self.spans, first, width, channels, points);
        self.out.make_room(first, self.steps);
        for (first, width) in tiles(channels, WIDEST) {
            with_width!(width, WIDEST, B => self.differences::<B>(first));
        }
        debug_assert_eq!(self.spans.len(), lanes::<T, S>());
    }
}

impl<T: Real, S: Simd> ReadIncrements<'_, T, S> {
    /// Of `B` channels from `first` on.
    #[inline(always)]
    fn differences<const B: usize>(&mut self, first: usize) {
        let (simd, channels) = (self.simd, self.out.channels);
        let zero = T::splat(simd, T::nearest(0.0));
        let (points, stride) = (&*self.points, self.out.stride);
        let skipped = (self.first - self.out.first) * stride;
        let (out, inverses) = (&mut self.out.data[skipped..], &self.out.inverses[1..]);
        assert!(first + B <= channels && (self.steps + 1) * channels <= points.len());
        assert!(self.steps * stride <= out.len() && stride == channels * (inverses.len() + 1));
        for t in 0..self.steps {
            let (at, mut at_out) = (t * channels + first, t * stride + first);
            // SAFETY: `t < steps`, and the assertions above: there are `steps + 1` points of
            // `channels` numbers, and a row of `stride`, `channels` for each divisor, for each
            // step.
            unsafe {
                let from: [_; B] = read(points, at);
                let to: [_; B] = read(points, at + channels);
                let mut z = [zero; B];
                for i in 0..B {
                    z[i] = T::sub(simd, to[i], from[i]);
                }
                write(out, at_out, z);
                for &inverse in inverses {
                    at_out += channels;
                    for i in 0..B {
                        write(out, at_out + i, [T::mul(simd, z[i], inverse)]);
                    }
                }
            }
        }
    }
}

/// Points of every span from its step `first` on, `width` numbers, as lanes.
#[inline(always)]
fn read_points<T: Real>(
    paths: &[T],
    spans: &[Span],
    first: usize,
    width: usize,
    channels: usize,
    points: &mut [T],
) {
    let last = first + width / channels - 1;
    if spans.iter().all(|span| span.steps >= last) {
        let mut offsets = [0; lanes::MOST_LANES];
        for (offset, span) in offsets.iter_mut().zip(spans) {
            *offset = span.start + first * channels;
        }
        return lanes::load(paths, &offsets[..spans.len()], width, points);
    }
    for (lane, span) in spans.iter().enumerate() {
        for (t, point) in (first..=last).zip(points.chunks_exact_mut(channels * spans.len())) {
            let from = span.start + t.min(span.steps) * channels;
            lanes::load_lane(&paths[from..][..channels], point, spans.len(), lane);
        }
    }
}
