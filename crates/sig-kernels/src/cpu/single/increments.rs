//! The increments of a chunk of steps.

use pulp::Simd;

use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{lanes, vectorize};

/// Increments `z_t` in the order of the path, with their quotients: at `[c − 1][t][i]` lies
/// `z_t[i] / c`.
pub(super) struct Increments<T: Real, S: Simd> {
    simd: S,
    channels: usize,
    order: Order,
    /// `1 / c` at `c − 1`.
    inverses: Vec<T::Vector<S>>,
    data: Scratch<T::Vector<S>>,
    /// Vectors of all steps and one divisor, of the chunk that was read.
    plane: usize,
    steps: usize,
}

/// In which order steps are taken.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Order {
    FromBeginning,
    FromEnd,
}

/// What was read.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a, T> {
    /// `[c − 1][t][i]`
    pub(super) data: &'a [T],
    /// Numbers from one divisor to the next: those of all steps, and of a vector more at least.
    pub(super) plane: usize,
    pub(super) channels: usize,
    pub(super) count: usize,
    /// Where the step lies that is taken first, and the way from one to the next.
    first: usize,
    stride: isize,
}

impl<T> Steps<'_, T> {
    /// Where a step lies within a plane.
    #[inline(always)]
    pub(super) fn at(&self, step: usize) -> usize {
        self.first.wrapping_add_signed(self.stride * step as isize)
    }

    /// Where the last of the steps ends within a plane.
    #[inline(always)]
    pub(super) fn end(&self) -> usize {
        assert!(self.count > 0);
        self.at(0).max(self.at(self.count - 1)) + self.channels
    }
}

impl<T: Real, S: Simd> Increments<T, S> {
    pub(super) fn new(
        simd: S,
        [channels, depth]: [usize; 2],
        most_steps: usize,
        order: Order,
    ) -> Self {
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c as f64));
        Self {
            simd,
            channels,
            order,
            inverses: (1..=depth).map(inverse).collect(),
            data: Scratch::new(depth * Self::vectors(channels, most_steps)),
            plane: 0,
            steps: 0,
        }
    }

    fn vectors(channels: usize, steps: usize) -> usize {
        (channels * steps).div_ceil(lanes::<T, S>()) + 1
    }

    /// Reads the steps between some points.
    pub(super) fn read(&mut self, points: &[T]) {
        let (simd, d) = (self.simd, self.channels);
        let width = points.len() - d;
        let plane = Self::vectors(d, width / d);
        let (first, others) = self.data.split_at_mut(plane);
        let inverses = &self.inverses[1..];
        vectorize(
            simd,
            #[inline(always)]
            || {
                let z: &mut [T] = bytemuck::cast_slice_mut(first);
                let (z, behind) = z.split_at_mut(width);
                for ((z, &from), &to) in z.iter_mut().zip(points).zip(&points[d..]) {
                    *z = to - from;
                }
                behind.fill(T::zeroed());
                for (&inverse, quotients) in inverses.iter().zip(others.chunks_exact_mut(plane)) {
                    for (to, &z) in quotients.iter_mut().zip(&*first) {
                        *to = T::times(simd, z, inverse);
                    }
                }
            },
        );
        (self.plane, self.steps) = (plane, width / d);
    }

    /// Some of the steps that were read: the first that is taken, and how many.
    pub(super) fn some(&self, first: usize, count: usize) -> Steps<'_, T> {
        let d = self.channels;
        let (first, stride) = match self.order {
            Order::FromBeginning => (first * d, d as isize),
            Order::FromEnd => ((self.steps - 1 - first) * d, -(d as isize)),
        };
        Steps {
            data: bytemuck::cast_slice(&self.data),
            plane: self.plane * lanes::<T, S>(),
            channels: d,
            count,
            first,
            stride,
        }
    }

    /// All steps that were read.
    pub(super) fn all(&self) -> Steps<'_, T> {
        self.some(0, self.steps)
    }
}
