//! The adjoint of the two highest levels of few channels or steps, for words `w` of length `N − 2`.
//! The terms of the children are taken back, step by step, from those after the last,
//!
//! ```text
//! S(wi)(t) = S(wi)(t + 1) − h_{N−1}(w) z[i]
//! x(t)     = S(wi)(t) + h_N(w) z[i] / 2
//! ```
//!
//! so that they and `x`, the `h_N` of the children, are never stored: both take less time than to
//! read them again. What rounding adds is that of the steps of a chunk. The rest is as in
//! `leaf.rs`.

use pulp::{Simd, WithSimd};

use super::leaf::{child, products};
use crate::Real;
use crate::cpu::increments::Steps;
use crate::cpu::tiles::{WIDEST, are_many, with_width};
use crate::cpu::unchecked::{read, write};

/// Channels at most: with more, what a step carries to the next has no room in registers.
const fn most_channels<S: Simd>() -> usize {
    if are_many(S::REGISTER_COUNT) { 5 } else { 4 }
}

/// Where there are few steps, the calls count, of which there is one here for all words of a
/// parent.
const FEW_STEPS: usize = 4;

/// Whether words with so many children are taken here.
pub(super) fn is_small<S: Simd>(channels: usize, steps: usize) -> bool {
    channels <= most_channels::<S>() || channels <= WIDEST && steps <= FEW_STEPS
}

/// The children and grandchildren of words that lie one after another, of at most [`WIDEST`]
/// channels.
pub(super) struct SmallLeafAdjoint<'a, T: Real, S: Simd> {
    pub(super) simd: S,
    pub(super) channels: usize,
    pub(super) z: Steps<'a, T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// How many words.
    pub(super) words: usize,
    /// `h_{N−1}` and `h_N` of each word, `[step][word][2]`.
    pub(super) h: &'a [T::Vector<S>],
    /// Its gradient, in the same layout, to be written.
    pub(super) h_gradient: &'a mut [T::Vector<S>],
    /// The terms of the children, `[word][child]`.
    pub(super) terms: Terms<'a, T::Vector<S>>,
    /// The gradient of the children, brought from after the last step to before the first.
    pub(super) children: &'a mut [T::Vector<S>],
    /// That of the grandchildren, `[word][child][channel]`.
    pub(super) grandchildren: &'a [T::Vector<S>],
}

/// When the terms are those.
#[derive(Clone, Copy)]
pub(super) enum Terms<'a, V> {
    BeforeFirst(&'a [V]),
    AfterLast(&'a [V]),
}

impl<T: Real, S: Simd> WithSimd for SmallLeafAdjoint<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        with_width!(self.channels, WIDEST, B => {
            for word in 0..self.words {
                let terms = match self.terms {
                    Terms::BeforeFirst(terms) => self.after_last::<B>(word, terms),
                    Terms::AfterLast(terms) => child_each(&terms[word * B..]),
                };
                self.word::<B>(word, terms);
            }
        });
    }
}

#[inline(always)]
fn child_each<V: Copy, const B: usize>(of: &[V]) -> [V; B] {
    of[..B].try_into().expect("a child a channel")
}

impl<T: Real, S: Simd> SmallLeafAdjoint<'_, T, S> {
    /// The terms of a word's children after the last step from those before the first.
    #[inline(always)]
    fn after_last<const B: usize>(
        &self,
        word: usize,
        before: &[T::Vector<S>],
    ) -> [T::Vector<S>; B] {
        let mut terms = child_each::<_, B>(&before[word * B..]);
        let steps = self.z.rows().zip(self.h.chunks_exact(2 * self.words));
        for (z, h) in steps {
            let (z, lower) = (child_each::<_, B>(z), h[2 * word]);
            for i in 0..B {
                terms[i] = T::mul_add(self.simd, lower, z[i], terms[i]);
            }
        }
        terms
    }

    /// A word whose children have these terms after the last step: `z̄` stays in registers while
    /// the rows of its matrix go by.
    #[inline(always)]
    fn word<const B: usize>(&mut self, word: usize, mut terms: [T::Vector<S>; B]) {
        let simd = self.simd;
        let zero = T::splat(simd, T::nearest(0.0));
        let half = T::splat(simd, T::nearest(0.5));
        let mut s = child_each::<_, B>(&self.children[word * B..]);
        let g: &[[T::Vector<S>; B]] = self.grandchildren[word * B * B..].as_chunks().0;
        let g: &[[T::Vector<S>; B]; B] = g[..B].try_into().expect("the children of each");

        let (z, z_stride) = self.z.data();
        let (h, stride) = (self.h, self.words * 2);
        let (z_gradient, h_gradient) = (&mut *self.z_gradient, &mut *self.h_gradient);
        let steps = z.len() / z_stride;
        assert!(B <= z_stride && word < self.words && steps * B <= z_gradient.len());
        assert!(steps * stride <= h.len() && steps * stride <= h_gradient.len());
        for t in (0..steps).rev() {
            let at = t * stride + word * 2;
            // SAFETY: `t < steps`, and the assertions above: `B` numbers of a step lie within its
            // row, and two of each word within `stride`.
            unsafe {
                let z: [_; B] = read(z, t * z_stride);
                let mut zg: [_; B] = read(z_gradient, t * B);
                let [h_lower, h_upper] = read(h, at);
                let h_upper = T::times(simd, h_upper, half);
                let back = T::minus(simd, zero, h_lower);
                let (h, mut hg) = ([h_lower, h_upper], [zero; 2]);
                // With many registers a child goes through its step at once.
                let at_once = are_many(S::REGISTER_COUNT) && B <= most_channels::<S>();
                let mut xg = [zero; B];
                for i in 0..B {
                    terms[i] = T::mul_add(simd, back, z[i], terms[i]);
                    let x = T::mul_add(simd, h_upper, z[i], terms[i]);
                    [xg[i]] = products::<T, S, _, _>(simd, [&g[i]], [x], &z, &mut zg);
                    if at_once {
                        child::<T, S>(simd, h, [z[i], xg[i]], &mut s[i], &mut zg[i], &mut hg);
                    }
                }
                if !at_once {
                    for i in 0..B {
                        child::<T, S>(simd, h, [z[i], xg[i]], &mut s[i], &mut zg[i], &mut hg);
                    }
                }
                write(z_gradient, t * B, zg);
                write(h_gradient, at, [hg[0], T::times(simd, hg[1], half)]);
            }
        }
        self.children[word * B..][..B].copy_from_slice(&s);
    }
}
