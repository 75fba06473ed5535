//! Windows of a duration.

use super::Windows;

/// Windows of a duration, for samples at irregular times: window `k` goes from the last point at or
/// before `t_0 + k step` to the last point at or before `t_0 + (k + 1) step`.
///
/// Each window starts at the point where the one before ends, so no increment is lost or counted
/// twice, and the last window may be shorter. A stretch of time without points makes no window: its
/// log-signature would be zero, which leaves the state of a neural differential equation as it is.
/// The signature of a window does not know how long it took; add time as a channel.
///
/// # Arguments
///
/// - `times`: the time of each point, not decreasing.
/// - `step`: the duration of a window, in the unit of the times.
///
/// # Returns
///
/// [`Windows::Intervals`], for paths of `times.len()` points.
///
/// # Panics
///
/// If there are fewer than two times, one is not finite or before the one before it, or the step is
/// not positive.
///
/// # Example
///
/// ```
/// use burn_sig::windows::{Windows, windows_of_time};
///
/// // Nothing happens from 2.1 to 4.
/// let windows = windows_of_time(&[0.0, 0.4, 1.0, 1.5, 2.1, 4.0, 4.5], 1.0);
/// assert_eq!(windows, Windows::Intervals(vec![0..3, 2..4, 3..5, 4..6, 5..7]));
/// ```
#[track_caller]
pub fn windows_of_time(times: &[f64], step: f64) -> Windows {
    const OPERATION: &str = "windows_of_time";
    assert!(
        step > 0.0 && step.is_finite(),
        "{OPERATION}: step must be positive and finite, got {step}"
    );
    assert!(
        times.len() >= 2,
        "{OPERATION}: a window needs at least 2 points, got {} times",
        times.len()
    );
    for (i, &time) in times.iter().enumerate() {
        let before = times[i.saturating_sub(1)];
        assert!(
            time.is_finite() && time >= before,
            "{OPERATION}: times must be finite and not decrease, got times[{i}] = {time} after \
             {before}"
        );
    }
    // The window that the step to each point belongs to: windows are closed at their ends.
    let window = |i: usize| ((times[i] - times[0]) / step).ceil();
    let (mut ranges, mut start) = (Vec::new(), 0);
    for i in 1..times.len() {
        let last = i + 1 == times.len();
        if last || window(i + 1) > window(i).max(1.0) {
            ranges.push(start..i + 1);
            start = i;
        }
    }
    Windows::Intervals(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(times: &[f64], step: f64) -> Vec<std::ops::Range<usize>> {
        windows_of_time(times, step).ranges(times.len())
    }

    #[test]
    fn every_step_is_in_one_window() {
        for count in 2..40 {
            for step in [0.3, 1.0, 7.5] {
                let time = |i: usize| (i * i % 7) as f64 * 0.3 + i as f64;
                let mut times: Vec<f64> = (0..count).map(time).collect();
                times.sort_by(f64::total_cmp);
                let ranges = ranges(&times, step);
                assert_eq!(ranges[0].start, 0);
                assert_eq!(ranges.last().unwrap().end, count);
                let joined = ranges.windows(2).all(|w| w[0].end == w[1].start + 1);
                assert!(joined, "{ranges:?}");
            }
        }
    }

    #[test]
    fn equal_steps_are_windows_of_points() {
        let times: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(ranges(&times, 4.0), [0..5, 4..9, 8..11]);
        assert_eq!(ranges(&[3.0, 3.0, 3.0, 4.5], 1.0), [0..3, 2..4]);
    }

    #[test]
    #[should_panic(expected = "got times[2] = 0.5 after 1")]
    fn back_in_time() {
        windows_of_time(&[0.0, 1.0, 0.5], 1.0);
    }

    #[test]
    #[should_panic(expected = "step must be positive and finite, got 0")]
    fn no_step() {
        windows_of_time(&[0.0, 1.0], 0.0);
    }
}
