//! The times that come after those of a column.

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime};

use super::order::{Days, steps, usual};
use super::time::{Clock, DATES, DAY_FIRST, MONTH_FIRST, Reading, offset, reading};

const DAY: Duration = Duration::days(1);

/// Days of one month, three months and a year, and how many months these are.
const MONTHS: [(std::ops::RangeInclusive<f64>, u32); 3] =
    [(28.0..=31.0, 1), (89.0..=92.0, 3), (365.0..=366.0, 12)];

/// The next times after the last of a column, at its usual step and written like it: whole months where
/// the step is one, three or twelve, else the median; business days where no time is on a weekend.
/// Nothing if the times are not understood or do not go on.
pub fn next_times(times: &[String], count: usize) -> Option<Vec<String>> {
    let texts: Vec<_> = times.iter().map(String::as_str).collect();
    let reading = reading(&texts)?;
    let clocks: Vec<_> = texts.iter().map(|time| reading.clock(time)).collect();
    let days = Days::of(&clocks, reading);
    let ends = |clock: &Clock| date_time(*clock).is_some_and(|at| (at + DAY).day() == 1);
    // The last days of months go on with last days.
    let shift = match clocks.iter().flatten().all(ends) {
        true => DAY,
        false => Duration::zero(),
    };
    let clocks = days.count_all(clocks);
    let step = Some(usual(&steps(&clocks))).filter(|step| *step > 0.0)?;
    let last = clocks.last().copied()??;
    if reading == Reading::Number {
        let next = |number: usize| number_after(last, step * number as f64);
        return (1..=count).map(next).collect();
    }
    let months = MONTHS.iter().find(|(days, _)| days.contains(&step));
    let months = months.map(|(_, months)| *months);
    let at = date_time(days.undo(last))?;
    let form = Form::of(texts[texts.len() - 1], reading, at);
    let form = form.filter(|form| match form.precision {
        Precision::Time => true,
        Precision::Day => months.is_some() || step.fract() == 0.0,
        Precision::Month => months.is_some(),
    });
    let next = |number: usize| {
        let next = match months {
            Some(months) => {
                let months = Months::new(months * number as u32);
                (at + shift).checked_add_months(months)? - shift
            }
            None => date_time(days.undo([last[0], last[1] + step * number as f64]))?,
        };
        Some(match &form {
            Some(form) => form.text(next),
            None if step.fract() == 0.0 && last[1] == 0.0 || months.is_some() => {
                next.format("%Y-%m-%d").to_string()
            }
            None => next.format("%Y-%m-%dT%H:%M:%S").to_string(),
        })
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

/// The date and time of a clock, to the microsecond.
fn date_time(clock: Clock) -> Option<NaiveDateTime> {
    let days = Duration::try_days(clock[0] as i64)?;
    let date = NaiveDate::default().checked_add_signed(days)?;
    let rest = Duration::microseconds((clock[1] * 86_400e6).round() as i64);
    date.and_time(Default::default()).checked_add_signed(rest)
}

/// How a date is written: the form which gives back a text.
struct Form {
    /// In the words of chrono.
    date_and_time: String,
    /// Behind it, and the seconds by which its local time is before UTC.
    zone: (String, i32),
    precision: Precision,
}

#[derive(Clone, Copy, PartialEq)]
enum Precision {
    Month,
    Day,
    Time,
}

const MONTH_FORMS: [&str; 10] = [
    "%Y-%m", "%Y/%m", "%B %Y", "%b %Y", "%B-%Y", "%b-%Y", "%Y %B", "%Y Q%q", "%YQ%q", "%Y-Q%q",
];
const TIMES: [&str; 8] = [
    "%H:%M:%S%.f",
    "%H:%M",
    "%H:%M:%S%.3f",
    "%H:%M:%S%.6f",
    "%-H:%M",
    "%-H:%M:%S",
    "%I:%M %p",
    "%I:%M:%S %p",
];

impl Form {
    /// The form of the text of a date, which in UTC is `at`.
    fn of(text: &str, reading: Reading, at: NaiveDateTime) -> Option<Self> {
        let hour = text.find(':').unwrap_or(text.len());
        let zone = text[hour..].find(['Z', '+', '-', 'U', 'G']);
        let (body, zone) = text.split_at(zone.map_or(text.len(), |zone| hour + zone));
        let seconds = offset(zone)?;
        let local = at + Duration::seconds(seconds.into());
        let zone = (text[body.trim_end().len()..].to_string(), seconds);
        let body = body.trim_end();
        let dates: &[&str] = match reading {
            Reading::Number => return None,
            Reading::Compact => &["%Y%m%d"],
            Reading::Date => &DATES,
            Reading::DayFirst => &DAY_FIRST,
            Reading::MonthFirst => &MONTH_FIRST,
        };
        let found = |form: String, precision| {
            (local.format(&form).to_string() == body).then_some((form, precision))
        };
        let dates = dates.iter().flat_map(|date| {
            let short = date.replace("%B", "%b");
            let bare = |date: &str| date.replace("%d", "%-d").replace("%m", "%-m");
            [date.to_string(), bare(date), bare(&short), short]
        });
        let mut days = dates.flat_map(|date| {
            let time = |separator: &str| {
                TIMES.map(|time| (format!("{date}{separator}{time}"), Precision::Time))
            };
            let timed = [time("T"), time(" ")].concat();
            [(date, Precision::Day)].into_iter().chain(timed)
        });
        let mut months = MONTH_FORMS.iter();
        let day = days.find_map(|(form, precision)| found(form, precision));
        let month = |form: &&str| found(form.to_string(), Precision::Month);
        let (date_and_time, precision) = day.or_else(|| months.find_map(month))?;
        Some(Self {
            date_and_time,
            zone,
            precision,
        })
    }

    fn text(&self, at: NaiveDateTime) -> String {
        let (zone, seconds) = &self.zone;
        let local = at + Duration::seconds((*seconds).into());
        format!("{}{zone}", local.format(&self.date_and_time))
    }
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
            (
                &["2023-09-30", "2023-10-31", "2023-11-30"],
                Some(["2023-12-31", "2024-01-31"]),
            ),
            (
                &["2023-09-30", "2023-10-30", "2023-11-30"],
                Some(["2023-12-30", "2024-01-30"]),
            ),
            (&["2023-11", "2023-12"], Some(["2024-01", "2024-02"])),
            (&["20231230", "20231231"], Some(["20240101", "20240102"])),
            (
                &["31/12/2023 22:00", "31/12/2023 23:00"],
                Some(["01/01/2024 00:00", "01/01/2024 01:00"]),
            ),
            (
                &["2023-12-31T23:00:00Z", "2023-12-31T23:30:00Z"],
                Some(["2024-01-01T00:00:00Z", "2024-01-01T00:30:00Z"]),
            ),
            (&["2022 Q4", "2023 Q1"], Some(["2023 Q2", "2023 Q3"])),
            (
                &["30.12.2023", "31.12.2023"],
                Some(["01.01.2024", "02.01.2024"]),
            ),
            (&["1/31/2024", "2/1/2024"], Some(["2/2/2024", "2/3/2024"])),
            (
                &["12/01/1990", "01/01/1991", "02/01/1991"],
                Some(["03/01/1991", "04/01/1991"]),
            ),
            (
                &["Jan 30, 2024", "Jan 31, 2024"],
                Some(["Feb 1, 2024", "Feb 2, 2024"]),
            ),
            (
                &["2024-01-31 22:00:00+01:00", "2024-01-31 23:00:00+01:00"],
                Some(["2024-02-01 00:00:00+01:00", "2024-02-01 01:00:00+01:00"]),
            ),
            (
                &["2024-01-31 10:00:00.5", "2024-01-31 10:00:00.750"],
                Some(["2024-01-31 10:00:01", "2024-01-31 10:00:01.250"]),
            ),
            (
                &["2023-12-31 12:00 AM", "2024-01-01"],
                Some(["2024-01-02", "2024-01-03"]),
            ),
            (
                &["2024-01-01 12:00", "2024-01-02"],
                Some(["2024-01-02T12:00:00", "2024-01-03T00:00:00"]),
            ),
            // From a Thursday over a weekend.
            (
                &["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"],
                Some(["2024-01-10", "2024-01-11"]),
            ),
            (
                &[
                    "03/01/2024",
                    "04/01/2024",
                    "05/01/2024",
                    "08/01/2024",
                    "18/01/2024",
                    "19/01/2024",
                ],
                Some(["22/01/2024", "23/01/2024"]),
            ),
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
