//! The adjoint of the two highest levels, for a word `w` of length `N − 2`. With `G` the gradient
//! of its grandchildren, constant over the steps, and `x(t)` the `h_N` of its children,
//!
//! ```text
//! x̄(t) = G · z_t        z̄_t += x(t) · G
//! ```
//!
//! are two matrix products that share their operands; from `x̄(t)` on it goes as in the levels
//! below.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::cpu::forward::Sums;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{WIDEST, tiles, with_width};
use crate::cpu::unchecked::{read, write};

/// The children and grandchildren of a word, of more channels than
/// [`SmallLeafAdjoint`](super::small_leaf::SmallLeafAdjoint) takes. Of more than [`WIDEST`] channels it
/// goes as far as `x_gradient`, from where [`ExtendAdjoint`](super::extend::ExtendAdjoint) goes on.
pub(super) struct LeafAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// `h_{N−1}` and `h_N` of the word.
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// Its gradient, in the same layout, to be written.
    pub(super) h_gradient: &'a mut [T::Vector<S>],
    /// `h_N` of the children, `[step][child]`.
    pub(super) x: &'a [T::Vector<S>],
    /// Its gradient: room for what the first columns of the matrix leave for the next.
    pub(super) x_gradient: &'a mut [T::Vector<S>],
    /// The gradient of the children, brought from after the last step to before the first.
    pub(super) children: &'a mut [T::Vector<S>],
    /// That of the grandchildren, `[child][channel]`.
    pub(super) grandchildren: &'a [T::Vector<S>],
}

/// Some rows `g` of the matrix: their `x̄ = g · z`, and what their `x` adds to `z̄`.
#[inline(always)]
pub(super) fn products<T: Real, S: Simd, const P: usize, const B: usize>(
    simd: S,
    g: [&[T::Vector<S>; B]; P],
    x: [T::Vector<S>; P],
    z: &[T::Vector<S>; B],
    zg: &mut [T::Vector<S>; B],
) -> [T::Vector<S>; P] {
    let zero = T::splat(simd, T::nearest(0.0));
    let (mut sums, mut odd) = ([zero; P], zero);
    for c in 0..B {
        for p in 0..P {
            // A single row has its sum in two, of which neither waits for the other.
            let sum = if P == 1 && c % 2 == 1 {
                &mut odd
            } else {
                &mut sums[p]
            };
            *sum = T::mul_add(simd, g[p][c], z[c], *sum);
            zg[c] = T::mul_add(simd, g[p][c], x[p], zg[c]);
        }
    }
    if P == 1 && B > 1 {
        sums[0] = T::plus(simd, sums[0], odd);
    }
    sums
}

/// Takes `xg`, the gradient of a child's `h_N`, back through a step: adds to the gradients of the
/// word's `h_{N−1}`, of half its `h_N` and of the increment, and brings `s`, that of the child's term,
/// from after the step to before it.
#[inline(always)]
pub(super) fn child<T: Real, S: Simd>(
    simd: S,
    [h_lower, h_upper]: [T::Vector<S>; 2],
    [z, xg]: [T::Vector<S>; 2],
    s: &mut T::Vector<S>,
    zg: &mut T::Vector<S>,
    [lower, upper]: &mut [T::Vector<S>; 2],
) {
    *lower = T::mul_add(simd, *s, z, *lower);
    *upper = T::mul_add(simd, xg, z, *upper);
    *zg = T::mul_add(simd, *s, h_lower, *zg);
    *zg = T::mul_add(simd, xg, h_upper, *zg);
    *s = T::plus(simd, *s, xg);
}

impl<T: Real, S: Simd> WithSimd for LeafAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        match self.channels {
            5 => self.whole::<5>(),
            6 => self.whole::<6>(),
            7 => self.whole::<7>(),
            8 => self.whole::<8>(),
            9 => self.whole::<9>(),
            10 => self.whole::<10>(),
            channels => {
                for (column, width) in tiles(channels, WIDEST) {
                    with_width!(width, WIDEST, B => self.columns::<B>(column));
                }
            }
        }
    }
}

