//! Products of a sparse matrix of whole numbers with each row.

use pulp::{Simd, WithSimd};

use super::SparseProduct;
use super::rows::{Rows, results};
use super::scratch::Scratch;
use super::simd::vectorize;
use crate::Real;

pub(super) struct Values<'a, T>(pub(super) &'a SparseProduct<'a, T>);

impl<T: Real> WithSimd for Values<'_, T> {
    type Output = Vec<T>;

    fn with_simd<S: Simd>(self, simd: S) -> Vec<T> {
        let SparseProduct {
            matrix,
            transposed,
            input,
        } = *self.0;
        let [sources, targets] = turned([matrix.columns, matrix.rows], transposed);
        let rows = Rows {
            numbers: input,
            width: sources,
        };
        let parts = [&matrix.first, &matrix.rest];
        let [values] = results::<T, S, _, 1>(
            simd,
            input.len() / sources,
            targets,
            parts.map(|part| part.values.len()).iter().sum(),
            || [sources, targets].map(Scratch::new),
            |[from, to], group| {
                rows.load(simd, group, from);
                vectorize(
                    simd,
                    #[inline(always)]
                    || {
                        bytemuck::fill_zeroes(to);
                        for part in parts {
                            let ends = [&part.sources[..], &part.targets];
                            let ends = turned(ends, transposed);
                            add::<T, S>(simd, &part.values, ends, from, to);
                        }
                    },
                );
                [&*to]
            },
        );
        values
    }
}

#[inline(always)]
fn turned<X>([sources, targets]: [X; 2], transposed: bool) -> [X; 2] {
    match transposed {
        false => [sources, targets],
        true => [targets, sources],
    }
}

/// Adds the products of some entries with the numbers at their sources to those at their targets.
#[inline(always)]
fn add<T: Real, S: Simd>(
    simd: S,
    values: &[i64],
    [sources, targets]: [&[usize]; 2],
    from: &[T::Vector<S>],
    to: &mut [T::Vector<S>],
) {
    for ((&source, &target), &value) in sources.iter().zip(targets).zip(values) {
        let value = T::splat(simd, T::nearest(value as f64));
        to[target] = T::mul_add(simd, value, from[source], to[target]);
    }
}
