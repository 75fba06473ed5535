//! From rows to lanes and back: rows of memory, each a path or a signature, become the lanes of
//! vectors, so that vector `q` holds number `q` of every row.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::simd::{self, Number};
use super::unchecked::{read, write};

/// The most lanes that any vector has, bytes in one of 512 bits.
pub(super) const MOST_LANES: usize = 64;

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
        let (blocks, rest) = self.offsets.as_chunks::<4>();
        for (block, offsets) in blocks.iter().enumerate() {
            let rows = self.rows.get_disjoint_mut(offsets.map(|at| at..at + width));
            let rows = rows.expect("rows that do not overlap, within the slice");
            store_four(self.lanes, self.count, 4 * block, rows);
        }
        for (l, &at) in rest.iter().enumerate() {
            let row = &mut self.rows[at..][..width];
            store_lane(self.lanes, self.count, 4 * blocks.len() + l, row);
        }
    }
}

/// Lanes to a range of rows that are slices of their own: the first lanes, a row each.
pub(crate) struct StoreEach<'a, 'r, T> {
    pub(crate) lanes: &'a [T],
    pub(crate) count: usize,
    pub(crate) rows: &'a mut [&'r mut [MaybeUninit<T>]],
    pub(crate) range: Range<usize>,
}

impl<T: Number> WithSimd for StoreEach<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (blocks, rest) = self.rows.as_chunks_mut::<4>();
        let first = 4 * blocks.len();
        for (block, rows) in blocks.iter_mut().enumerate() {
            let rows = rows.each_mut().map(|row| &mut row[self.range.clone()]);
            store_four(self.lanes, self.count, 4 * block, rows);
        }
        for (l, row) in rest.iter_mut().enumerate() {
            let row = &mut row[self.range.clone()];
            store_lane(self.lanes, self.count, first + l, row);
        }
    }
}

/// Vectors from rows, of which some lanes may have none: these are zero.
pub(super) fn load_rows<T: Number, S: Simd>(
    simd: S,
    rows: &[T],
    offsets: &[Option<usize>],
    vectors: &mut [T::Vector<S>],
) {
    let (width, count) = (vectors.len(), offsets.len());
    if width == 0 {
        return;
    }
    let all: Option<Vec<usize>> = offsets.iter().copied().collect();
    if all.is_none() {
        bytemuck::fill_zeroes(vectors);
    }
    let lanes = bytemuck::cast_slice_mut(vectors);
    if let Some(offsets) = &all {
        return simd.vectorize(Load {
            rows,
            offsets,
            width,
            lanes,
        });
    }
    for (lane, offset) in offsets.iter().enumerate() {
        if let Some(at) = *offset {
            load_lane(&rows[at..][..width], lanes, count, lane);
        }
    }
}

/// Vectors to rows, of which some lanes may have none.
pub(super) fn store_rows<T: Number, S: Simd>(
    simd: S,
    vectors: &[T::Vector<S>],
    rows: &mut [MaybeUninit<T>],
    offsets: &[Option<usize>],
) {
    let (lanes, count, width) = (
        bytemuck::cast_slice(vectors),
        simd::lanes::<T, S>(),
        vectors.len(),
    );
    let used = offsets
        .iter()
        .rposition(Option::is_some)
        .map_or(0, |l| l + 1);
    let all: Option<Vec<usize>> = offsets[..used].iter().copied().collect();
    if let Some(offsets) = &all {
        return simd.vectorize(Store {
            lanes,
            count,
            rows,
            offsets,
        });
    }
    for (lane, offset) in offsets.iter().enumerate() {
        if let Some(at) = *offset {
            store_lane(lanes, count, lane, &mut rows[at..][..width]);
        }
    }
}

/// Vectors to rows of a width that lie one after another: the first lanes, a row each.
pub(super) fn store_all<T: Number, S: Simd>(
    simd: S,
    vectors: &[T::Vector<S>],
    rows: &mut [MaybeUninit<T>],
    width: usize,
) {
    let offsets: Vec<usize> = (0..rows.len() / width).map(|row| row * width).collect();
    simd.vectorize(Store {
        lanes: bytemuck::cast_slice(vectors),
        count: simd::lanes::<T, S>(),
        rows,
        offsets: &offsets,
    });
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

/// Copies four lanes from `first` on into rows of the same width: `rows[l][q] = lanes[q][first + l]`;
/// `count` is the number of lanes.
#[inline(always)]
fn store_four<T: Number>(
    lanes: &[T],
    count: usize,
    first: usize,
    rows: [&mut [MaybeUninit<T>]; 4],
) {
    let width = rows[0].len();
    let done = width / 4 * 4;
    assert!(rows.iter().all(|row| row.len() == width));
    assert!(first + 4 <= count && width * count <= lanes.len());
    let mut rows = rows;
    for at in (0..done).step_by(4) {
        // SAFETY: `at + 4 <= width`, of which the lanes have as many vectors of `count >= first + 4`
        // numbers and each row as many numbers: asserted above.
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
