//! The increments of a chunk of steps, in lanes.

use pulp::Simd;

use super::lanes;
use super::plan::{Plan, Span};
use super::scratch::Scratch;
use super::simd::vectorize;
use super::tiles::{WIDEST, tiles, with_width};
use super::unchecked::{read, write};
use crate::Real;

/// Increments `z_t`, each with its quotients: at `[t][c − 1][i]` lies `z_t[i] / c`.
pub(crate) struct Increments<T: Real, S: Simd> {
    simd: S,
    data: Scratch<T::Vector<S>>,
    /// Room for the points of a chunk.
    points: Scratch<T::Vector<S>>,
    channels: usize,
    /// `1 / c` at `c − 1`.
    inverses: Vec<T::Vector<S>>,
    /// Vectors of a step, channels × divisors.
    stride: usize,
    /// The first step that has room now.
    first: usize,
}

impl<T: Real, S: Simd> Increments<T, S> {
    /// For that many steps, those of a chunk at least. What is read stays until steps are read that
    /// lie beyond the room.
    pub(crate) fn new(simd: S, plan: &Plan, most_steps: usize) -> Self {
        let (channels, depth) = (plan.tree.channels, plan.tree.depth);
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c as f64));
        Self {
            simd,
            data: Scratch::new(channels * depth * most_steps),
            points: Scratch::new(channels * (plan.chunk + 1)),
            channels,
            inverses: (1..=depth).map(inverse).collect(),
            stride: channels * depth,
            first: 0,
        }
    }

    /// Some of the steps that were read.
    pub(crate) fn some(&self, first: usize, count: usize) -> Steps<'_, T::Vector<S>> {
        let at = (first - self.first) * self.stride;
        Steps {
            data: &self.data[at..][..count * self.stride],
            stride: self.stride,
        }
    }

    /// Reads the increments `first..first + steps` of the spans, a span per lane.
    pub(crate) fn read(&mut self, paths: &[T], spans: &[Span], (first, steps): (usize, usize)) {
        let most = self.data.len() / self.stride;
        self.first = if first + steps <= most { 0 } else { first };
        let (skipped, width) = (first - self.first, (steps + 1) * self.channels);
        vectorize(
            self.simd,
            #[inline(always)]
            || {
                let points: &mut [T] = bytemuck::cast_slice_mut(&mut self.points[..width]);
                read_points(paths, spans, first, width, self.channels, points);
                for (channel, width) in tiles(self.channels, WIDEST) {
                    with_width!(width, WIDEST, B => self.differences::<B>(channel, skipped, steps));
                }
            },
        );
    }

    /// Of `B` channels from `first` on, behind the steps that are there already.
    #[inline(always)]
    fn differences<const B: usize>(&mut self, first: usize, skipped: usize, steps: usize) {
        let (simd, channels, stride) = (self.simd, self.channels, self.stride);
        let zero = T::splat(simd, T::nearest(0.0));
        let points = &*self.points;
        let (out, inverses) = (&mut self.data[skipped * stride..], &self.inverses[1..]);
        assert!(first + B <= channels && (steps + 1) * channels <= points.len());
        assert!(steps * stride <= out.len() && stride == channels * (inverses.len() + 1));
        for t in 0..steps {
            let (at, mut at_out) = (t * channels + first, t * stride + first);
            // SAFETY: `t < steps`, and the assertions above: there are `steps + 1` points of
            // `channels` numbers, and a row of `stride`, `channels` for each divisor, for each
            // step.
            unsafe {
                let from: [_; B] = read(points, at);
                let to: [_; B] = read(points, at + channels);
                let mut z = [zero; B];
                for i in 0..B {
                    z[i] = T::minus(simd, to[i], from[i]);
                }
                write(out, at_out, z);
                for &inverse in inverses {
                    at_out += channels;
                    for i in 0..B {
                        write(out, at_out + i, [T::times(simd, z[i], inverse)]);
                    }
                }
            }
        }
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
