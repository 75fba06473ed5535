//! Times: numbers, or dates in the common forms.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveTime};

use crate::Problem;

/// Lower-case names of a column that tells the time.
const NAMES: [&str; 8] = [
    "date",
    "time",
    "datetime",
    "timestamp",
    "period",
    "year",
    "ds",
    "t",
];

pub(super) fn is_name_of_time(name: &str) -> bool {
    NAMES.contains(&name.to_lowercase().as_str())
}

/// A time as two numbers whose sum it is. The second is what the first loses by rounding, so that
/// the difference of two times in nanoseconds is exact, see [`since`].
pub type Clock = [f64; 2];

/// The time from one clock to another.
pub fn since(later: Clock, earlier: Clock) -> f64 {
    (later[0] - earlier[0]) + (later[1] - earlier[1])
}

/// A whole number as a clock.
pub(super) fn whole(number: i64) -> Clock {
    let near = number as f64;
    [near, (i128::from(number) - near as i128) as f64]
}

const DATES: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%B %d %Y",
    "%B-%d-%Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%d-%B-%Y",
];
const DAY_FIRST: [&str; 3] = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"];
const MONTH_FIRST: [&str; 3] = ["%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y"];
const TIMES: [&str; 4] = ["%H:%M:%S%.f", "%I:%M:%S %p", "%H:%M", "%I:%M %p"];

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// How the times of a column are read, all in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As numbers.
    Number,
    /// Eight digits as dates.
    Compact,
    /// Dates that begin with the year or name the month, and months and quarters.
    Date,
    DayFirst,
    MonthFirst,
}

impl Reading {
    const ALL: [Self; 5] = [
        Self::Compact,
        Self::Number,
        Self::Date,
        Self::DayFirst,
        Self::MonthFirst,
    ];

    /// The first reading that understands all times, and if there are several, by which they are in
    /// order.
    pub(super) fn of<'a>(times: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let read = |reading: &Self| times.clone().map(|time| reading.clock(time)).collect();
        let all = Self::ALL.map(|reading| (reading, read(&reading)));
        let all = all
            .into_iter()
            .filter_map(|(reading, clocks): (_, Option<Vec<_>>)| {
                clocks.map(|clocks| (reading, clocks.is_sorted_by(|a, b| since(*b, *a) >= 0.0)))
            });
        let all: Vec<_> = all.collect();
        let sorted = all.iter().find(|reading| reading.1);
        sorted.or(all.first()).map(|reading| reading.0)
    }

    /// A time: a number as it is, or the days from 1970 on of a date, such as `2024-01-31`,
    /// `2024/01/31 23:59:59.5+01:00`, `20240131`, `2024-01`, `2024 Q1` or `Jan 31, 2024`.
    pub(super) fn clock(self, text: &str) -> Option<Clock> {
        match self {
            Self::Number => number(text),
            Self::Compact => compact(text),
            Self::Date => date(text, &DATES).or_else(|| month(text)),
            Self::DayFirst => date(text, &DAY_FIRST),
            Self::MonthFirst => date(text, &MONTH_FIRST),
        }
    }
}

fn number(text: &str) -> Option<Clock> {
    let number = || text.parse().ok().filter(|number: &f64| number.is_finite());
    let whole = text.parse().ok().map(whole);
    whole.or_else(|| number().map(|number| [number, 0.0]))
}

/// Whether a text is a date that is no number.
pub(super) fn is_date(text: &str) -> bool {
    let dates = [Reading::Date, Reading::DayFirst, Reading::MonthFirst];
    number(text).is_none() && dates.iter().any(|reading| reading.clock(text).is_some())
}

/// Eight digits that are a date of these centuries.
fn compact(text: &str) -> Option<Clock> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok())??;
    ("1800".."2200").contains(&&text[..4]).then(|| days(date))?
}

