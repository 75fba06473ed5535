//! Sums over rows in parts that threads make side by side. The number of parts is fixed, so the bits of a
//! sum do not depend on the number of threads.

use num_traits::Float;

/// Parts at most.
pub(crate) const PARTS: usize = 16;

/// Rows of a part, whole blocks of rows.
pub(crate) fn rows_of_a_part(rows: usize, block: usize) -> usize {
    rows.div_ceil(PARTS).max(1).next_multiple_of(block)
}

/// The sum of the parts, added in their order; `size` zeros if there are none.
pub(crate) fn sum_of_parts<T: Float>(parts: Vec<Vec<T>>, size: usize) -> Vec<T> {
    let mut parts = parts.into_iter();
    let mut sum = parts.next().unwrap_or_else(|| vec![T::zero(); size]);
    for part in parts {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum = *sum + part;
        }
    }
    sum
}
