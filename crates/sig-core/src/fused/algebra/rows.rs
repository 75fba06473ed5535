//! Rows of elements in groups of lanes.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::super::lanes::{self, store_all};
use super::super::pages;
use super::super::parts::each;
use super::super::simd::{Number, lanes};

/// Some numbers a row.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) width: usize,
}

impl<T: Number> Rows<'_, T> {
    /// The rows of a group as lanes; lanes left over repeat the last one.
    pub(super) fn load<S: Simd>(self, simd: S, group: usize, to: &mut [T::Vector<S>]) {
        let (count, rows) = (lanes::<T, S>(), self.numbers.len() / self.width);
        let row = |lane: usize| (group * count + lane).min(rows - 1) * self.width;
        let offsets: Vec<usize> = (0..count).map(row).collect();
        simd.vectorize(lanes::Load {
            rows: self.numbers,
            offsets: &offsets,
            width: self.width,
            lanes: bytemuck::cast_slice_mut(&mut to[..self.width]),
        });
    }
}

/// `N` results of so many rows of a width: `work` is given a group and leaves the lanes of each result
/// in what it returns. `cost` are the multiply-adds of a row.
pub(super) fn results<T: Number, S: Simd, X, const N: usize>(
    simd: S,
    rows: usize,
    width: usize,
    cost: usize,
    scratch: impl Fn() -> X + Sync,
    work: impl for<'a> Fn(&'a mut X, usize) -> [&'a [T::Vector<S>]; N] + Sync,
) -> [Vec<T>; N] {
    let count = lanes::<T, S>();
    let mut data: [Vec<MaybeUninit<T>>; N] =
        core::array::from_fn(|_| pages::unwritten(rows * width));
    let mut groups: Vec<Vec<&mut [MaybeUninit<T>]>> = Vec::new();
    groups.resize_with(rows.div_ceil(count), Vec::new);
    for data in &mut data {
        for (group, part) in groups.iter_mut().zip(data.chunks_mut(count * width)) {
            group.push(part);
        }
    }
    let cost = cost.saturating_mul(groups.len());
    each(groups, cost, scratch, |scratch, group, parts| {
        for (part, lanes) in parts.into_iter().zip(work(scratch, group)) {
            store_all::<T, S>(simd, lanes, part, width);
        }
    });
    // SAFETY: every group stored all numbers of each of its rows.
    data.map(|data| unsafe { pages::written(data) })
}
