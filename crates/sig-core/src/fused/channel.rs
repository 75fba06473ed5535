//! Paths with one more channel.

use std::mem::MaybeUninit;

use super::blocks::{WIDEST, with_width};
use super::pages;
use super::simd::Number;

/// Paths whose points have `channels` numbers, each followed by its number of `channel`: of `channel`
/// there is one for each point of all paths, or of one path, for all of them.
pub(crate) fn append_channel<T: Number>(paths: &[T], channels: usize, channel: &[T]) -> Vec<T> {
    let mut out = pages::unwritten(paths.len() / channels * (channels + 1));
    let rows = paths.chunks_exact(channels * channel.len());
    assert!(rows.remainder().is_empty(), "a number for each point");
    for (row, out) in rows.zip(out.chunks_exact_mut((channels + 1) * channel.len())) {
        // Of a few numbers a copy of a length that is known is several times as fast.
        match channels {
            1..=WIDEST => with_width!(channels, WIDEST, C => points(row, C, channel, out)),
            _ => points(row, channels, channel, out),
        }
    }
    // SAFETY: all rows are whole, and each wrote all of its points.
    unsafe { pages::written(out) }
}

#[inline(always)]
fn points<T: Number>(row: &[T], channels: usize, channel: &[T], out: &mut [MaybeUninit<T>]) {
    let places = out.chunks_exact_mut(channels + 1);
    for ((place, point), &number) in places.zip(row.chunks_exact(channels)).zip(channel) {
        place[..channels].write_copy_of_slice(point);
        place[channels].write(number);
    }
}
