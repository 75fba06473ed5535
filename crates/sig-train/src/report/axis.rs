//! Where the axes of a chart are marked, and what is written there.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// An axis with round numbers.
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    /// Decimal places of all numbers; those of a logarithmic axis have as many as each needs.
    places: Option<usize>,
}

impl Axis {
    /// An axis of about as many numbers as that, or of fewer that are whole.
    pub(super) fn linear(span: (f64, f64), most: usize, whole: bool) -> Self {
        let most = match whole {
            true => most.min((span.1 - span.0).ceil() as usize).max(1),
            false => most,
        };
        let ticks = round(span, most);
        let places = Some(decimals(&ticks));
        Self {
            low: span.0,
            high: span.1,
            ticks,
            places,
        }
    }

    /// An axis whose values are logarithms to the base 10 of what is written there.
    pub(super) fn logarithmic(span: (f64, f64)) -> Self {
        let ticks = logarithmic(span);
        Self {
            low: span.0,
            high: span.1,
            ticks,
            places: None,
        }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        match self.places {
            Some(_) => number(*value, self.places),
            None => number(10f64.powf(*value), None),
        }
    }
}

/// At most so many round numbers in a range.
fn round((low, high): (f64, f64), most: usize) -> Vec<f64> {
    let raw = (high - low) / most as f64;
    let power = 10f64.powf(raw.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = steps
        .into_iter()
        .find(|step| *step >= raw)
        .unwrap_or(10.0 * power);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|count| count as f64 * step).collect()
}

/// Round numbers in a range of logarithms to the base 10, as logarithms.
fn logarithmic((low, high): (f64, f64)) -> Vec<f64> {
    let decades = low.floor() as i32..=high.ceil() as i32;
    let within = |factors: &[f64]| -> Vec<f64> {
        let ticks = decades.clone().flat_map(|decade| {
            factors
                .iter()
                .map(move |factor| f64::from(decade) + factor.log10())
        });
        ticks.filter(|tick| (low..=high).contains(tick)).collect()
    };
    let decade = [1.0];
    let thirds = [1.0, 2.0, 5.0];
    let finer = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    match high - low {
        width if width > 3.0 => within(&decade),
        width if width > 0.9 => within(&thirds),
        width if width > 0.25 => within(&finer),
        // A narrow range is nearly linear.
        _ => {
            let ticks = round((10f64.powf(low), 10f64.powf(high)), 5);
            ticks.into_iter().map(f64::log10).collect()
        }
    }
}

/// The decimal places that tell neighbouring ticks apart.
fn decimals(ticks: &[f64]) -> usize {
    let step = match ticks {
        [first, second, ..] => second - first,
        [only] if only.fract() == 0.0 => return 0,
        _ => return 3,
    };
    (-step.log10().floor()).clamp(0.0, 9.0) as usize
}

/// A number as short as it can be read off an axis.
fn number(value: f64, decimals: Option<usize>) -> String {
    let size = value.abs();
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let unit = units.into_iter().find(|(unit, _)| size >= *unit);
    match (unit, decimals) {
        (Some((unit, name)), _) => {
            let unit = if name == "k" { 1e3 } else { unit };
            let text = format!("{:.3}", value / unit);
            let text = text.trim_end_matches('0').trim_end_matches('.');
            format!("{text}{name}")
        }
        (None, Some(places)) => format!("{value:.places$}"),
        (None, None) if size > 0.0 && size < 1e-4 => format!("{value:.0e}"),
        (None, None) => {
            let text = format!("{value:.5}");
            text.trim_end_matches('0').trim_end_matches('.').into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(round((0.3, 5.2), 7), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(round((-0.07, 0.11), 6), [-0.05, 0.0, 0.05, 0.1]);
        let shown = |ticks: Vec<f64>| {
            ticks
                .iter()
                .map(|tick| number(10f64.powf(*tick), None))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown(logarithmic((-1.4, 0.1))),
            ["0.05", "0.1", "0.2", "0.5", "1"]
        );
        assert_eq!(shown(logarithmic((-0.05, 0.0))), ["0.9", "0.95", "1"]);
    }

    #[test]
    fn epochs_are_whole() {
        for last in 1..9 {
            let axis = Axis::linear((0.85, f64::from(last) + 0.15), 7, true);
            assert!(axis.ticks.iter().all(|tick| tick.fract() == 0.0), "{last}");
            assert!(!axis.ticks.is_empty());
        }
    }

    #[test]
    fn numbers_are_short() {
        let cases = [
            (1_250_000.0, Some(0), "1.25M"),
            (12_000.0, Some(0), "12k"),
            (-3.0, Some(1), "-3.0"),
            (0.05, None, "0.05"),
            (0.00002, None, "2e-5"),
        ];
        for (value, places, expected) in cases {
            assert_eq!(number(value, places), expected);
        }
        assert_eq!(decimals(&[0.0, 0.25, 0.5]), 1);
        assert_eq!(decimals(&[10.0, 20.0]), 0);
    }
}
