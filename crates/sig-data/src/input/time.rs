//! Columns that tell the time.

/// Lower-case names of a first column that tells the time.
const NAMES: [&str; 6] = ["date", "time", "datetime", "timestamp", "ds", "t"];

pub(super) fn is_name_of_time(name: &str) -> bool {
    NAMES.contains(&name.to_lowercase().as_str())
}

/// # Errors
///
/// Says so if the times fall from each row to the next, as in a file that begins with the newest.
/// Times are numbers, or dates that are written from the year on.
pub(super) fn oldest_first(times: &[String]) -> Result<(), String> {
    if times.len() < 2 || !times.windows(2).all(|pair| is_before(&pair[1], &pair[0])) {
        return Ok(());
    }
    let (first, last) = (&times[0], &times[times.len() - 1]);
    Err(format!(
        "the rows go back in time, from {first} to {last}; the oldest must come first"
    ))
}

fn is_before(one: &str, other: &str) -> bool {
    let dated =
        |text: &str| text.len() >= 10 && text.is_ascii() && text[..4].parse::<u16>().is_ok();
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one < other,
        (Err(_), Err(_)) => dated(one) && dated(other) && one < other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_row_first_is_refused() {
        let check = |times: &[&str]| {
            oldest_first(&times.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        for times in [
            ["2024-01-03", "2024-01-02T23:00", "2024-01-02"],
            ["3", "2", "1"],
        ] {
            let message = check(&times).unwrap_err();
            let expected = format!("from {} to {}; the oldest must", times[0], times[2]);
            assert!(message.contains(&expected), "{message}");
        }
        // Hours of the day, names of days, one row, equal times: nothing is said of an order.
        for times in [
            &["22", "23", "0"][..],
            &["tue", "mon"],
            &["9"],
            &["5", "5"],
            &[],
        ] {
            assert!(check(times).is_ok(), "{times:?}");
        }
    }
}