/// The first day of a month or a quarter.
fn month(text: &str) -> Option<Clock> {
    let first = match text.split_once(['Q', 'q']) {
        Some((year, quarter)) => {
            let quarter = quarter
                .parse::<u32>()
                .ok()
                .filter(|q| (1..=4).contains(q))?;
            let year = year.trim_end_matches([' ', '-']).parse().ok()?;
            NaiveDate::from_ymd_opt(year, 3 * quarter - 2, 1)?
        }
        None => {
            let forms = [
                (text.replace('/', "-") + "-1", "%Y-%m-%d"),
                (format!("1-{text}"), "%d-%B-%Y"),
                (format!("1 {text}"), "%d %B %Y"),
                (format!("{text} 1"), "%Y %B %d"),
            ];
            let parse = |(text, form): &(String, &str)| NaiveDate::parse_from_str(text, form).ok();
            forms.iter().find_map(parse)?
        }
    };
    days(first)
}

/// The days of a date whose year has four digits: others are no years, or not known which.
fn days(date: NaiveDate) -> Option<Clock> {
    let days = date.signed_duration_since(NaiveDate::default());
    (1000..10_000)
        .contains(&date.year())
        .then(|| [days.num_days() as f64, 0.0])
}

/// A date, and a time and a zone if they follow.
fn date(text: &str, patterns: &[&str]) -> Option<Clock> {
    let read = |pattern: &&str| {
        let (date, rest) = NaiveDate::parse_and_remainder(text, pattern).ok()?;
        Some((days(date)?, rest))
    };
    let (days, rest) = patterns.iter().find_map(read)?;
    let seconds = match rest.trim_start_matches(['T', ' ']) {
        "" => 0.0,
        rest => TIMES.iter().find_map(|pattern| seconds(rest, pattern))?,
    };
    Some([days[0], seconds / SECONDS_OF_A_DAY])
}

/// The seconds of a time of day in UTC.
fn seconds(text: &str, pattern: &str) -> Option<f64> {
    let (time, zone) = NaiveTime::parse_and_remainder(text, pattern).ok()?;
    let offset = match zone.trim() {
        "" | "Z" | "UTC" | "GMT" => 0,
        // `10:00-11:00` is more likely an hour than a zone.
        zone if zone.starts_with('-') && !pattern.contains("%S") => return None,
        zone => {
            let (sign, digits) = zone.split_at_checked(1)?;
            let digits = digits.replace(':', "");
            let zone = match digits.len() {
                2 => format!("{sign}{digits}00"),
                4 => format!("{sign}{digits}"),
                _ => return None,
            };
            zone.parse::<FixedOffset>().ok()?.local_minus_utc()
        }
    };
    let time = time.signed_duration_since(NaiveTime::MIN);
    Some(time.as_seconds_f64() - f64::from(offset))
}

/// The times of a column that are present.
fn present<'a>(times: &[&'a str]) -> impl Iterator<Item = &'a str> + Clone {
    times.iter().copied().filter(|time| !time.is_empty())
}

/// How times are read, unless none is there or none is understood.
pub(super) fn reading(times: &[&str]) -> Option<Reading> {
    present(times).next()?;
    Reading::of(present(times))
}

