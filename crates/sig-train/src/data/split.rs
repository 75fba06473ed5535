use std::ops::Range;

use crate::Error;

/// A part of the series: the first 70 % train, the next 15 % validate, the rest test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Valid,
    Test,
}

/// The rows of the training part.
pub(crate) fn trained(rows: usize) -> usize {
    rows * 70 / 100
}

/// The rows before the test part.
pub(crate) fn trained_and_validated(rows: usize) -> usize {
    rows * 85 / 100
}

/// Cuts `rows` time steps by time. The points that a window forecasts all lie in its part; those
/// that it sees may lie in the part before, as they would on the day of the forecast.
///
/// # Returns
///
/// The windows of each part, by the row of their first forecast point. The rows before the first
/// validation window are the training part, which scaling may look at.
///
/// # Errors
///
/// Says so if a part has no window.
pub(crate) fn split(
    rows: usize,
    length: usize,
    horizon: usize,
) -> Result<[Range<usize>; 3], Error> {
    let (train, valid) = (trained(rows), trained_and_validated(rows));
    let parts = [
        (length, train),
        (train.max(length), valid),
        (valid.max(length), rows),
    ]
    .map(|(first, end)| first..(end + 1).saturating_sub(horizon).max(first));
    if parts.iter().any(Range::is_empty) {
        return Err(Error::Usage(format!(
            "the series has {rows} rows, {train} of them to train, {} to validate and {} to test: \
             too few for windows of --length {length} and --horizon {horizon}",
            valid - train,
            rows - valid
        )));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_forecast_point_is_in_two_parts() {
        let parts = split(100, 10, 3).unwrap();
        assert_eq!(parts, [10..68, 70..83, 85..98]);
    }

    #[test]
    fn the_shortest_series_has_one_window_a_part() {
        // 14 rows: 9 train, 2 validate, 3 test.
        let parts = split(14, 7, 2).unwrap();
        assert_eq!(parts.map(|part| part.len()), [1, 1, 2]);
        let message = split(14, 8, 2).unwrap_err().to_string();
        assert!(
            message.contains("14 rows") && message.contains("--length 8"),
            "{message}"
        );
        assert!(split(0, 1, 1).is_err());
        assert!(split(14, 1, 20).is_err());
    }
}
