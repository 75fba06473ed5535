//! Cardinal B-splines on slices, a column a spline: the value of a spline at each position, then
//! that of the next spline. Cubic ones by their closed form, which compilers turn into vectors; of
//! other orders only `order + 1` are not zero at a position, which the recursion gives together
//! from the place within the cell.

use core::ops::Range;

use num_traits::Float;

use super::Splines;

/// The highest order of the kernels.
pub const HIGHEST_ORDER: usize = 15;

/// `B(z − j)` of all positions `z` of a feature, for `j = 0..count`.
pub(super) fn fill<T: Float>(positions: &[T], basis: &mut [T], splines: Splines) {
    debug_assert_eq!(basis.len(), splines.count * positions.len());
    match splines.order {
        3 => fill_cubic(positions, basis),
        order => fill_order(positions, basis, order, splines.count),
    }
}

/// `Σ_j g_j B′(z − j)` of each position; `gradient` is zero before.
pub(super) fn pull_back<T: Float>(
    positions: &[T],
    output: &[T],
    gradient: &mut [T],
    splines: Splines,
) {
    debug_assert_eq!(output.len(), splines.count * positions.len());
    match splines.order {
        0 => {}
        3 => pull_back_cubic(positions, output, gradient),
        order => pull_back_order(positions, output, gradient, order, splines.count),
    }
}

/// `B(z − j) = ((2 − t)_+³ − 4 (1 − t)_+³) / 6` at the distance `t = |z − j − 2|` from the middle.
fn fill_cubic<T: Float>(positions: &[T], basis: &mut [T]) {
    let [two, four, sixth] = [2.0, 4.0, 1.0 / 6.0].map(constant::<T>);
    let mut middle = two;
    for column in basis.chunks_exact_mut(positions.len().max(1)) {
        for (value, &position) in column.iter_mut().zip(positions) {
            let distance = (position - middle).abs();
            let (outer, inner) = (positive(two - distance), positive(T::one() - distance));
            *value = (outer * outer * outer - four * (inner * inner * inner)) * sixth;
        }
        middle = middle + T::one();
    }
}

/// `B′(z − j) = ∓((2 − t)_+² / 2 − 2 (1 − t)_+²)`, falling on the right of the middle.
fn pull_back_cubic<T: Float>(positions: &[T], output: &[T], gradient: &mut [T]) {
    let [two, half] = [2.0, 0.5].map(constant::<T>);
    let mut middle = two;
    for column in output.chunks_exact(positions.len().max(1)) {
        for ((sum, &output), &position) in gradient.iter_mut().zip(column).zip(positions) {
            let place = position - middle;
            let distance = place.abs();
            let (outer, inner) = (positive(two - distance), positive(T::one() - distance));
            let slope = half * (outer * outer) - two * (inner * inner);
            let slope = if place < T::zero() { slope } else { -slope };
            *sum = *sum + output * slope;
        }
        middle = middle + T::one();
    }
}

/// NaN stays.
#[inline(always)]
fn positive<T: Float>(number: T) -> T {
    if number < T::zero() {
        T::zero()
    } else {
        number
    }
}

fn constant<T: Float>(number: f64) -> T {
    T::from(number).expect("a float of any kind")
}

fn fill_order<T: Float>(positions: &[T], basis: &mut [T], order: usize, count: usize) {
    let rows = positions.len();
    basis.fill(T::zero());
    for (row, &position) in positions.iter().enumerate() {
        match cell(position, order + count) {
            Cell::At(cell, place) => {
                let values = values::<T>(place, order);
                for spline in there(cell, order, count) {
                    basis[spline * rows + row] = values[spline + order - cell];
                }
            }
            Cell::Outside => {}
            Cell::NotANumber => (0..count).for_each(|spline| basis[spline * rows + row] = position),
        }
    }
}

fn pull_back_order<T: Float>(
    positions: &[T],
    output: &[T],
    gradient: &mut [T],
    order: usize,
    count: usize,
) {
    let rows = positions.len();
    for (row, (&position, gradient)) in positions.iter().zip(gradient).enumerate() {
        match cell(position, order + count) {
            Cell::At(cell, place) => {
                let slopes = slopes::<T>(place, order);
                for spline in there(cell, order, count) {
                    let slope = slopes[spline + order - cell];
                    *gradient = *gradient + output[spline * rows + row] * slope;
                }
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
fn there(cell: usize, order: usize, count: usize) -> Range<usize> {
    cell.saturating_sub(order)..(cell + 1).min(count)
}

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
fn slopes<T: Float>(place: T, order: usize) -> [T; HIGHEST_ORDER + 1] {
    let mut slopes = values::<T>(place, order - 1);
    let mut left = T::zero();
    for slope in &mut slopes[..order + 1] {
        let right = *slope;
        *slope = left - right;
        left = right;
    }
    slopes
}

/// The splines that are not zero in a cell, from the one that ends there to the one that starts.
fn values<T: Float>(place: T, order: usize) -> [T; HIGHEST_ORDER + 1] {
    let mut values = [T::zero(); HIGHEST_ORDER + 1];
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
