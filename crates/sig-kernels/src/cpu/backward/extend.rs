//! The adjoint of a step below the top: of `h_k(wi) = S(wi) + h_k(w) z[i]/(k − j)` and `S(wi) +=
//! h_{j+1}(w) z[i]`, the steps backwards, with the gradient of `S(wi)` carried in a register.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::cpu::forward::Sums;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{tiles, with_width};
use crate::cpu::unchecked::{read, write};

/// The children of a word.
pub(super) struct ExtendAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    /// Levels above the children, at least 1.
    pub(super) above: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// Its gradient, in the same layout, to be written.
    pub(super) h_gradient: &'a mut [T::Vector<S>],
    /// That of the children, `[step][channel][k]`.
    pub(super) child_h_gradient: &'a [T::Vector<S>],
    /// The gradient of the children's terms, brought from the last step of the chunk to the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

/// Children at once, and levels.
const WIDEST: usize = 4;
const LEVELS: usize = 4;

impl<T: Real, S: Simd> WithSimd for ExtendAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in tiles(self.channels, WIDEST) {
            for (level, levels) in tiles(self.above, LEVELS) {
                with_width!(width, WIDEST, B => with_width!(levels, LEVELS, K => {
                    self.tile::<B, K>(first, level);
                }));
            }
        }
    }
}

impl<T: Real, S: Simd> ExtendAdjoint<'_, T, S> {
    /// `B` children from `first` on, and what comes to them from `K` of their partial sums from
    /// `level` on. All is linear in the gradient of `S(wi)`: the first levels take what is there
    /// after the last step with them, and each adds what it had come to before the first.
    #[inline(always)]
    fn tile<const B: usize, const K: usize>(&mut self, first: usize, level: usize) {
        let (simd, d, above) = (self.simd, self.channels, self.above);
        let zero = T::splat(simd, T::nearest(0.0));
        let mut s = [zero; B];
        if level == 0 {
            s.copy_from_slice(&self.gradient[first..][..B]);
        }
        let mut inverses = [zero; K];
        inverses.copy_from_slice(&self.inverses[2 + level..][..K]);

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (child, child_stride) = (self.child_h_gradient, d * above);
        let (z_gradient, h_gradient) = (&mut *self.z_gradient, &mut *self.h_gradient);
        let steps = z.len() / z_stride;
        assert!(first + B <= d && level + K <= above && d <= z_stride);
        assert!(h_start + above < h_stride && steps * h_stride <= h.len());
        assert!(steps * h_stride <= h_gradient.len() && steps * d <= z_gradient.len());
        assert!(steps * child_stride <= child.len());
        for t in (0..steps).rev() {
            let at_h = t * h_stride + h_start;
            let at_child = t * child_stride + first * above + level;
            // SAFETY: `t < steps`, and the assertions above: `B` channels from `first` on lie
            // within `d` numbers of a step, their `above` numbers each within `child_stride`, and
            // `above + 1` numbers from `h_start` on within `h_stride`.
            unsafe {
                let rows: [_; B] = read(z, t * z_stride + first);
                let mut zg: [_; B] = read(z_gradient, t * d + first);
                let [h_first] = read(h, at_h);
                let fresh = first == 0 && level == 0;
                let [mut hg] = if fresh {
                    [zero]
                } else {
                    read(h_gradient, at_h)
                };
                for i in 0..B {
                    hg = T::mul_add(simd, s[i], rows[i], hg);
                    zg[i] = T::mul_add(simd, s[i], h_first, zg[i]);
                }
                write(h_gradient, at_h, [hg]);
                for k in 0..K {
                    let at = at_h + level + k + 1;
                    let [quotient] = read(h, at);
                    let quotient = T::times(simd, quotient, inverses[k]);
                    let mut hg = zero;
                    for i in 0..B {
                        let [g] = read(child, at_child + i * above + k);
                        s[i] = T::plus(simd, s[i], g);
                        hg = T::mul_add(simd, g, rows[i], hg);
                        zg[i] = T::mul_add(simd, g, quotient, zg[i]);
                    }
                    let [before] = if first == 0 {
                        [zero]
                    } else {
                        read(h_gradient, at)
                    };
                    write(h_gradient, at, [T::mul_add(simd, hg, inverses[k], before)]);
                }
                write(z_gradient, t * d + first, zg);
            }
        }
        let gradient = &mut self.gradient[first..][..B];
        for (gradient, &s) in gradient.iter_mut().zip(&s) {
            *gradient = if level == 0 {
                s
            } else {
                T::plus(simd, *gradient, s)
            };
        }
    }
}