impl<T: Real, S: Simd> LeafAdjoint<'_, T, S> {
    /// All `B` channels at once: `z̄` stays in registers while the rows of the matrix go by.
    #[inline(always)]
    fn whole<const B: usize>(&mut self) {
        let simd = self.simd;
        let zero = T::splat(simd, T::nearest(0.0));
        let half = T::splat(simd, T::nearest(0.5));
        let mut s: [_; B] = self.children[..B].try_into().expect("a child a channel");
        let g: &[[T::Vector<S>; B]] = self.grandchildren.as_chunks().0;
        let g: &[[T::Vector<S>; B]; B] = g.try_into().expect("the children of each");

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (z_gradient, h_gradient) = (&mut *self.z_gradient, &mut *self.h_gradient);
        let (rows, steps) = (self.channels, z.len() / z_stride);
        assert!(B <= z_stride && h_start + 2 <= h_stride);
        assert!(steps * B <= self.x.len() && steps * B <= z_gradient.len());
        assert!(steps * h_stride <= h.len() && steps * h_stride <= h_gradient.len());
        for t in (0..steps).rev() {
            let at = t * h_stride + h_start;
            // SAFETY: `t < steps`, and the assertions above: `B` numbers of a step lie within its
            // row, and two of `h_stride` from `h_start` on.
            unsafe {
                let z: [_; B] = read(z, t * z_stride);
                let mut zg: [_; B] = read(z_gradient, t * B);
                let [h_lower, h_upper] = read(h, at);
                let h_upper = T::times(simd, h_upper, half);
                let x: [_; B] = read(self.x, t * B);
                let mut xg = [zero; B];
                for pair in 0..rows / 2 {
                    let row = pair * 2;
                    let g = [&g[row], &g[row + 1]];
                    let pair = products::<T, S, _, _>(simd, g, [x[row], x[row + 1]], &z, &mut zg);
                    [xg[row], xg[row + 1]] = pair;
                }
                if B % 2 == 1 {
                    [xg[B - 1]] =
                        products::<T, S, _, _>(simd, [&g[B - 1]], [x[B - 1]], &z, &mut zg);
                }
                let (h, mut hg) = ([h_lower, h_upper], [zero; 2]);
                for i in 0..B {
                    child::<T, S>(simd, h, [z[i], xg[i]], &mut s[i], &mut zg[i], &mut hg);
                }
                write(z_gradient, t * B, zg);
                write(h_gradient, at, [hg[0], T::times(simd, hg[1], half)]);
            }
        }
        self.children[..B].copy_from_slice(&s);
    }

    /// `B` columns of the matrix: their part of `x̄`, and all of their `z̄`.
    #[inline(always)]
    fn columns<const B: usize>(&mut self, column: usize) {
        let (simd, d) = (self.simd, self.channels);
        let zero = T::splat(simd, T::nearest(0.0));
        let (z, z_stride) = self.z.data();
        let (x, g) = (self.x, self.grandchildren);
        let (z_gradient, x_gradient) = (&mut *self.z_gradient, &mut *self.x_gradient);
        let steps = z.len() / z_stride;
        assert!(column + B <= d && d <= z_stride && d * d <= g.len() && steps * d <= x.len());
        assert!(steps * d <= x_gradient.len() && steps * d <= z_gradient.len());
        for t in 0..steps {
            // SAFETY: `t < steps`, and the assertions above: columns and rows lie within `d`
            // numbers of a step.
            unsafe {
                let z: [_; B] = read(z, t * z_stride + column);
                let mut zg: [_; B] = read(z_gradient, t * d + column);
                for row in 0..d {
                    let [x] = read(x, t * d + row);
                    let g: [_; B] = read(g, row * d + column);
                    let [mut even] = match column {
                        0 => [zero],
                        _ => read(x_gradient, t * d + row),
                    };
                    let mut odd = zero;
                    for c in 0..B {
                        let sum = if c % 2 == 0 { &mut even } else { &mut odd };
                        *sum = T::mul_add(simd, g[c], z[c], *sum);
                        zg[c] = T::mul_add(simd, g[c], x, zg[c]);
                    }
                    write(x_gradient, t * d + row, [T::plus(simd, even, odd)]);
                }
                write(z_gradient, t * d + column, zg);
            }
        }
    }
}