/// What is worth telling of times that do not go back: those that are repeated, and gaps. Nothing is
/// known of times that are neither numbers nor dates.
///
/// # Arguments
///
/// - `rows`: the number of each time's row.
/// - `read`: how all times of the column are read.
///
/// # Errors
///
/// The first row whose time is before that of the row above.
pub(super) fn in_order(
    times: &[&str],
    rows: &[u64],
    read: Option<Reading>,
) -> Result<Vec<String>, Problem> {
    let Some(first) = present(times).next() else {
        return Ok(Vec::new());
    };
    let Some(reading) = read else {
        return Ok(vec![format!(
            "the times, such as `{first}`, are not understood: nobody checks their order"
        )]);
    };
    let clocks: Vec<_> = times.iter().map(|time| reading.clock(time)).collect();
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
    let mut sorted: Vec<f64> = steps.iter().map(|step| step.1).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn notes(times: &[&str], numbers: &[u64], steps: &[(usize, f64)], usual: f64) -> Vec<String> {
    let told = |what: &str, is: &dyn Fn(f64) -> bool| {
        let mut rows = steps.iter().filter(|step| is(step.1));
        let &(row, _) = rows.next()?;
        let count = 1 + rows.count();
        let (time, number) = (times[row], numbers[row]);
        Some(format!(
            "{what}: {count}, the first at `{time}` (row {number})"
        ))
    };
    let back = told(
        "local times that go back, as when daylight saving ends",
        &|step| step < 0.0,
    );
    let repeated = told("repeated times", &|step| step == 0.0);
    let gaps = told("gaps in the times", &|step| {
        usual > 0.0 && step > 1.5 * usual
    });
    back.into_iter().chain(repeated).chain(gaps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alone in its column.
    fn clock(text: &str) -> Option<Clock> {
        Reading::of([text].into_iter()).and_then(|reading| reading.clock(text))
    }

    #[test]
    fn dates_are_days_in_the_common_forms() {
        let day = 19_753.0;
        for text in [
            "2024-01-31",
            "2024/01/31",
            "2024.01.31",
            "20240131",
            "Jan 31 2024",
            "January 31, 2024",
            "31 Jan 2024",
            "31-Jan-2024",
            "31/01/2024",
            "01/31/2024",
            "2024-01-31T00:00:00Z",
            "2024-01-31 00:00",
            "2024-01-31 00:00:00.000000000",
            "2024-01-31 01:00:00+01:00",
            "2024-01-31 00:00:00+00",
            "2024-01-30 23:00:00-0100",
            "2024-01-31 12:00 AM",
        ] {
            let clock = clock(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(clock[0] + clock[1], day, "{text}");
        }
        for (text, days) in [
            ("1970 Q2", 90.0),
            ("1970Q1", 0.0),
            ("1949-01", -7670.0),
            ("1970 Feb", 31.0),
            ("Feb 1970", 31.0),
            ("Feb-1970", 31.0),
            ("Feb-2-1970", 32.0),
        ] {
            assert_eq!(clock(text), Some([days, 0.0]), "{text}");
        }
        let half = clock("2024-01-31T12:00:00").unwrap();
        assert_eq!(since(half, clock("20240131").unwrap()), 0.5);
    }

    #[test]
    fn numbers_are_themselves_and_lose_no_nanosecond() {
        assert_eq!(clock("2000.10"), Some([2000.1, 0.0]));
        assert_eq!(clock("99999999"), Some([99_999_999.0, 0.0]));
        let [early, late] = ["1700000000000000001", "1700000000000000302"].map(clock);
        assert_eq!(since(late.unwrap(), early.unwrap()), 301.0);
        for text in [
            "",
            "nan",
            "monday",
            "23:00",
            "01/02/24",
            "Jan 5",
            "10-12",
            "1-2",
            "1.2.3",
            "2024-13-01",
            "2024-01-31x",
            "2024-01-31 10:00-11:00",
            "2024-01-31 10:00:00+01:00x",
            "2024-01-31 10:00:00é12",
        ] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    #[test]
    fn a_column_is_read_in_one_way() {
        let of = |times: &[&'static str]| Reading::of(times.iter().copied());
        assert_eq!(of(&["20240130", "20240131"]), Some(Reading::Compact));
        assert_eq!(of(&["20010130", "20010140"]), Some(Reading::Number));
        assert_eq!(of(&["31/01/2024", "01/02/2024"]), Some(Reading::DayFirst));
        assert_eq!(of(&["01/31/2024", "02/01/2024"]), Some(Reading::MonthFirst));
        assert_eq!(of(&["02/01/2024", "01/02/2024"]), Some(Reading::DayFirst));
        assert_eq!(
            of(&["01/02/2024", "01/03/2024", "02/01/2024"]),
            Some(Reading::MonthFirst)
        );
        assert_eq!(of(&["2024", "2024-02"]), None);
    }

    fn check(times: &[&str]) -> Result<Vec<String>, String> {
        let rows: Vec<_> = (1..=times.len() as u64).collect();
        in_order(times, &rows, reading(times)).map_err(|problem| problem.to_string())
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
        for times in [
            &["22:00", "23:00", "0:00"][..],
            &["tue", "mon"],
            &["2024-01-02", "NaT"],
        ] {
            let notes = check(times).unwrap();
            assert!(notes[0].contains("are not understood"), "{notes:?}");
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
}
