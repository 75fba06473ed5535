//! Cardinal B-splines on slices: at each position only `order + 1` of them are not zero, which the
//! recursion gives together from the place within the cell.

use num_traits::Float;

use super::SplineParams;

/// The highest order of the kernels.
pub(super) const MOST: usize = 15;

/// `B(z − j)` of each position, `count` in a row; `basis` is zero before.
pub(super) fn fill<T: Float>(positions: &[T], basis: &mut [T], params: SplineParams) {
    match params.order {
        3 => fill_order(positions, basis, 3, params.count),
        order => fill_order(positions, basis, order, params.count),
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
        3 => pull_back_order(positions, output, gradient, 3, params.count),
        order => pull_back_order(positions, output, gradient, order, params.count),
    }
}

#[inline(always)]
fn fill_order<T: Float>(positions: &[T], basis: &mut [T], order: usize, count: usize) {
    for (&position, row) in positions.iter().zip(basis.chunks_exact_mut(count)) {
        match cell(position, order + count) {
            Cell::At(cell, place) => {
                let values = values(place, order);
                for (value, spline) in values[..=order].iter().zip(cell..) {
                    if let Some(spline) = spline.checked_sub(order)
                        && spline < count
                    {
                        row[spline] = *value;
                    }
                }
            }
            Cell::Outside => {}
            Cell::NotANumber => row.fill(position),
        }
    }
}

#[inline(always)]
fn pull_back_order<T: Float>(
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
                let below = values(place, order - 1);
                let mut sum = T::zero();
                for index in 0..=order {
                    let Some(spline) = (cell + index).checked_sub(order) else {
                        continue;
                    };
                    if spline >= count {
                        break;
                    }
                    let left = if index > 0 {
                        below[index - 1]
                    } else {
                        T::zero()
                    };
                    let right = if index < order {
                        below[index]
                    } else {
                        T::zero()
                    };
                    sum = sum + row[spline] * (left - right);
                }
                *gradient = sum;
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

#[inline(always)]
fn cell<T: Float>(position: T, cells: usize) -> Cell<T> {
    let floor = position.floor();
    if position.is_nan() {
        return Cell::NotANumber;
    }
    match floor.to_usize() {
        Some(cell) if cell < cells && position >= T::zero() => Cell::At(cell, position - floor),
        _ => Cell::Outside,
    }
}

/// The splines that are not zero in a cell, from the one that ends there to the one that starts.
#[inline(always)]
fn values<T: Float>(place: T, order: usize) -> [T; MOST + 1] {
    let mut values = [T::zero(); MOST + 1];
    values[0] = T::one();
    let mut number = T::zero();
    for order in 1..=order {
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
