//! From rows to lanes and back: rows of memory, each a path or a signature, become the lanes of
//! vectors, so that vector `q` holds number `q` of every row.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::Simd;

use super::simd::{lanes, vectorize};
use super::unchecked::{read, write};
use crate::Real;

/// The most lanes that any vector has, bytes in one of 512 bits.
pub(super) const MOST_LANES: usize = 64;

/// Vectors from rows: `vectors[q]` holds number `q` of each row, of which a lane's starts at its
/// offset.
pub(super) fn load_rows<T: Real, S: Simd>(
    simd: S,
    rows: &[T],
    offsets: &[usize],
    vectors: &mut [T::Vector<S>],
) {
    vectorize(
        simd,
        #[inline(always)]
        || {
            let width = vectors.len();
            load(rows, offsets, width, bytemuck::cast_slice_mut(vectors));
        },
    );
}

/// Vectors to rows that follow each other, each from the lane `every` further on.
pub(super) fn store_rows<T: Real, S: Simd>(
    simd: S,
    vectors: &[T::Vector<S>],
    rows: &mut [MaybeUninit<T>],
    every: usize,
) {
    let width = vectors.len();
    if every == 1 {
        let offsets: Vec<usize> = (0..rows.len() / width).map(|row| row * width).collect();
        return store_rows_at(simd, vectors, rows, &offsets);
    }
    let numbers = bytemuck::cast_slice(vectors);
    for (index, row) in rows.chunks_exact_mut(width).enumerate() {
        store_lane(numbers, lanes::<T, S>(), index * every, row);
    }
}

/// Vectors to rows: the first lanes, a row each, which starts at its offset.
pub(super) fn store_rows_at<T: Real, S: Simd>(
    simd: S,
    vectors: &[T::Vector<S>],
    rows: &mut [MaybeUninit<T>],
    offsets: &[usize],
) {
    let (numbers, count) = (bytemuck::cast_slice(vectors), lanes::<T, S>());
    vectorize(
        simd,
        #[inline(always)]
        || {
            let width = numbers.len() / count;
            let (fours, rest) = offsets.as_chunks::<4>();
            for (four, offsets) in fours.iter().enumerate() {
                let rows = rows.get_disjoint_mut(offsets.map(|at| at..at + width));
                let rows = rows.expect("rows that do not overlap, within the slice");
                store_four(numbers, count, 4 * four, rows);
            }
            for (l, &at) in rest.iter().enumerate() {
                store_lane(
                    numbers,
                    count,
                    4 * fours.len() + l,
                    &mut rows[at..][..width],
                );
            }
        },
    );
}

/// Vectors to a range of rows that are slices of their own: the first lanes, a row each.
pub(super) fn store_range<T: Real, S: Simd>(
    simd: S,
    vectors: &[T::Vector<S>],
    rows: &mut [&mut [MaybeUninit<T>]],
    range: Range<usize>,
) {
    let (numbers, count) = (bytemuck::cast_slice(vectors), lanes::<T, S>());
    vectorize(
        simd,
        #[inline(always)]
        || {
            let (fours, rest) = rows.as_chunks_mut::<4>();
            let first = 4 * fours.len();
            for (four, rows) in fours.iter_mut().enumerate() {
                let rows = rows.each_mut().map(|row| &mut row[range.clone()]);
                store_four(numbers, count, 4 * four, rows);
            }
            for (l, row) in rest.iter_mut().enumerate() {
                store_lane(numbers, count, first + l, &mut row[range.clone()]);
            }
        },
    );
}

/// Copies `width` numbers of each row into lanes: `lanes[q][l] = rows[offsets[l] + q]`.
#[inline(always)]
pub(crate) fn load<T: Real>(rows: &[T], offsets: &[usize], width: usize, lanes: &mut [T]) {
    let count = offsets.len();
    let lanes = &mut lanes[..width * count];
    let done = width / 4 * 4;
    let (fours, rest) = offsets.as_chunks::<4>();
    for (four, offsets) in fours.iter().enumerate() {
        let from = offsets.map(|at| &rows[at..][..width]);
        for first in (0..done).step_by(4) {
            // SAFETY: `first + 4 <= width`, of which each row has as many numbers and the lanes as
            // many vectors of `count >= 4 * four + 4` numbers.
            unsafe {
                let columns = T::transpose(from.map(|row| read(row, first)));
                for (i, column) in columns.into_iter().enumerate() {
                    write(lanes, (first + i) * count + 4 * four, column);
                }
            }
        }
        for (l, row) in from.iter().enumerate() {
            load_lane(
                &row[done..],
                &mut lanes[done * count..],
                count,
                4 * four + l,
            );
        }
    }
    for (l, &at) in rest.iter().enumerate() {
        load_lane(&rows[at..][..width], lanes, count, 4 * fours.len() + l);
    }
}

/// Copies four lanes from `first` on into rows of the same width: `rows[l][q] = lanes[q][first +
/// l]`; `count` is the number of lanes.
#[inline(always)]
fn store_four<T: Real>(lanes: &[T], count: usize, first: usize, rows: [&mut [MaybeUninit<T>]; 4]) {
    let width = rows[0].len();
    let done = width / 4 * 4;
    assert!(rows.iter().all(|row| row.len() == width));
    assert!(first + 4 <= count && width * count <= lanes.len());
    let mut rows = rows;
    for at in (0..done).step_by(4) {
        // SAFETY: `at + 4 <= width`, of which the lanes have as many vectors of `count >= first +
        // 4` numbers and each row as many numbers: asserted above.
        unsafe {
            let columns = core::array::from_fn(|i| read(lanes, (at + i) * count + first));
            for (row, numbers) in rows.iter_mut().zip(T::transpose(columns)) {
                write(row, at, numbers.map(MaybeUninit::new));
            }
        }
    }
    for (l, row) in rows.into_iter().enumerate() {
        store_lane(&lanes[done * count..], count, first + l, &mut row[done..]);
    }
}

/// Copies a row into a lane.
#[inline(always)]
pub(super) fn load_lane<T: Copy>(row: &[T], lanes: &mut [T], count: usize, lane: usize) {
    for (from, to) in row.iter().zip(lanes.chunks_exact_mut(count)) {
        to[lane] = *from;
    }
}

/// Copies a lane into a row.
#[inline(always)]
pub(super) fn store_lane<T: Copy>(
    lanes: &[T],
    count: usize,
    lane: usize,
    row: &mut [MaybeUninit<T>],
) {
    for (to, from) in row.iter_mut().zip(lanes.chunks_exact(count)) {
        to.write(from[lane]);
    }
}
