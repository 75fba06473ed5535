//! From rows to lanes and back: rows of memory, each a path or a signature, become the lanes of
//! vectors, so that vector `q` holds number `q` of every row.

use pulp::{Simd, WithSimd};

/// Where the rows of a group start in one slice, a lane each.
pub(crate) type Offsets = [usize];

/// [`load`], with the instructions of the caller's choice.
pub(crate) struct Load<'a, T> {
    pub(crate) rows: &'a [T],
    pub(crate) offsets: &'a Offsets,
    pub(crate) width: usize,
    pub(crate) lanes: &'a mut [T],
}

impl<T: Copy> WithSimd for Load<'_, T> {
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

impl<T: Copy> WithSimd for Store<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let width = self.lanes.len() / self.count;
        store(self.lanes, self.count, width, self.rows, self.offsets);
    }
}

/// Copies `width` numbers of each row into lanes: `lanes[q][l] = rows[offsets[l] + q]`.
#[inline(always)]
pub(crate) fn load<T: Copy>(rows: &[T], offsets: &Offsets, width: usize, lanes: &mut [T]) {
    match offsets.len().is_multiple_of(4) {
        true => load_blocks::<T, 4>(rows, offsets, width, lanes),
        false => load_blocks::<T, 1>(rows, offsets, width, lanes),
    }
}

/// Copies `width` numbers of each lane into rows: `rows[offsets[l] + q] = lanes[q][l]`. There may be
/// fewer rows than lanes; `count` is the number of lanes.
#[inline(always)]
pub(crate) fn store<T: Copy>(
    lanes: &[T],
    count: usize,
    width: usize,
    rows: &mut [T],
    offsets: &Offsets,
) {
    let blocks = offsets.len() / 4 * 4;
    store_blocks::<T, 4>(lanes, count, width, rows, offsets, 0..blocks);
    store_blocks::<T, 1>(lanes, count, width, rows, offsets, blocks..offsets.len());
}

#[inline(always)]
fn load_blocks<T: Copy, const L: usize>(
    rows: &[T],
    offsets: &Offsets,
    width: usize,
    lanes: &mut [T],
) {
    let count = offsets.len();
    let lanes = &mut lanes[..width * count];
    for (block, offsets) in offsets.chunks_exact(L).enumerate() {
        let rows: [&[T]; L] = core::array::from_fn(|l| &rows[offsets[l]..][..width]);
        let mut q = 0;
        while q + 4 <= width {
            let tile: [[T; 4]; L] =
                core::array::from_fn(|l| rows[l][q..q + 4].try_into().expect("four numbers"));
            for i in 0..4 {
                let start = (q + i) * count + block * L;
                let row: [T; L] = core::array::from_fn(|l| tile[l][i]);
                lanes[start..start + L].copy_from_slice(&row);
            }
            q += 4;
        }
        for q in q..width {
            for l in 0..L {
                lanes[q * count + block * L + l] = rows[l][q];
            }
        }
    }
}

#[inline(always)]
fn store_blocks<T: Copy, const L: usize>(
    lanes: &[T],
    count: usize,
    width: usize,
    rows: &mut [T],
    offsets: &Offsets,
    range: core::ops::Range<usize>,
) {
    let lanes = &lanes[..width * count];
    for first in range.step_by(L) {
        let mut q = 0;
        while q + 4 <= width {
            let tile: [[T; L]; 4] = core::array::from_fn(|i| {
                let start = (q + i) * count + first;
                lanes[start..start + L]
                    .try_into()
                    .expect("a block of lanes")
            });
            for l in 0..L {
                let row: [T; 4] = core::array::from_fn(|i| tile[i][l]);
                let start = offsets[first + l] + q;
                rows[start..start + 4].copy_from_slice(&row);
            }
            q += 4;
        }
        for q in q..width {
            for l in 0..L {
                rows[offsets[first + l] + q] = lanes[q * count + first + l];
            }
        }
    }
}
