//! Paths with one more channel.

use std::mem::MaybeUninit;

use super::output_buffer::OutputBuffer;
use super::tiles::{WIDEST, with_width};
use crate::Real;

/// Paths whose points have `channels` numbers, each followed by its number of `channel`.
pub(super) fn append<T: Real>(paths: &[T], channels: usize, channel: &[T]) -> Vec<T> {
    let mut output = OutputBuffer::new(paths.len() / channels * (channels + 1));
    let rows = paths.chunks_exact(channels * channel.len());
    assert!(rows.remainder().is_empty(), "a number for each point");
    let places = output
        .room()
        .chunks_exact_mut((channels + 1) * channel.len());
    for (row, out) in rows.zip(places) {
        // Of a few numbers a copy of a length that is known is several times as fast.
        match channels {
            1..=WIDEST => with_width!(channels, WIDEST, C => points(row, C, channel, out)),
            _ => points(row, channels, channel, out),
        }
    }
    // SAFETY: all rows are whole, and each wrote all of its points.
    unsafe { output.assume_written() }
}

#[inline(always)]
fn points<T: Real>(row: &[T], channels: usize, channel: &[T], out: &mut [MaybeUninit<T>]) {
    let places = out.chunks_exact_mut(channels + 1);
    for ((place, point), &number) in places.zip(row.chunks_exact(channels)).zip(channel) {
        place[..channels].write_copy_of_slice(point);
        place[channels].write(number);
    }
}
