//! Numbers in text, and the marks of those that are missing.

/// Whether a text stands for a value that is missing.
pub(super) fn is_missing(text: &str) -> bool {
    const MARKS: [&str; 17] = [
        "na", "nan", "-nan", "n/a", "<na>", "#n/a", "#na", "nat", "null", "none", "\\n", ".", "..",
        "?", "-", "--", "#div/0!",
    ];
    text.is_empty() || text.len() < 8 && MARKS.contains(&&*text.to_ascii_lowercase())
}

/// The number of a field.
///
/// # Arguments
///
/// - `missing`: whether it may be missing, and is NaN then.
pub(super) fn number(field: &[u8], decimal: char, missing: bool) -> Result<f64, String> {
    let text = str::from_utf8(field).map_err(|_| "the text is not UTF-8")?;
    let parsed = match decimal {
        '.' => text.parse::<f64>().or_else(|_| text.trim().parse()),
        other => text.trim().replace('.', " ").replace(other, ".").parse(),
    };
    match (parsed, text.trim()) {
        (Ok(value), _) if value.is_finite() => Ok(value),
        (_, text) if is_missing(text) && missing => Ok(f64::NAN),
        (_, "") => Err("the value is missing".into()),
        (Ok(_), text) => Err(format!("`{text}` is not a finite number")),
        (Err(_), text) if is_missing(text) => Err(format!("the value is missing: `{text}`")),
        (Err(_), text) => Err(format!("`{text}` is not a number{}", advice(text, decimal))),
    }
}

/// What to do with a number that is written in another way than numbers are read.
fn advice(text: &str, decimal: char) -> &'static str {
    let digits = text.trim_start_matches(['+', '-']);
    let marks: String = digits.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups: Vec<_> = digits.split([',', '.']).collect();
    match (&*marks, decimal) {
        (",", '.') => {
            "; --decimal , reads a comma before the decimals; separators of thousands are not read"
        }
        (".", ',') => "; --decimal . reads a point before the decimals",
        _ if groups.len() == marks.len() + 1
            && groups.len() > 2
            && groups[1..groups.len() - 1]
                .iter()
                .all(|group| group.len() == 3) =>
        {
            "; separators of thousands are not read"
        }
        _ => "",
    }
}
