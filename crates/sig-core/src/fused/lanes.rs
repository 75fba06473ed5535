//! From rows to lanes and back: rows of memory, each a path or a signature, become the lanes of
//! vectors, so that vector `q` holds number `q` of every row.

use pulp::{Simd, WithSimd};

use super::simd::Number;

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
    pub(crate) rows: &'a mut [T],
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
        let from = offsets.map(|at| rows[at..][..width].as_chunks::<4>());
        let tiles = lanes.chunks_mut(4 * count).take(width / 4).enumerate();
        for (tile, to) in tiles {
            let columns = T::transpose(from.map(|(row, _)| row[tile]));
            for (column, to) in columns.iter().zip(to.chunks_exact_mut(count)) {
                to[4 * block..][..4].copy_from_slice(column);
            }
        }
        for (l, (_, row)) in from.iter().enumerate() {
            load_lane(row, &mut lanes[done * count..], count, 4 * block + l);
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
    rows: &mut [T],
    offsets: &Offsets,
) {
    let lanes = &lanes[..width * count];
    let done = width / 4 * 4;
    let (blocks, rest) = offsets.as_chunks::<4>();
    for (block, offsets) in blocks.iter().enumerate() {
        let tiles = lanes.chunks_exact(4 * count).enumerate();
        for (tile, from) in tiles {
            let columns = core::array::from_fn(|i| {
                let column = &from[i * count + 4 * block..][..4];
                column.try_into().expect("four lanes")
            });
            for (row, at) in T::transpose(columns).iter().zip(offsets) {
                rows[at + 4 * tile..][..4].copy_from_slice(row);
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
fn store_lane<T: Copy>(lanes: &[T], count: usize, lane: usize, row: &mut [T]) {
    for (to, from) in row.iter_mut().zip(lanes.chunks_exact(count)) {
        *to = from[lane];
    }
}
