//! Times: numbers, or dates in the common forms.

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveTime};

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

pub(super) const DATES: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%B %d %Y",
    "%B-%d-%Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%d-%B-%Y",
];
pub(super) const DAY_FIRST: [&str; 3] = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"];
pub(super) const MONTH_FIRST: [&str; 3] = ["%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y"];
const TIMES: [&str; 4] = ["%H:%M:%S%.f", "%I:%M:%S %p", "%H:%M", "%I:%M %p"];

/// Times that tell how most are written.
const SAMPLE: usize = 100;

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

    /// The reading that understands all times. Of several, the one by which they do not go back and
    /// whose steps are the most regular; days come before months if both are as good.
    pub(super) fn of<'a>(times: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let all = Self::all_of(times).into_iter();
        let best = all.min_by_key(|(_, _, disorder)| *disorder);
        best.map(|(reading, _, _)| reading)
    }

    /// A time that might be read with its day and month the other way round, since the times tell no
    /// difference.
    pub(super) fn doubtful<'a>(times: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let all = Self::all_of(times.clone());
        let day_first = all.iter().find(|one| one.0 == Self::DayFirst)?;
        let month_first = all.iter().find(|one| one.0 == Self::MonthFirst)?;
        let pairs = day_first.1.iter().zip(&month_first.1);
        let differs = pairs.zip(times).find(|((one, other), _)| one != other);
        differs
            .filter(|_| day_first.2 == month_first.2)
            .map(|(_, time)| time)
    }

    /// Each reading that understands all times, how it reads them, and how little it suits them.
    fn all_of<'a>(
        times: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<(Self, Vec<Clock>, (bool, usize))> {
        let read = |reading: Self| {
            let clocks: Option<Vec<_>> = times.clone().map(|time| reading.clock(time)).collect();
            let clocks = clocks?;
            let back = !clocks.is_sorted_by(|a, b| since(*b, *a) >= 0.0);
            let by_day_or_month = matches!(reading, Self::DayFirst | Self::MonthFirst);
            let irregular = if by_day_or_month {
                irregular(&clocks)
            } else {
                0
            };
            Some((reading, clocks, (back, irregular)))
        };
        Self::ALL.into_iter().filter_map(read).collect()
    }

    /// The place of the first time that is not read as most of the first ones are.
    pub(super) fn stranger(times: &[&str]) -> Option<usize> {
        let sample: Vec<_> = present(times).take(SAMPLE).collect();
        let read = |reading: &Self| {
            let clocks = sample.iter().filter_map(|time| reading.clock(time));
            clocks.count()
        };
        let best = Self::ALL.into_iter().max_by_key(read);
        let best = best.filter(|best| 2 * read(best) > sample.len())?;
        let is_strange = |time: &&str| !time.is_empty() && best.clock(time).is_none();
        times.iter().position(is_strange)
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
    let zone = zone.trim();
    // `10:00-11:00` is more likely an hour than a zone.
    if zone.starts_with('-') && !pattern.contains("%S") {
        return None;
    }
    let time = time.signed_duration_since(NaiveTime::MIN);
    Some(time.as_seconds_f64() - f64::from(offset(zone)?))
}

/// The seconds by which the local time of a zone is before UTC.
pub(super) fn offset(zone: &str) -> Option<i32> {
    if ["", "Z", "UTC", "GMT"].contains(&zone) {
        return Some(0);
    }
    let (sign, digits) = zone.split_at_checked(1)?;
    let digits = digits.replace(':', "");
    let zone = match digits.len() {
        2 => format!("{sign}{digits}00"),
        4 => format!("{sign}{digits}"),
        _ => return None,
    };
    Some(zone.parse::<FixedOffset>().ok()?.local_minus_utc())
}

/// The times of a column that are present.
pub(super) fn present<'a>(times: &[&'a str]) -> impl Iterator<Item = &'a str> + Clone {
    times.iter().copied().filter(|time| !time.is_empty())
}

/// How times are read, unless none is there or none is understood.
pub(super) fn reading(times: &[&str]) -> Option<Reading> {
    present(times).next()?;
    Reading::of(present(times))
}

/// How many steps between different times are longer than usual or shorter.
fn irregular(clocks: &[Clock]) -> usize {
    let mut times: Vec<f64> = clocks.iter().map(|clock| clock[0] + clock[1]).collect();
    times.sort_unstable_by(f64::total_cmp);
    times.dedup();
    let steps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let usual = median(steps.clone());
    let regular = usual / 1.5..=1.5 * usual;
    steps.filter(|step| !regular.contains(step)).count()
}

/// The greater of the two in the middle if the count is even; 0 of nothing.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
