//! The gradient of signatures of depth 2 in closed form.
//!
//! With the points `p_0 … p_T` of a path,
//!
//! ```text
//! S_2 = Σ_t (½ (p_t + p_{t+1}) − p_0) ⊗ (p_{t+1} − p_t)
//! ```
//!
//! so, with the gradients `g` of level 1 and `G` of level 2, a matrix, and with `X = p_T − p_0`,
//!
//! ```text
//! p̄_t  = ½ (G − Gᵀ) (p_{t+1} − p_{t−1})        where p_{−1} = p_0 and p_{T+1} = p_T
//! p̄_0 −= g + G X
//! p̄_T += g + Gᵀ X
//! ```
//!
//! Each point is the product of one matrix with a vector, and nothing of the signature is computed
//! again.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Signature;
use super::output_buffer::OutputBuffer;
use super::plan::Span;
use super::schedule::each;
use super::scratch::Scratch;
use super::simd::{lanes, vectorize};
use super::tiles::{tiles, with_width};
use super::unchecked::{read, write_vector};
use crate::Real;

/// Points that are computed before they are copied to their place.
const CHUNK: usize = 64;
/// Points at once.
const POINTS: usize = 8;

/// Multiply-adds of a path, for each lane, from which on it takes less time than in lanes, where no
/// path needs a matrix of its own.
const WORTH_A_MATRIX: usize = 100;

/// Whether a gradient is computed so: of few paths, and of those that are worth it. It depends on the
/// sizes alone.
pub(super) fn is_for<T: Real, S: Simd>(call: &Signature<'_, T>) -> bool {
    let (channels, lanes) = (call.spec.channels(), lanes::<T, S>());
    let work = call.steps.saturating_mul(channels * channels);
    let pays = call.rows < lanes || work >= WORTH_A_MATRIX * lanes;
    call.spec.depth() == 2 && !call.stream && pays
}

/// The gradient of the paths, `[rows, steps + 1, channels]`.
///
/// # Arguments
///
/// - `spans`: where the paths lie, if not one after another.
/// - `output`: the gradient of the signatures, `[rows, terms]`.
pub(super) fn gradient<T: Real, S: Simd>(
    simd: S,
    call: &Signature<'_, T>,
    spans: Option<&[Span]>,
    output: &[T],
) -> Vec<T> {
    let d = call.spec.channels();
    let points = (call.steps + 1) * d;
    let mut gradient = OutputBuffer::new(call.rows * points);
    let rows = gradient.room().chunks_exact_mut(points);
    let vectors = d.div_ceil(lanes::<T, S>());
    each(
        rows.zip(output.chunks_exact(call.spec.terms())).collect(),
        (call.rows * points).saturating_mul(vectors),
        || PathGradient::<T, S>::new(simd, d),
        |path, row, (gradient, output)| {
            let points = Span::of(call, spans, row).points(call);
            let (gradient, rest) = gradient.split_at_mut(points.len());
            path.run(points, output, gradient);
            // Of a path with fewer steps than others.
            rest.fill(MaybeUninit::new(T::zeroed()));
        },
    );
    // SAFETY: every row was written as a whole.
    unsafe { gradient.assume_written() }
}

/// What a thread needs, allocated once.
struct PathGradient<T: Real, S: Simd> {
    simd: S,
    channels: usize,
    /// `½ (Gᵀ − G)`, in rows of whole vectors.
    matrix: Scratch<T::Vector<S>>,
    /// `p_{t+1} − p_{t−1}` of the points of a chunk.
    differences: Scratch<T>,
    /// The products of the matrix with these, with room for a vector behind them.
    products: Scratch<T>,
    /// `−(g + G X)` and `g + Gᵀ X`, which the gradients of the first and the last point have beside
    /// their products.
    first: Vec<T>,
    last: Vec<T>,
}

impl<T: Real, S: Simd> PathGradient<T, S> {
    fn new(simd: S, channels: usize) -> Self {
        let lanes = lanes::<T, S>();
        Self {
            simd,
            channels,
            matrix: Scratch::filled(
                channels * channels.div_ceil(lanes),
                T::splat(simd, T::zeroed()),
            ),
            differences: Scratch::new(CHUNK * channels),
            products: Scratch::new(CHUNK * channels + lanes),
            first: vec![T::zeroed(); channels],
            last: vec![T::zeroed(); channels],
        }
    }

