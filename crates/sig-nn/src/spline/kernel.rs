//! Cardinal B-splines on slices: at each position only `order + 1` of them are not zero, which the
//! recursion gives together from the place within the cell.

use core::ops::Range;

use num_traits::Float;

use super::SplineParams;

/// The highest order of the kernels.
pub(super) const MOST: usize = 15;

/// `B(z − j)` of each position, `count` in a row; `basis` is zero before.
pub(super) fn fill<T: Float>(positions: &[T], basis: &mut [T], params: SplineParams) {
    match params.order {
        3 => fill_order::<T, 4>(positions, basis, 3, params.count),
        order => fill_order::<T, { MOST + 1 }>(positions, basis, order, params.count),
    }
}

/// `Σ_j g_j B′(z − j)` of each position; `gradient` is zero before.
pub(super) fn pull_back<T: Float>(
    positions: &[T],
    output: &[T],
    gradient: &mut [T],
    params: SplineParams,
) {
    match params.order {
        0 => {}
        3 => pull_back_order::<T, 4>(positions, output, gradient, 3, params.count),
        order => {
            pull_back_order::<T, { MOST + 1 }>(positions, output, gradient, order, params.count);
        }
    }
}

#[inline(always)]
fn fill_order<T: Float, const N: usize>(
    positions: &[T],
    basis: &mut [T],
    order: usize,
    count: usize,
) {
    for (&position, row) in positions.iter().zip(basis.chunks_exact_mut(count)) {
        match cell(position, order + count) {
            Cell::At(cell, place) if (order..count).contains(&cell) => {
                row[cell - order..=cell].copy_from_slice(&values::<T, N>(place, order)[..=order]);
            }
            Cell::At(cell, place) => {
                let splines = there(cell, order, count);
                let values = &values::<T, N>(place, order)[splines.start + order - cell..];
                row[splines.clone()].copy_from_slice(&values[..splines.len()]);
            }
            Cell::Outside => {}
            Cell::NotANumber => row.fill(position),
        }
    }
}

#[inline(always)]
fn pull_back_order<T: Float, const N: usize>(
    positions: &[T],
    output: &[T],
    gradient: &mut [T],
    order: usize,
    count: usize,
) {
    let rows = output.chunks_exact(count);
    for ((&position, row), gradient) in positions.iter().zip(rows).zip(gradient) {
        match cell(position, order + count) {
            Cell::At(cell, place) => {
                let slopes = slopes::<T, N>(place, order);
                let splines = there(cell, order, count);
                let slopes = &slopes[splines.start + order - cell..=order];
                let terms = row[splines].iter().zip(slopes);
                *gradient = terms.fold(T::zero(), |sum, (&g, &slope)| sum + g * slope);
            }
            Cell::Outside => {}
            Cell::NotANumber => *gradient = position,
        }
    }
}

/// Where a position lies.
enum Cell<T> {
    /// In this cell, so far from its start.
    At(usize, T),
    Outside,
    NotANumber,
}

/// The splines that there are of those that are not zero in a cell.
#[inline(always)]
fn there(cell: usize, order: usize, count: usize) -> Range<usize> {
    cell.saturating_sub(order)..(cell + 1).min(count)
}

#[inline(always)]
fn cell<T: Float>(position: T, cells: usize) -> Cell<T> {
    if position.is_nan() {
        return Cell::NotANumber;
    }
    match position.to_usize() {
        Some(cell) if cell < cells && position >= T::zero() => {
            let start = T::from(cell).expect("a small whole number");
            Cell::At(cell, position - start)
        }
        _ => Cell::Outside,
    }
}

/// The derivatives of the splines that are not zero in a cell, in the order of [`values`]:
/// `B_k′(u) = B_{k−1}(u) − B_{k−1}(u − 1)`.
#[inline(always)]
fn slopes<T: Float, const N: usize>(place: T, order: usize) -> [T; N] {
    let mut slopes = values::<T, N>(place, order - 1);
    let mut left = T::zero();
    for slope in &mut slopes[..order + 1] {
        let right = *slope;
        *slope = left - right;
        left = right;
    }
    slopes
}

/// The splines that are not zero in a cell, from the one that ends there to the one that starts.
#[inline(always)]
fn values<T: Float, const N: usize>(place: T, order: usize) -> [T; N] {
    let mut values = [T::zero(); N];
    values[0] = T::one();
    let mut number = T::zero();
    for order in 1..order + 1 {
        number = number + T::one();
        let inverse = number.recip();
        // From B_{k−1} to B_k: what rises in one spline falls in the one before.
        let mut rising = T::zero();
        let mut falls = T::one() - place;
        let mut rises = place + number - T::one();
        for value in &mut values[..order] {
            let part = *value * inverse;
            *value = rising + falls * part;
            rising = rises * part;
            falls = falls + T::one();
            rises = rises - T::one();
        }
        values[order] = rising;
    }
    values
}
