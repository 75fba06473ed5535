//! The times that come after those of a column.

use chrono::{Duration, Months, NaiveDate, NaiveDateTime};

use super::time::{Clock, Reading, reading, steps, usual};

/// Days of one month, three months and a year, and how many months these are.
const MONTHS: [(std::ops::RangeInclusive<f64>, u32); 3] =
    [(28.0..=31.0, 1), (89.0..=92.0, 3), (365.0..=366.0, 12)];

/// The next times after the last of a column, at its usual step: whole months where the step is one,
/// three or twelve, else the median. Nothing if the times are not understood or do not go on.
pub fn next_times(times: &[String], count: usize) -> Option<Vec<String>> {
    let texts: Vec<_> = times.iter().map(String::as_str).collect();
    let reading = reading(&texts)?;
    let clocks: Vec<_> = texts.iter().map(|time| reading.clock(time)).collect();
    let step = Some(usual(&steps(&clocks))).filter(|step| *step > 0.0)?;
    let last = clocks.last().copied()??;
    let next = |number: usize| match reading {
        Reading::Number => number_after(last, step * number as f64),
        _ => date_after(last, step, number, texts[texts.len() - 1], reading),
    };
    (1..=count).map(next).collect()
}

fn number_after(last: Clock, steps: f64) -> Option<String> {
    let next = last[0] + (last[1] + steps);
    match steps.fract() == 0.0 && last[0].fract() == 0.0 && next.abs() < 9e18 {
        true => Some((last[0] as i64 + (last[1] + steps) as i64).to_string()),
        false => Some(next.to_string()),
    }
}

fn date_after(
    last: Clock,
    step: f64,
    number: usize,
    like: &str,
    reading: Reading,
) -> Option<String> {
    let seconds = (last[1] * 86_400.0).round() as i64;
    let days = Duration::try_days(last[0] as i64)?;
    let date = NaiveDate::default().checked_add_signed(days)?;
    let last = date.and_time(Default::default()) + Duration::try_seconds(seconds)?;
    let months = MONTHS.iter().find(|(days, _)| days.contains(&step));
    let next: NaiveDateTime = match months {
        Some((_, months)) => last.checked_add_months(Months::new(months * number as u32))?,
        None => {
            let seconds = (step * number as f64 * 86_400.0).round() as i64;
            last.checked_add_signed(Duration::try_seconds(seconds)?)?
        }
    };
    let is_month = like.len() == 7 && like.as_bytes()[4] == b'-';
    let of_day = last.time() != Default::default() || step.fract() != 0.0;
    let zone = if like.ends_with('Z') || like.contains('+') {
        "Z"
    } else {
        ""
    };
    Some(match reading {
        Reading::Compact => next.format("%Y%m%d").to_string(),
        _ if is_month && months.is_some() => next.format("%Y-%m").to_string(),
        _ if of_day => next.format("%Y-%m-%dT%H:%M:%S").to_string() + zone,
        _ => next.format("%Y-%m-%d").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_on_at_their_step() {
        for (times, next) in [
            (&["1", "2", "3"][..], Some(["4", "5"])),
            (&["0.5", "1", "1.5"], Some(["2", "2.5"])),
            (
                &["1700000000000000001", "1700000000000000002"],
                Some(["1700000000000000003", "1700000000000000004"]),
            ),
            (
                &["2023-12-30", "2023-12-31"],
                Some(["2024-01-01", "2024-01-02"]),
            ),
            (
                &["2023-10-31", "2023-11-30", "2023-12-31"],
                Some(["2024-01-31", "2024-02-29"]),
            ),
            (&["2023-11", "2023-12"], Some(["2024-01", "2024-02"])),
            (&["20231230", "20231231"], Some(["20240101", "20240102"])),
            (
                &["31/12/2023 22:00", "31/12/2023 23:00"],
                Some(["2024-01-01T00:00:00", "2024-01-01T01:00:00"]),
            ),
            (
                &["2023-12-31T23:00:00Z", "2023-12-31T23:30:00Z"],
                Some(["2024-01-01T00:00:00Z", "2024-01-01T00:30:00Z"]),
            ),
            (&["2022 Q4", "2023 Q1"], Some(["2023-04-01", "2023-07-01"])),
            (&["monday", "tuesday"], None),
            (&["1", "1"], None),
            (&["1"], None),
            (&[], None),
        ] {
            let times: Vec<_> = times.iter().map(ToString::to_string).collect();
            let found = next_times(&times, 2);
            let next = next.map(|next| next.map(String::from).to_vec());
            assert_eq!(found, next, "{times:?}");
        }
    }
}
