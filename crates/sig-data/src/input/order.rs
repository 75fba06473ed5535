//! The order of the times of a series: rows that go back, repeated times and gaps.

use super::time::{Clock, Reading, median, present, since};
use crate::Problem;

/// A note on the times of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// `repeated times`, say.
    pub(super) what: &'static str,
    /// How many there are.
    pub(super) count: usize,
    /// The first of them, with its row.
    pub(super) first: String,
}

pub(super) const REPEATED: &str = "repeated times";

/// Checks that times do not go back, and notes repeated times and gaps. The weekends of a series of
/// business days are no gaps.
///
/// # Arguments
///
/// - `rows`: the number of each time's row.
/// - `reading`: how all times of the column are read.
///
/// # Errors
///
/// Names the first row whose time is before that of the row above.
pub(super) fn in_order(
    times: &[&str],
    rows: &[u64],
    reading: Reading,
) -> Result<Vec<Note>, Problem> {
    if present(times).next().is_none() {
        return Ok(Vec::new());
    }
    let clocks: Vec<_> = times.iter().map(|time| reading.clock(time)).collect();
    let clocks = Days::of(&clocks, reading).count_all(clocks);
    let steps = steps(&clocks);
    let usual = usual(&steps);
    let back = |index: usize| steps[index].1 < 0.0 && !ends_summer(&steps, index, usual);
    match (0..steps.len()).find(|&index| back(index)) {
        None => Ok(notes(times, rows, &steps, usual)),
        Some(index) => {
            let row = steps[index].0;
            let before = index.checked_sub(1).map(|index| steps[index].0);
            let before = before.or_else(|| clocks.iter().position(Option::is_some));
            Err(Problem {
                row: Some(rows[row]),
                ..format!(
                    "{} is before {}, the time of the row above; times must not go back: --sort sorts \
                     the rows, --group tells several series apart, --time names another column{}",
                    times[row],
                    times[before.expect("a step has a row before it")],
                    if steps[index].1.abs() <= HOUR && reading != Reading::Number {
                        "; local times go back when daylight saving ends, so write them with their zone"
                    } else {
                        ""
                    }
                )
                .into()
            })
        }
    }
}

/// The days in which the times of a series are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    All,
    /// From Monday to Friday.
    Business,
}

/// The first Monday from 1970 on, in days.
const MONDAY: f64 = 4.0;

impl Days {
    /// Business days, if the series is daily and goes beyond a weekend without a time on one.
    pub(super) fn of(clocks: &[Option<Clock>], reading: Reading) -> Self {
        let days = clocks.iter().flatten();
        let days: Vec<_> = days.map(|clock| (clock[0] + clock[1]).floor()).collect();
        let week = |day: &f64| ((day - MONDAY) / 7.0).floor();
        let is_daily = || (usual(&steps(clocks)) - 1.0).abs() < HOUR / 2.0;
        let on_weekend = |day: &f64| (day - MONDAY).rem_euclid(7.0) >= 5.0;
        let goes_beyond = days.first().map(week) != days.last().map(week);
        match reading != Reading::Number && goes_beyond && is_daily() {
            true if !days.iter().any(on_weekend) => Self::Business,
            _ => Self::All,
        }
    }

    /// The clocks in these days.
    pub(super) fn count_all(self, clocks: Vec<Option<Clock>>) -> Vec<Option<Clock>> {
        let count = |clock: Clock| match self {
            Self::All => clock,
            Self::Business => {
                let time = clock[0] + clock[1] - MONDAY;
                let (week, day) = ((time / 7.0).floor(), time.floor());
                [day - 2.0 * week, time - day]
            }
        };
        clocks.into_iter().map(|clock| clock.map(count)).collect()
    }

    /// The days from 1970 on of a clock in these days.
    pub(super) fn undo(self, clock: Clock) -> Clock {
        match self {
            Self::All => clock,
            Self::Business => {
                let time = clock[0] + clock[1];
                let day = time.floor();
                [day + 2.0 * (day / 5.0).floor() + MONDAY, time - day]
            }
        }
    }
}

/// An hour in days.
const HOUR: f64 = 1.0 / 24.0;

/// Whether local times go back as they do at the end of daylight saving: from the end of an hour to
/// its beginning, between usual steps.
fn ends_summer(steps: &[(usize, f64)], index: usize, usual: f64) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() < HOUR / 3600.0;
    let mut beside = [index.wrapping_sub(1), index + 1].into_iter();
    usual > 0.0
        && near(steps[index].1, usual - HOUR)
        && beside.all(|index| steps.get(index).is_none_or(|step| near(step.1, usual)))
}

