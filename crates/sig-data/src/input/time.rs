//! Times: numbers, or dates in the common forms.

use chrono::{FixedOffset, NaiveDate, NaiveTime};

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
    "%b %d %Y",
    "%b-%d-%Y",
    "%b %d, %Y",
    "%d %b %Y",
    "%d-%b-%Y",
];
const DAY_FIRST: [&str; 3] = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"];
const MONTH_FIRST: [&str; 3] = ["%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y"];
const TIMES: [&str; 4] = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// A time: a number as it is, or the days from 1970 on of a date, such as `2024-01-31`,
/// `2024/01/31 23:59:59.5+01:00`, `20240131`, `2024-01`, `2024 Q1` or `Jan 31, 2024`.
pub(super) fn clock(text: &str) -> Option<Clock> {
    compact(text)
        .or_else(|| text.parse().ok().map(whole))
        .or_else(|| text.parse().ok().map(|number: f64| [number, 0.0]))
        .or_else(|| date(text, &DATES))
        .or_else(|| month(text))
}

/// Whether a text is a date that is no number.
pub(super) fn is_date(text: &str) -> bool {
    let patterns = [&DATES[..], &DAY_FIRST, &MONTH_FIRST];
    text.parse::<f64>().is_err()
        && (patterns.iter().any(|all| date(text, all).is_some()) || month(text).is_some())
}

/// Eight digits that are a date of these centuries.
fn compact(text: &str) -> Option<Clock> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok())??;
    ("1900".."2200").contains(&&text[..4]).then(|| days(date))
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
                (format!("1-{text}"), "%d-%b-%Y"),
                (format!("1 {text}"), "%d %b %Y"),
                (format!("{text} 1"), "%Y %b %d"),
            ];
            let parse = |(text, form): &(String, &str)| NaiveDate::parse_from_str(text, form).ok();
            forms.iter().find_map(parse)?
        }
    };
    Some(days(first))
}

fn days(date: NaiveDate) -> Clock {
    let days = date.signed_duration_since(NaiveDate::default());
    [days.num_days() as f64, 0.0]
}

/// A date, and a time and a zone if they follow.
fn date(text: &str, patterns: &[&str]) -> Option<Clock> {
    let read = |pattern: &&str| NaiveDate::parse_and_remainder(text, pattern).ok();
    let (date, rest) = patterns.iter().find_map(read)?;
    let seconds = match rest.trim_start_matches(['T', ' ']) {
        "" => 0.0,
        rest => TIMES.iter().find_map(|pattern| seconds(rest, pattern))?,
    };
    Some([days(date)[0], seconds / SECONDS_OF_A_DAY])
}

/// The seconds of a time of day in UTC.
fn seconds(text: &str, pattern: &str) -> Option<f64> {
    let (time, zone) = NaiveTime::parse_and_remainder(text, pattern).ok()?;
    let offset = match zone.trim() {
        "" | "Z" | "UTC" | "GMT" => 0,
        zone => zone.parse::<FixedOffset>().ok()?.local_minus_utc(),
    };
    let time = time.signed_duration_since(NaiveTime::MIN);
    Some(time.as_seconds_f64() - f64::from(offset))
}

/// The times of a table, if they are numbers or dates: `None` of those that are missing.
fn clocks(times: &[String]) -> Vec<Vec<Option<Clock>>> {
    let read = |of: &dyn Fn(&str) -> Option<Clock>| {
        let present = |text: &String| match text.as_str() {
            "" => Some(None),
            text => of(text).map(Some),
        };
        times.iter().map(present).collect::<Option<Vec<_>>>()
    };
    let readings = [
        read(&clock),
        read(&|text| date(text, &DAY_FIRST)),
        read(&|text| date(text, &MONTH_FIRST)),
    ];
    readings.into_iter().flatten().collect()
}

/// What is worth telling of times that do not go back: those that are repeated, and gaps. Nothing is
/// known of times that are neither numbers nor dates.
///
/// # Errors
///
/// The first row whose time is before that of the row above.
pub(super) fn in_order(times: &[String]) -> Result<Vec<String>, Problem> {
    let mut first = None;
    for clocks in clocks(times) {
        match steps(&clocks) {
            Ok(steps) => return Ok(notes(times, &steps)),
            Err(row) => first = first.or(Some(row)),
        }
    }
    match first {
        None => Ok(Vec::new()),
        Some([before, row]) => Err(Problem {
            row: Some(row as u64 + 1),
            ..format!(
                "{} is before {}, the time of the row above; times must not go back: sort the rows, and \
                 if several series stand below one another, keep one",
                times[row], times[before]
            )
            .into()
        }),
    }
}

/// The rows after the first with the time since the row before, or two rows of which the second is
/// earlier.
fn steps(clocks: &[Option<Clock>]) -> Result<Vec<(usize, f64)>, [usize; 2]> {
    let present = |(row, clock): (usize, &Option<Clock>)| clock.map(|clock| (row, clock));
    let known: Vec<_> = clocks.iter().enumerate().filter_map(present).collect();
    let steps = known.windows(2).map(|pair| {
        let [(before, earlier), (row, later)] = [pair[0], pair[1]];
        let step = since(later, earlier);
        (step >= 0.0).then_some((row, step)).ok_or([before, row])
    });
    steps.collect()
}

fn notes(times: &[String], steps: &[(usize, f64)]) -> Vec<String> {
    let mut sorted: Vec<f64> = steps.iter().map(|step| step.1).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let told = |what: &str, is: &dyn Fn(f64) -> bool| {
        let mut rows = steps.iter().filter(|step| is(step.1));
        let &(row, _) = rows.next()?;
        let count = 1 + rows.count();
        let time = &times[row];
        Some(format!(
            "{what}: {count}, the first at `{time}` (row {})",
            row + 1
        ))
    };
    let repeated = told("repeated times", &|step| step == 0.0);
    let gaps = told("gaps in the times", &|step| step > 1.5 * usual);
    repeated.into_iter().chain(gaps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_in_the_common_forms() {
        let day = 19_753.0;
        for text in [
            "2024-01-31",
            "2024/01/31",
            "2024.01.31",
            "20240131",
            "Jan 31 2024",
            "Jan 31, 2024",
            "31 Jan 2024",
            "31-Jan-2024",
            "2024-01-31T00:00:00Z",
            "2024-01-31 00:00",
            "2024-01-31 00:00:00.000000000",
            "2024-01-31 01:00:00+01:00",
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
            "monday",
            "23:00",
            "31/01/2024",
            "2024-13-01",
            "2024-01-31x",
        ] {
            assert_eq!(clock(text), None, "{text}");
        }
    }

    fn check(times: &[&str]) -> Result<Vec<String>, String> {
        let times: Vec<_> = times.iter().map(ToString::to_string).collect();
        in_order(&times).map_err(|problem| problem.to_string())
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
        // Hours of days, names, one row, days before months and the other way round.
        for times in [
            &["22:00", "23:00", "0:00"][..],
            &["tue", "mon"],
            &["9"],
            &["31/01/2024", "01/02/2024"],
            &["01/31/2024", "02/01/2024"],
            &[],
        ] {
            assert_eq!(check(times), Ok(vec![]), "{times:?}");
        }
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