    fn run(&mut self, points: &[T], output: &[T], gradient: &mut [MaybeUninit<T>]) {
        let (simd, d) = (self.simd, self.channels);
        self.prepare(points, output);
        let count = points.len() / d;
        for start in (0..count).step_by(CHUNK) {
            let chunk = start..count.min(start + CHUNK);
            self.subtract(points, chunk.clone());
            simd.vectorize(Products {
                simd,
                channels: d,
                matrix: &self.matrix,
                differences: &self.differences[..chunk.len() * d],
                products: &mut self.products,
            });
            let products = &mut self.products[..chunk.len() * d];
            let add = |to: &mut [T], what: &[T]| {
                to.iter_mut().zip(what).for_each(|(to, &x)| *to += x);
            };
            if start == 0 {
                add(&mut products[..d], &self.first);
            }
            if chunk.end == count {
                add(&mut products[(chunk.len() - 1) * d..], &self.last);
            }
            gradient[start * d..chunk.end * d].write_copy_of_slice(products);
        }
    }

    /// Computes the matrix, `first` and `last` of a path.
    fn prepare(&mut self, points: &[T], output: &[T]) {
        let d = self.channels;
        let ((g, square), half) = (output.split_at(d), T::nearest(0.5));
        let width = self.matrix.len() / d * lanes::<T, S>();
        let matrix: &mut [T] = bytemuck::cast_slice_mut(&mut self.matrix);
        let end = &points[points.len() - d..];
        self.first.copy_from_slice(g);
        self.last.copy_from_slice(g);
        for (i, rows) in matrix.chunks_exact_mut(width).enumerate() {
            let (row, column) = (&square[i * d..][..d], square[i..].iter().step_by(d));
            let x = end[i] - points[i];
            let ends = self.first.iter_mut().zip(&mut self.last);
            for (((at, ends), &in_row), &in_column) in
                rows.iter_mut().zip(ends).zip(row).zip(column)
            {
                *at = half * (in_column - in_row);
                *ends.0 += x * in_column;
                *ends.1 += x * in_row;
            }
        }
        self.first
            .iter_mut()
            .for_each(|first| *first = T::zeroed() - *first);
    }

    /// Computes the differences of a chunk.
    fn subtract(&mut self, points: &[T], chunk: Range<usize>) {
        let (simd, d, last) = (self.simd, self.channels, points.len() / self.channels - 1);
        let differences = &mut self.differences[..chunk.len() * d];
        // From the point before to the point after some points.
        let mut between = |some: Range<usize>, before: usize, after: usize| {
            let to = &mut differences[(some.start - chunk.start) * d..][..some.len() * d];
            let (before, after) = (&points[before * d..], &points[after * d..]);
            vectorize(
                simd,
                #[inline(always)]
                || {
                    for ((to, &before), &after) in to.iter_mut().zip(before).zip(after) {
                        *to = after - before;
                    }
                },
            );
        };
        let inner = chunk.start.max(1)..chunk.end.min(last);
        if !inner.is_empty() {
            between(inner.clone(), inner.start - 1, inner.start + 1);
        }
        if chunk.start == 0 {
            between(0..1, 0, last.min(1));
        }
        if chunk.end == last + 1 {
            between(last..last + 1, last.max(1) - 1, last);
        }
    }
}

/// The products of the matrix with the differences of a chunk.
struct Products<'a, T: Real, S: Simd> {
    simd: S,
    channels: usize,
    matrix: &'a [T::Vector<S>],
    differences: &'a [T],
    products: &'a mut [T],
}

