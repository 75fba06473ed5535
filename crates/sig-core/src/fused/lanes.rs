//! From rows to lanes and back: rows of memory, each a path or a signature, become the lanes of
//! vectors, so that vector `q` holds number `q` of every row.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::simd::Number;
use super::unchecked::{read, write};

/// Where the rows of a group start in one slice, a lane each.
pub(crate) type Offsets = [usize];

/// [`load`], with the instructions of the caller's choice.
pub(crate) struct Load<'a, T> {
    pub(crate) rows: &'a [T],
    pub(crate) offsets: &'a Offsets,
    pub(crate) width: usize,
    pub(crate) lanes: &'a mut [T],
}

impl<T: Number> WithSimd for Load<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        load(self.rows, self.offsets, self.width, self.lanes);
    }
}

/// [`store`], with the instructions of the caller's choice.
pub(crate) struct Store<'a, T> {
    pub(crate) lanes: &'a [T],
    pub(crate) count: usize,
    pub(crate) rows: &'a mut [MaybeUninit<T>],
    pub(crate) offsets: &'a Offsets,
}

impl<T: Number> WithSimd for Store<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let width = self.lanes.len() / self.count;
        store(self.lanes, self.count, width, self.rows, self.offsets);
    }
}

/// Copies `width` numbers of each row into lanes: `lanes[q][l] = rows[offsets[l] + q]`.
#[inline(always)]
pub(crate) fn load<T: Number>(rows: &[T], offsets: &Offsets, width: usize, lanes: &mut [T]) {
    let count = offsets.len();
    let lanes = &mut lanes[..width * count];
    let done = width / 4 * 4;
    let (blocks, rest) = offsets.as_chunks::<4>();
    for (block, offsets) in blocks.iter().enumerate() {
        let from = offsets.map(|at| &rows[at..][..width]);
        for first in (0..done).step_by(4) {
            // SAFETY: `first + 4 <= width`, of which each row has as many numbers and the lanes as
            // many vectors of `count >= 4 * block + 4` numbers.
            unsafe {
                let columns = T::transpose(from.map(|row| read(row, first)));
                for (i, column) in columns.into_iter().enumerate() {
                    write(lanes, (first + i) * count + 4 * block, column);
                }
            }
        }
        for (l, row) in from.iter().enumerate() {
            load_lane(
                &row[done..],
                &mut lanes[done * count..],
                count,
                4 * block + l,
            );
        }
    }
    for (l, &at) in rest.iter().enumerate() {
        load_lane(&rows[at..][..width], lanes, count, 4 * blocks.len() + l);
    }
}

/// Copies `width` numbers of each lane into rows: `rows[offsets[l] + q] = lanes[q][l]`. There may be
/// fewer rows than lanes; `count` is the number of lanes.
#[inline(always)]
pub(crate) fn store<T: Number>(
    lanes: &[T],
    count: usize,
    width: usize,
    rows: &mut [MaybeUninit<T>],
    offsets: &Offsets,
) {
    let lanes = &lanes[..width * count];
    let done = width / 4 * 4;
    let (blocks, rest) = offsets.as_chunks::<4>();
    assert!(offsets.len() <= count && offsets.iter().all(|at| at + width <= rows.len()));
    for (block, offsets) in blocks.iter().enumerate() {
        for first in (0..done).step_by(4) {
            // SAFETY: `first + 4 <= width`, of which the lanes have as many vectors of `count >= 4 *
            // block + 4` numbers, and rows as many numbers from each offset on: asserted above.
            unsafe {
                let column = |i| read(lanes, (first + i) * count + 4 * block);
                let columns = core::array::from_fn(column);
                for (row, at) in T::transpose(columns).into_iter().zip(offsets) {
                    write(rows, at + first, row.map(MaybeUninit::new));
                }
            }
        }
        for (l, at) in offsets.iter().enumerate() {
            let to = &mut rows[at + done..][..width - done];
            store_lane(&lanes[done * count..], count, 4 * block + l, to);
        }
    }
    for (l, &at) in rest.iter().enumerate() {
        store_lane(lanes, count, 4 * blocks.len() + l, &mut rows[at..][..width]);
    }
}

#[inline(always)]
fn load_lane<T: Copy>(row: &[T], lanes: &mut [T], count: usize, lane: usize) {
    for (from, to) in row.iter().zip(lanes.chunks_exact_mut(count)) {
        to[lane] = *from;
    }
}

#[inline(always)]
fn store_lane<T: Copy>(lanes: &[T], count: usize, lane: usize, row: &mut [MaybeUninit<T>]) {
    for (to, from) in row.iter_mut().zip(lanes.chunks_exact(count)) {
        to.write(from[lane]);
    }
}
