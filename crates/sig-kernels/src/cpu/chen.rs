//! Products of the tensor algebra in lanes, and their adjoints: Chen's identity for the segments of
//! a path, and what power series are made of.

use pulp::Simd;

use super::simd::vectorize;
use super::tiles::{WIDEST, rows_at_once, tiles, with_width};
use super::tree::Tree;
use super::unchecked::read;
use crate::Real;

/// Where words that differ in their last two letters alone are cut in two before these: their first
/// part among all terms, and how far the beginning of their second is among the `count` of its
/// length.
struct Cut {
    left: usize,
    right: usize,
    rest: usize,
    count: usize,
}

/// A level of `x ⊗ y` without what the scalar terms give, `Σ_{0<i<k} x_i ⊗ y_{k−i}`. Callers add that
/// to these sums, for in a logarithm it cancels most of them.
#[inline(always)]
pub(super) fn level<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    level: usize,
    factors: [&[T::Vector<S>]; 2],
    out: &mut [T::Vector<S>],
) {
    let d = tree.channels;
    if level == 1 {
        return bytemuck::fill_zeroes(&mut out[..d]);
    }
    for (column, width) in tiles(d, WIDEST) {
        with_width!(width, WIDEST, B => {
            for (row, height) in tiles(d, rows_at_once(S::REGISTER_COUNT, B)) {
                with_width!(height, rows_at_once(S::REGISTER_COUNT, B), P => {
                    last_letters::<T, S, P, B>(simd, tree, level, factors, [row, column], out);
                });
            }
        });
    }
}

/// The words of a level from 2 on that end with one of `P` letters from `row` on, then one of `B`
/// from `column` on.
#[inline(always)]
fn last_letters<T: Real, S: Simd, const P: usize, const B: usize>(
    simd: S,
    tree: &Tree,
    level: usize,
    [x, y]: [&[T::Vector<S>]; 2],
    [row, column]: [usize; 2],
    out: &mut [T::Vector<S>],
) {
    let (d, below, prefixes) = (tree.channels, tree.offset(level), tree.words(level - 2));
    let cut = |letters: usize| Cut {
        left: tree.offset(letters),
        right: tree.offset(level - letters) + row * d + column,
        rest: 0,
        count: tree.words(level - 2 - letters),
    };
    let mut cuts: Vec<Cut> = (1..level - 1).map(cut).collect();
    let longest = tree.offset(level - 1) + row;
    assert!(row + P <= d && column + B <= d && prefixes * d * d <= out.len());
    assert!(below <= x.len() && below <= y.len());
    for prefix in 0..prefixes {
        let mut sums = [[T::splat(simd, T::nearest(0.0)); B]; P];
        for cut in &mut cuts {
            // SAFETY: a cut runs through the words of its two levels, both below this one, of whose
            // terms both factors have all: asserted above. So are rows and columns within `d`
            // letters.
            let ([left], right) = unsafe { (read(x, cut.left), cut.right + cut.rest * d * d) };
            for p in 0..P {
                // SAFETY: as above.
                let right: [_; B] = unsafe { read(y, right + p * d) };
                for i in 0..B {
                    sums[p][i] = T::mul_add(simd, left, right[i], sums[p][i]);
                }
            }
            cut.rest += 1;
            if cut.rest == cut.count {
                cut.rest = 0;
                cut.left += 1;
            }
        }
        // SAFETY: as above; these are the words without their last letter, and that letter.
        let (left, right): ([_; P], [_; B]) =
            unsafe { (read(x, longest + prefix * d), read(y, column)) };
        for p in 0..P {
            let at = (prefix * d + row + p) * d + column;
            let words = &mut out[at..][..B];
            for i in 0..B {
                words[i] = T::mul_add(simd, left[p], right[i], sums[p][i]);
            }
        }
    }
}

/// The adjoint of [`level`]: from the gradient of `out_k` what those of `x` and `y` gain.
#[inline(always)]
pub(super) fn level_adjoint<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    level: usize,
    [x, y]: [&[T::Vector<S>]; 2],
    gradient: &[T::Vector<S>],
    x_gradient: &mut [T::Vector<S>],
    y_gradient: &mut [T::Vector<S>],
) {
    let zero = T::splat(simd, T::nearest(0.0));
    for letters in 1..level {
        let rest = tree.words(level - letters);
        let y = &y[tree.offset(level - letters)..][..rest];
        let y_gradient = &mut y_gradient[tree.offset(level - letters)..][..rest];
        for (word, gradient) in gradient.chunks_exact(rest).enumerate() {
            let at = tree.offset(letters) + word;
            let x = x[at];
            // Four sums, so that none waits for the one before.
            let mut sums = [x_gradient[at], zero, zero, zero];
            let (gradients, last_gradients) = gradient.as_chunks::<4>();
            let (ys, last_ys) = y.as_chunks::<4>();
            let (y_gradients, last_y_gradients) = y_gradient.as_chunks_mut::<4>();
            for ((g, y), yg) in gradients.iter().zip(ys).zip(y_gradients) {
                for i in 0..4 {
                    sums[i] = T::mul_add(simd, g[i], y[i], sums[i]);
                    yg[i] = T::mul_add(simd, g[i], x, yg[i]);
                }
            }
            for ((g, y), yg) in last_gradients.iter().zip(last_ys).zip(last_y_gradients) {
                sums[0] = T::mul_add(simd, *g, *y, sums[0]);
                *yg = T::mul_add(simd, *g, x, *yg);
            }
            let halves = [
                T::plus(simd, sums[0], sums[1]),
                T::plus(simd, sums[2], sums[3]),
            ];
            x_gradient[at] = T::plus(simd, halves[0], halves[1]);
        }
    }
}

/// `out = left ⊗ right`: `out_k = left_k + Σ_{j=1..k−1} left_j ⊗ right_{k−j} + right_k`.
pub(super) fn product<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    [left, right]: [&[T::Vector<S>]; 2],
    out: &mut [T::Vector<S>],
) {
    vectorize(
        simd,
        #[inline(always)]
        || {
            for k in 1..=tree.depth {
                let words = tree.offset(k)..tree.offset(k) + tree.words(k);
                let out = &mut out[words.clone()];
                level::<T, S>(simd, tree, k, [left, right], out);
                let factors = left[words.clone()].iter().zip(&right[words]);
                for (out, (&left, &right)) in out.iter_mut().zip(factors) {
                    *out = T::plus(simd, *out, T::plus(simd, left, right));
                }
            }
        },
    );
}

/// The adjoint of [`product`]: gradients of both factors from that of the product. Of the factors
/// the levels below the top are enough.
pub(super) fn product_adjoint<T: Real, S: Simd>(
    simd: S,
    tree: &Tree,
    factors: [&[T::Vector<S>]; 2],
    gradient: &[T::Vector<S>],
    [of_left, of_right]: [&mut [T::Vector<S>]; 2],
) {
    vectorize(
        simd,
        #[inline(always)]
        || {
            of_left.copy_from_slice(gradient);
            of_right.copy_from_slice(gradient);
            for k in 2..=tree.depth {
                let gradient = &gradient[tree.offset(k)..][..tree.words(k)];
                level_adjoint::<T, S>(simd, tree, k, factors, gradient, of_left, of_right);
            }
        },
    );
}
