//! The adjoint of a step below the top: of `h_k(wi) = S(wi) + h_k(w) z[i]/(k − j)` and `S(wi) +=
//! h_{j+1}(w) z[i]`, the steps backwards, with the gradient of `S(wi)` carried in a register.

use pulp::{Simd, WithSimd};

use super::super::blocks::{blocks, with_width};
use super::super::forward::Sums;
use super::super::increments::Steps;
use super::super::simd::Number;
use super::super::unchecked::{read, write};
use super::SumsGradient;

/// The children of a word.
pub(super) struct ExtendAdjoint<'a, T: Number, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    /// Levels above the children, at least 2.
    pub(super) above: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    pub(super) h: Sums<'a, T::Vector<S>>,
    /// To be written.
    pub(super) h_gradient: SumsGradient<'a, T::Vector<S>>,
    /// That of the children, `[step][channel][k]`.
    pub(super) child_h_gradient: &'a [T::Vector<S>],
    /// The gradient of the children's terms, brought from the last step of the chunk to the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// `1 / c` at `c`.
    pub(super) inverses: &'a [T::Vector<S>],
}

/// Children at once.
const WIDEST: usize = 4;

impl<T: Number, S: Simd> WithSimd for ExtendAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        for (first, width) in blocks(self.channels, WIDEST) {
            with_width!(width, B => match self.above {
                2 => self.block::<B>(first, 2),
                3 => self.block::<B>(first, 3),
                above => self.block::<B>(first, above),
            });
        }
    }
}

impl<T: Number, S: Simd> ExtendAdjoint<'_, T, S> {
    #[inline(always)]
    fn block<const B: usize>(&mut self, first: usize, above: usize) {
        let (simd, d) = (self.simd, self.channels);
        let zero = T::splat(simd, T::from_f64(0.0));
        let mut s: [T::Vector<S>; B] = self.gradient[first..][..B]
            .try_into()
            .expect("a child each");
        let inverses = &self.inverses[2..][..above];

        let (z, z_stride) = self.z.data();
        let (h, h_stride, h_start) = (self.h.data, self.h.stride, self.h.start);
        let (child, child_stride) = (self.child_h_gradient, d * above);
        let (z_gradient, h_gradient) = (&mut *self.z_gradient, &mut *self.h_gradient.data);
        let steps = z.len() / z_stride;
        assert!(first + B <= d && d <= z_stride && h_start + above < h_stride);
        assert!(steps * d <= z_gradient.len() && steps * child_stride <= child.len());
        assert!(steps * h_stride <= h.len() && steps * h_stride <= h_gradient.len());
        for t in (0..steps).rev() {
            let (at_h, at_child) = (t * h_stride + h_start, t * child_stride + first * above);
            // SAFETY: `t < steps`, and the assertions above: `B` channels from `first` on lie within
            // `d` numbers of a step, their `above` numbers each within `child_stride`, and
            // `above + 1` numbers from `h_start` on within `h_stride`.
            unsafe {
                let rows: [_; B] = read(z, t * z_stride + first);
                let mut zg: [_; B] = read(z_gradient, t * d + first);
                let [h_first] = read(h, at_h);
                let [mut hg] = if first == 0 {
                    [zero]
                } else {
                    read(h_gradient, at_h)
                };
                for i in 0..B {
                    hg = T::mul_add(simd, s[i], rows[i], hg);
                    zg[i] = T::mul_add(simd, s[i], h_first, zg[i]);
                }
                write(h_gradient, at_h, [hg]);
                for k in 0..above {
                    let [quotient] = read(h, at_h + k + 1);
                    let quotient = T::mul(simd, quotient, inverses[k]);
                    let mut hg = zero;
                    for i in 0..B {
                        let [g] = read(child, at_child + i * above + k);
                        s[i] = T::add(simd, s[i], g);
                        hg = T::mul_add(simd, g, rows[i], hg);
                        zg[i] = T::mul_add(simd, g, quotient, zg[i]);
                    }
                    let at = at_h + k + 1;
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
        self.gradient[first..][..B].copy_from_slice(&s);
    }
}
