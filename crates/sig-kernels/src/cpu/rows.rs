//! The truncated tensor algebra on batches of its elements, an element per lane: what runs once per
//! path, where the signature runs once per step. Elements are `[rows, terms]`, row after row.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::lanes::{load_rows, store_rows};
use super::output_buffer::OutputBuffer;
use super::schedule::each;
use super::simd::lanes;
use crate::Real;

/// Rows of some numbers each.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) width: usize,
}

impl<T: Real> Rows<'_, T> {
    /// The rows of a group as lanes; lanes left over repeat the last one.
    pub(super) fn load<S: Simd>(self, simd: S, group: usize, to: &mut [T::Vector<S>]) {
        let (count, rows) = (lanes::<T, S>(), self.numbers.len() / self.width);
        let row = |lane: usize| (group * count + lane).min(rows - 1) * self.width;
        let offsets: Vec<usize> = (0..count).map(row).collect();
        load_rows(simd, self.numbers, &offsets, &mut to[..self.width]);
    }
}

/// `N` results of so many rows of a width: `work` is given a group and leaves the lanes of each
/// result in what it returns. `cost` are the multiply-adds of a row.
pub(super) fn results<T: Real, S: Simd, X, const N: usize>(
    simd: S,
    rows: usize,
    width: usize,
    cost: usize,
    scratch: impl Fn() -> X + Sync,
    work: impl for<'a> Fn(&'a mut X, usize) -> [&'a [T::Vector<S>]; N] + Sync,
) -> [Vec<T>; N] {
    let count = lanes::<T, S>();
    let mut outputs: [OutputBuffer<T>; N] =
        core::array::from_fn(|_| OutputBuffer::new(rows * width));
    let mut groups: Vec<Vec<&mut [MaybeUninit<T>]>> = Vec::new();
    groups.resize_with(rows.div_ceil(count), Vec::new);
    for output in &mut outputs {
        for (group, rows) in groups
            .iter_mut()
            .zip(output.room().chunks_mut(count * width))
        {
            group.push(rows);
        }
    }
    let cost = cost.saturating_mul(groups.len());
    each(groups, cost, scratch, |scratch, group, outputs| {
        for (rows, lanes) in outputs.into_iter().zip(work(scratch, group)) {
            store_rows::<T, S>(simd, &lanes[..width], rows, 1);
        }
    });
    // SAFETY: every group stored all numbers of each of its rows.
    outputs.map(|output| unsafe { output.assume_written() })
}