impl<T: Real, S: Simd> WithSimd for Products<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let (d, count) = (self.channels, lanes::<T, S>());
        let vectors = d.div_ceil(count);
        assert!(self.matrix.len() == d * vectors && self.differences.len().is_multiple_of(d));
        assert!(self.differences.len() + count <= self.products.len());
        for (first, points) in tiles(self.differences.len() / d, POINTS) {
            // A vector that ends behind its point is written over the next one, before that is.
            for vector in (0..vectors).rev() {
                with_width!(points, POINTS, P => self.tile::<P>(first, vector, vectors));
            }
        }
    }
}

impl<T: Real, S: Simd> Products<'_, T, S> {
    #[inline(always)]
    fn tile<const P: usize>(&mut self, first: usize, vector: usize, vectors: usize) {
        let (simd, d) = (self.simd, self.channels);
        let mut sums = [T::splat(simd, T::zeroed()); P];
        for j in 0..d {
            // SAFETY: the assertions of `with_simd`: there are `d` rows of `vectors`, and `P` points
            // of `d` numbers from `first` on.
            unsafe {
                let [row] = read(self.matrix, j * vectors + vector);
                for p in 0..P {
                    let [x]: [T; 1] = read(self.differences, (first + p) * d + j);
                    sums[p] = T::mul_add(simd, T::splat(simd, x), row, sums[p]);
                }
            }
        }
        for p in 0..P {
            let at = (first + p) * d + vector * lanes::<T, S>();
            // SAFETY: the vector begins within a point, and behind the last one there is room for
            // another.
            unsafe { write_vector(self.products, at, sums[p]) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignatureSpec;
    use crate::cpu::gradient::in_lanes;
    use crate::cpu::plan::Plan;
    use crate::cpu::simd::{dispatch, one_by_one};
    use crate::cpu::split::Share;
    use crate::cpu::tests::{as_f64, close, numbers, written};
    use crate::cpu::tree::Tree;

    /// The gradient in closed form and as it goes in lanes.
    struct Both<'a, T> {
        call: Signature<'a, T>,
        spans: &'a [Span],
        output: &'a [T],
    }

    impl<T: Real> WithSimd for Both<'_, T> {
        type Output = [Vec<T>; 2];

        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let (call, spans) = (self.call, Some(self.spans));
            let plan = Plan::of::<T, S>(Tree::new(call.spec), &Share { call, spans });
            let lanes = written(call.paths.len(), |points| {
                in_lanes(simd, &plan, &call, &[], self.output, points);
            });
            [gradient(simd, &call, spans, self.output), lanes]
        }
    }

    fn agree<T: Real + Into<f64>>(tolerance: f64, vectors: bool) {
        // Rows, steps, channels: chunks of one point and of many, one vector of channels and more.
        for [rows, steps, channels] in [
            [1, 1, 1],
            [3, 2, 4],
            [2, 63, 3],
            [2, 64, 16],
            [1, 65, 13],
            [2, 130, 17],
            [3, 7, 35],
        ] {
            // Miri takes minutes for the long ones.
            if cfg!(miri) && steps * channels > 10 {
                continue;
            }
            let spec = SignatureSpec::new(channels, 2);
            let reals = |count, seed| -> Vec<T> {
                numbers(count, seed).into_iter().map(T::nearest).collect()
            };
            let own = (steps + 1) * channels;
            let (paths, output) = (reals(rows * own, 1), reals(rows * spec.terms(), 3));
            // The later ones end sooner, the last before its first step.
            let span = |row: usize| Span {
                start: row * own,
                steps: if row > 0 {
                    (rows - 1 - row) * steps / rows
                } else {
                    steps
                },
            };
            let both = Both {
                call: Signature {
                    spec,
                    paths: &paths,
                    rows,
                    steps,
                    stream: false,
                },
                spans: &(0..rows).map(span).collect::<Vec<_>>(),
                output: &output,
            };
            let both = if vectors {
                dispatch(both)
            } else {
                one_by_one(both)
            };
            let [closed, lanes] = both.map(|all| as_f64(&all));
            close(
                &closed,
                &lanes,
                tolerance,
                &format!("{rows}, {steps}, {channels}"),
            );
        }
    }

    #[test]
    fn gradients_are_those_in_lanes() {
        agree::<f64>(1e-12, true);
        agree::<f32>(1e-4, true);
        agree::<f64>(1e-12, false);
    }
}
