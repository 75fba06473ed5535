//! Windows and intervals of paths, their signatures and log-signatures.

mod indexed_path;
mod moving;
mod of_time;
mod signatures;

pub use indexed_path::IndexedPath;
pub use moving::MovingWindow;
pub use of_time::windows_of_time;
pub(crate) use signatures::of_ranges;
pub use signatures::{logsignature_windows, signature_windows, signature_windows_with};

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Windows of a path, half-open in points: the window `start..end` holds the points from `start` to
/// `end − 1`. Each holds at least two.
///
/// # Example
///
/// ```
/// use burn_sig::windows::Windows;
///
/// assert_eq!(Windows::Sliding { window: 4, hop: 2 }.ranges(8), [0..4, 2..6, 4..8]);
/// assert_eq!(Windows::Expanding { first: 4, hop: 2 }.ranges(8), [0..4, 0..6, 0..8]);
/// assert_eq!(Windows::Dyadic { levels: 1 }.ranges(9), [0..9, 0..5, 4..9]);
/// assert_eq!(Windows::Consecutive { steps: 3 }.ranges(9), [0..4, 3..7, 6..9]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Windows {
    /// Windows of one length: `0..window`, `hop..hop + window`, … as long as they are within the
    /// path.
    Sliding {
        /// Points in each window.
        window: usize,
        /// Points from the start of one window to that of the next.
        hop: usize,
    },
    /// Windows that start with the path and grow: `0..first`, `0..first + hop`, … as long as they
    /// are within the path. They are taken from the signatures of all prefixes, which needs their
    /// memory but only one pass.
    Expanding {
        /// Points in the first window.
        first: usize,
        /// Points each window has more than the one before.
        hop: usize,
    },
    /// The whole path, its halves, quarters and so on: levels `0..=levels`, level `j` with `2^j`
    /// windows, each starting at the point where the one before ends, so that the signatures of a
    /// level multiply to that of the path
    /// ([Morrill et al. 2020](https://arxiv.org/abs/2006.00873)). Steps that do not divide evenly
    /// are spread over the windows.
    Dyadic {
        /// How often the path is halved.
        levels: u32,
    },
    /// Windows of so many steps, each starting at the point where the one before ends, so that no
    /// increment is lost: `0..steps + 1`, `steps..2 steps + 1`, …; the last one may be shorter. A
    /// path of one point has none.
    Consecutive {
        /// Steps, pairs of neighbouring points, in each window.
        steps: usize,
    },
    /// Windows as given.
    Intervals(Vec<Range<usize>>),
}

impl Windows {
    /// The windows of a path of so many points, in order; those of [`Dyadic`](Self::Dyadic) level
    /// by level.
    ///
    /// # Panics
    ///
    /// If a window has fewer than two points or is not within the path, or a hop is 0.
    #[track_caller]
    pub fn ranges(&self, length: usize) -> Vec<Range<usize>> {
        match *self {
            Self::Sliding { window, hop } => {
                check_first("Sliding", "window", window, hop, length);
                let starts = (0..=length - window).step_by(hop);
                starts.map(|start| start..start + window).collect()
            }
            Self::Expanding { first, hop } => {
                check_first("Expanding", "first", first, hop, length);
                (first..=length).step_by(hop).map(|end| 0..end).collect()
            }
            Self::Dyadic { levels } => dyadic(levels, length),
            Self::Consecutive { steps } => {
                assert!(
                    steps > 0,
                    "Windows::Consecutive: steps must be at least 1, got 0"
                );
                let starts = (0..length.saturating_sub(1)).step_by(steps);
                let end = |start: usize| start.saturating_add(steps + 1).min(length);
                starts.map(|start| start..end(start)).collect()
            }
            Self::Intervals(ref ranges) => {
                for (i, range) in ranges.iter().enumerate() {
                    assert!(
                        range.start < range.end && range.len() >= 2 && range.end <= length,
                        "Windows::Intervals: interval {i} must have at least 2 points within \
                         0..{length} (axis 1 of the path), got {range:?}"
                    );
                }
                ranges.clone()
            }
        }
    }
}

#[track_caller]
fn check_first(kind: &str, name: &str, points: usize, hop: usize, length: usize) {
    assert!(
        (2..=length).contains(&points),
        "Windows::{kind}: {name} must be from 2 points to the length of the path, {length} points, got \
         {points}"
    );
    assert!(hop > 0, "Windows::{kind}: hop must be at least 1, got 0");
}

#[track_caller]
fn dyadic(levels: u32, length: usize) -> Vec<Range<usize>> {
    let steps = length.saturating_sub(1);
    assert!(
        1usize
            .checked_shl(levels)
            .is_some_and(|parts| parts <= steps),
        "Windows::Dyadic: with levels = {levels}, a path needs at least 2^{levels} + 1 points, got {length}"
    );
    let level = |level: u32| {
        let parts = 1usize << level;
        let cut = move |i: usize| (i as u128 * steps as u128 / parts as u128) as usize;
        (0..parts).map(move |i| cut(i)..cut(i + 1) + 1)
    };
    (0..=levels).flat_map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_every_kind() {
        let sliding = Windows::Sliding { window: 3, hop: 2 };
        assert_eq!(sliding.ranges(8), [0..3, 2..5, 4..7]);
        let expanding = Windows::Expanding { first: 2, hop: 3 };
        assert_eq!(expanding.ranges(8), [0..2, 0..5, 0..8]);
        let dyadic = Windows::Dyadic { levels: 2 };
        assert_eq!(dyadic.ranges(6), [0..6, 0..3, 2..6, 0..2, 1..3, 2..4, 3..6]);
        let consecutive = |length| Windows::Consecutive { steps: 3 }.ranges(length);
        assert_eq!(consecutive(7), [0..4, 3..7]);
        assert_eq!(consecutive(8), [0..4, 3..7, 6..8]);
        assert_eq!(consecutive(5), [0..4, 3..5]);
        assert!(consecutive(1).is_empty());
    }

    #[test]
    #[should_panic(expected = "levels = 3")]
    fn more_parts_than_steps() {
        Windows::Dyadic { levels: 3 }.ranges(8);
    }
}
