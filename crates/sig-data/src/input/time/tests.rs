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

#[test]
fn the_whole_column_tells_days_from_months() {
    let month = |row: usize| (1 + row % 12, 1990 + row / 12);
    let us: Vec<_> = (0..30)
        .map(month)
        .map(|(m, y)| format!("{m:02}/01/{y}"))
        .collect();
    let eu: Vec<_> = (0..30)
        .map(month)
        .map(|(m, y)| format!("01/{m:02}/{y}"))
        .collect();
    let days: Vec<_> = (1..=12).map(|day| format!("{day:02}/03/2024")).collect();
    let of = |times: &[String]| {
        let times = || times.iter().map(String::as_str);
        let doubtful = Reading::doubtful(times()).map(String::from);
        (Reading::of(times()).unwrap(), doubtful)
    };
    assert_eq!(of(&us), (Reading::MonthFirst, None));
    assert_eq!(of(&eu), (Reading::DayFirst, None));
    // One series after another.
    assert_eq!(of(&[&us[..], &us].concat()), (Reading::MonthFirst, None));
    // Days of March, or the third of each month.
    assert_eq!(of(&days), (Reading::DayFirst, Some("01/03/2024".into())));
    assert_eq!(of(&["03/03/2024".into()]), (Reading::DayFirst, None));
}

#[test]
fn the_time_that_is_not_read_is_found() {
    assert_eq!(
        Reading::stranger(&["2024-01-01", "", "2024-01-02", "x"]),
        Some(3)
    );
    assert_eq!(Reading::stranger(&["2024-01-01", "x"]), None);
    assert_eq!(Reading::stranger(&["mon", "tue"]), None);
}