/// The rows after the first that have a time, with the time since the row before.
pub(super) fn steps(clocks: &[Option<Clock>]) -> Vec<(usize, f64)> {
    let present = |(row, clock): (usize, &Option<Clock>)| clock.map(|clock| (row, clock));
    let known: Vec<_> = clocks.iter().enumerate().filter_map(present).collect();
    let steps = known.windows(2);
    let steps = steps.map(|pair| (pair[1].0, since(pair[1].1, pair[0].1)));
    steps.collect()
}

/// The median of the steps.
pub(super) fn usual(steps: &[(usize, f64)]) -> f64 {
    median(steps.iter().map(|step| step.1))
}

fn notes(times: &[&str], rows: &[u64], steps: &[(usize, f64)], usual: f64) -> Vec<Note> {
    let note = |what: &'static str, is: &dyn Fn(f64) -> bool| {
        let mut found = steps.iter().filter(|step| is(step.1));
        let &(row, _) = found.next()?;
        Some(Note {
            what,
            count: 1 + found.count(),
            first: format!("`{}` (row {})", times[row], rows[row]),
        })
    };
    let back = note(
        "local times that go back, as when daylight saving ends",
        &|step| step < 0.0,
    );
    let repeated = note(REPEATED, &|step| step == 0.0);
    let gaps = note("gaps in the times", &|step| {
        usual > 0.0 && step > 1.5 * usual
    });
    back.into_iter().chain(repeated).chain(gaps).collect()
}

#[cfg(test)]
mod tests {
    use super::super::time::reading;
    use super::*;

    fn check(times: &[&str]) -> Result<Vec<String>, String> {
        let rows: Vec<_> = (1..=times.len() as u64).collect();
        let read = reading(times).unwrap_or(Reading::Number);
        let notes = in_order(times, &rows, read).map_err(|problem| problem.to_string())?;
        let told =
            |note: &Note| format!("{}: {}, the first at {}", note.what, note.count, note.first);
        Ok(notes.iter().map(told).collect())
    }

    #[test]
    fn rows_that_go_back_are_refused_with_the_first() {
        for (times, expected) in [
            (&["3", "2", "1"][..], "row 2: 2 is before 3,"),
            (
                &["2024-01-03", "", "2024-01-02T23:00"],
                "row 3: 2024-01-02T23:00 is",
            ),
            (&["1", "2", "1", "2"], "row 3: 1 is before 2"),
            (&["29/04/2024", "28/04/2024"], "row 2: 28/04/2024 is"),
            (&["12/31/2023", "12/30/2023"], "row 2: 12/30/2023 is"),
        ] {
            let message = check(times).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
        // One row, days before months and the other way round.
        for times in [
            &["9"][..],
            &["31/01/2024", "01/02/2024"],
            &["01/31/2024", "02/01/2024"],
            &[],
        ] {
            assert_eq!(check(times), Ok(vec![]), "{times:?}");
        }
    }

    #[test]
    fn summer_ends() {
        let date = |time: &&str| format!("2024-10-27 {time}");
        let dated = |times: &[&str]| times.iter().map(date).collect::<Vec<_>>();
        let check_all = |times: &[&str]| {
            let dated = dated(times);
            check(&dated.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let quarters = ["02:15", "02:30", "02:45", "02:00", "02:15", "02:30"];
        let notes = check_all(&quarters).unwrap();
        assert!(
            notes[0].contains("daylight saving ends: 1, the first at"),
            "{notes:?}"
        );
        let swapped = check_all(&["02:00", "02:30", "02:15", "02:45", "03:00"]).unwrap_err();
        assert!(
            swapped.contains("row 3") && swapped.contains("zone"),
            "{swapped}"
        );
    }

    #[test]
    fn repeats_and_gaps_are_told() {
        assert_eq!(
            check(&["1", "2", "2", "3", "4", "9", "20"]).unwrap(),
            [
                "repeated times: 1, the first at `2` (row 3)",
                "gaps in the times: 2, the first at `9` (row 6)"
            ]
        );
    }

    /// 2024-01-05 is a Friday.
    #[test]
    fn weekends_of_business_days_are_no_gaps() {
        let days = ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"];
        assert_eq!(check(&days), Ok(vec![]));
        let holiday = [
            "2024-01-04",
            "2024-01-05",
            "2024-01-09",
            "2024-01-10",
            "2024-01-11",
        ];
        let notes = check(&holiday).unwrap();
        assert_eq!(
            notes,
            ["gaps in the times: 1, the first at `2024-01-09` (row 3)"]
        );
        // Open on a Saturday, and every second day.
        let saturday = ["2024-01-04", "2024-01-05", "2024-01-06", "2024-01-08"];
        assert_eq!(check(&saturday).unwrap().len(), 1);
        for day in 0..20i32 {
            let clock = [f64::from(day), 0.25];
            let there = Days::Business.count_all(vec![Some(clock)])[0].unwrap();
            let weekend = (day - 4).rem_euclid(7) >= 5;
            assert_eq!(Days::Business.undo(there) == clock, !weekend, "{day}");
        }
    }
}
