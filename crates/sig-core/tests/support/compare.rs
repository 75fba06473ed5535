//! How far a result is off.
//!
//! Signatures are compared a level at a time, since levels differ by orders of magnitude: in each
//! row of the batch, and each prefix of a stream, the largest difference of a level over the largest
//! entry of that level of the expected result. A gradient is compared as a whole: the largest
//! difference over its largest entry. Where a path cancels what it did before, the denominator is at
//! least the largest entry that the level has in any piece of the path. None is below the smallest
//! normal number of the dtype.

use std::ops::Range;

use burn::tensor::DType;

use super::engines::smallest_normal;
use super::tensors::Array;

/// The smallest denominators of relative differences.
#[derive(Clone, Debug)]
pub(crate) struct Floor {
    /// Of everything.
    pub(crate) smallest: f64,
    /// Of each row of the batch and level, if the path cancels.
    pub(crate) of_pieces: Option<Vec<Vec<f64>>>,
}

impl Floor {
    pub(crate) fn of_dtype(dtype: DType) -> Self {
        let smallest = smallest_normal(dtype);
        Self {
            smallest,
            of_pieces: None,
        }
    }

    /// The floor of a level, counted from 1, in a row of the batch.
    pub(crate) fn level(&self, row: usize, level: usize) -> f64 {
        let of_pieces = self.of_pieces.as_ref();
        of_pieces.map_or(self.smallest, |rows| {
            rows[row][level - 1].max(self.smallest)
        })
    }
}

/// Checks a signature without scalar term, `[batch, terms]` or `[batch, steps, terms]`.
pub(crate) fn signatures(
    got: &Array,
    want: &Array,
    channels: usize,
    floor: &Floor,
    tolerance: f64,
) -> Result<(), String> {
    let terms = want.shape[want.shape.len() - 1];
    by_level(got, want, &levels(terms, channels), floor, tolerance)
}

/// Checks what has so many numbers a level on its last axis.
pub(crate) fn by_level(
    got: &Array,
    want: &Array,
    levels: &[(usize, Range<usize>)],
    floor: &Floor,
    tolerance: f64,
) -> Result<(), String> {
    same_shape(got, want)?;
    if want.values.is_empty() {
        return Ok(());
    }
    let terms = want.shape[want.shape.len() - 1];
    let steps = if want.shape.len() == 3 {
        want.shape[1]
    } else {
        1
    };
    let rows = got.values.chunks(terms).zip(want.values.chunks(terms));
    for (i, (got, want)) in rows.enumerate() {
        let (row, step) = (i / steps, i % steps);
        for (level, range) in levels {
            let floor = floor.level(row, *level);
            close(&got[range.clone()], &want[range.clone()], floor, tolerance).map_err(
                |problem| format!("row {row}, prefix {step} of {steps}, level {level}: {problem}"),
            )?;
        }
    }
    Ok(())
}

/// Checks a gradient.
pub(crate) fn gradients(
    got: &Array,
    want: &Array,
    floor: &Floor,
    tolerance: f64,
) -> Result<(), String> {
    same_shape(got, want)?;
    close(&got.values, &want.values, floor.smallest, tolerance)
        .map_err(|problem| format!("gradient: {problem}"))
}

fn same_shape(got: &Array, want: &Array) -> Result<(), String> {
    match got.shape == want.shape {
        true => Ok(()),
        false => Err(format!("shape {:?}, expected {:?}", got.shape, want.shape)),
    }
}

/// The levels among the terms, counted from 1.
pub(crate) fn levels(terms: usize, channels: usize) -> Vec<(usize, Range<usize>)> {
    let mut levels = Vec::new();
    let (mut start, mut size) = (0, channels);
    while start < terms {
        levels.push((levels.len() + 1, start..start + size));
        start += size;
        size *= channels;
    }
    assert_eq!(
        start, terms,
        "{terms} terms are no signature of {channels} channels"
    );
    levels
}

/// The largest difference over the largest expected entry, or what is wrong. Infinities of the
/// expected values must be met; a NaN is never close.
pub(crate) fn close(got: &[f64], want: &[f64], floor: f64, tolerance: f64) -> Result<(), String> {
    let finite = want.iter().filter(|w| w.is_finite());
    let scale = finite.fold(floor, |scale, w| scale.max(w.abs()));
    let mut worst = (0.0, 0);
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let difference = if g == w { 0.0 } else { (g - w).abs() };
        if difference.is_nan() || difference > worst.0 {
            worst = (difference, i);
            if difference.is_nan() {
                break;
            }
        }
    }
    let (difference, i) = worst;
    match difference <= tolerance * scale {
        true => Ok(()),
        false => Err(format!(
            "entry {i} is {:e}, expected {:e}: off by {:.1e} of the largest entry {scale:.3e}, \
             allowed {tolerance:.1e}",
            got[i],
            want[i],
            difference / scale,
        )),
    }
}
