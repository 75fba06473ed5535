//! The increments of a chunk of steps.

use pulp::Simd;

use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{lanes, vectorize};
use crate::cpu::tiles::{WIDEST, tiles, with_width};
use crate::cpu::unchecked::{read, write};

/// Increments `z_t` in the order in which the steps are taken, with their quotients: at
/// `[c − 1][t][i]` lies `z_t[i] / c`.
pub(super) struct Increments<T: Real, S: Simd> {
    simd: S,
    channels: usize,
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
}

impl<T: Real, S: Simd> Increments<T, S> {
    pub(super) fn new(simd: S, channels: usize, depth: usize, most_steps: usize) -> Self {
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c as f64));
        Self {
            simd,
            channels,
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
    pub(super) fn read(&mut self, points: &[T], order: Order) {
        let (simd, d) = (self.simd, self.channels);
        let steps = points.len() / d - 1;
        let plane = Self::vectors(d, steps);
        let (first, others) = self.data.split_at_mut(plane);
        let inverses = &self.inverses[1..];
        vectorize(
            simd,
            #[inline(always)]
            || {
                let z: &mut [T] = bytemuck::cast_slice_mut(first);
                for (channel, width) in tiles(d, WIDEST) {
                    with_width!(width, WIDEST, B => differences::<T, B>(points, order, d, channel, z));
                }
                z[steps * d..].fill(T::zeroed());
                for (&inverse, quotients) in inverses.iter().zip(others.chunks_exact_mut(plane)) {
                    for (to, &z) in quotients.iter_mut().zip(&*first) {
                        *to = T::times(simd, z, inverse);
                    }
                }
            },
        );
        (self.plane, self.steps) = (plane, steps);
    }

    /// Some of the steps that were read: the first, and how many.
    pub(super) fn some(&self, first: usize, count: usize) -> Steps<'_, T> {
        let numbers: &[T] = bytemuck::cast_slice(&self.data);
        Steps {
            data: &numbers[first * self.channels..],
            plane: self.plane * lanes::<T, S>(),
            channels: self.channels,
            count,
        }
    }

    /// All steps that were read.
    pub(super) fn all(&self) -> Steps<'_, T> {
        self.some(0, self.steps)
    }
}

/// Of `B` channels from `first` on.
#[inline(always)]
fn differences<T: Real, const B: usize>(
    points: &[T],
    order: Order,
    d: usize,
    first: usize,
    z: &mut [T],
) {
    let steps = points.len() / d - 1;
    assert!(first + B <= d && (steps + 1) * d <= points.len() && steps * d <= z.len());
    for t in 0..steps {
        let step = match order {
            Order::FromBeginning => t,
            Order::FromEnd => steps - 1 - t,
        };
        let at = step * d + first;
        // SAFETY: `t < steps`, and the assertions above: `B` channels from `first` on lie within
        // the `d` numbers of a point, of which there is one more than steps.
        unsafe {
            let (from, to): ([T; B], [T; B]) = (read(points, at), read(points, at + d));
            write(
                z,
                t * d + first,
                core::array::from_fn(|i| to[i] - from[i]) as [T; B],
            );
        }
    }
}
