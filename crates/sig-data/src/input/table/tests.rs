use std::path::Path;

use super::super::{CsvOptions, Format, Source};
use super::*;

/// The column `b` of a file whose content is that.
fn parse(text: &str) -> Result<Table, String> {
    read(text, false)
}

fn read(text: &str, sort: bool) -> Result<Table, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let table = Source::open(file.path(), Format::Csv, CsvOptions::default()).and_then(|source| {
        let numbers = vec![source.column("b")?];
        let columns = Columns {
            numbers,
            labels: source.time_column(None, &[])?.into_iter().collect(),
            ..Default::default()
        };
        source.select(columns)?.table(sort)
    });
    table.map_err(|error| error.to_string())
}

#[test]
fn columns_are_read_whole() {
    let table = parse("date,a,b\n2024-01-01,1,2\n2024-01-02,3, 4.5\n").unwrap();
    assert_eq!(table.rows, [[2.0], [4.5]]);
    assert_eq!(table.times, ["2024-01-01", "2024-01-02"]);
    let table = parse("a,b\n1,2\n").unwrap();
    assert_eq!(table.times, [""]);
}

#[test]
fn other_separators_are_told() {
    let message = parse("day;b\n2024-01-01;1\n").unwrap_err();
    let expected = "has no comma, the separator of columns: `day;b`; give --delimiter ';'";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn rows_that_go_back_in_time() {
    let message = parse("day,b\n2024-01-02,1\n2024-01-01,1\n").unwrap_err();
    let expected =
        "row 2, column `day`: 2024-01-01 is before 2024-01-02, the time of the row above";
    assert!(message.contains(expected), "{message}");
    assert!(parse("hour,b\n23:00,1\n,2\n").is_ok());
}

#[test]
fn a_time_that_cannot_be_read_is_named() {
    let expected = "row 3, column `day`: `tomorrow` is not a time like the others, such as \
                    `2024-01-01`";
    let text = "day,b\n2024-01-01,1\n2024-01-02,1\ntomorrow,1\n2024-01-04,1\n";
    for sort in [false, true] {
        let message = read(text, sort).unwrap_err();
        assert!(message.ends_with(expected), "{message}");
    }
    let notes = |text: &str| parse(text).unwrap().notes;
    let told = notes("day,b\nmonday,1\ntuesday,1\n");
    assert!(told[0].starts_with("the times, such as `monday`, are not understood"));
    assert!(notes("day,b\n2024-01-01,1\nNaT,1\n2024-01-03,1\n").is_empty());
    let told = notes("day,b\n01/02/2024,1\n02/02/2024,1\n");
    assert!(told[0].contains("such as `01/02/2024` are read as day/month/year"));
}

/// Two series in turn, and one after the other with gaps in both.
#[test]
fn notes_are_of_all_series() {
    let day = |day: usize| format!("2024-01-{:02}", 1 + day);
    let rows = (0..16).map(|row| format!("{},{},1\n", day(row / 2), 7 + row % 2));
    let all = Table::notes_of(&format!("date,shop,b\n{}", rows.collect::<String>()), 0);
    let expected = "repeated times: 8, the first at `2024-01-01` (row 2); if the file has several \
                    series, --group shop tells them apart";
    assert_eq!(all, [expected]);
    let rows = (0..16).map(|row| format!("{},{},0.5\n", day(row / 2), row % 2));
    let all = Table::notes_of(&format!("date,x,b\n{}", rows.collect::<String>()), 2);
    assert!(
        all[0].ends_with("--group COLUMN tells them apart"),
        "{all:?}"
    );
    let rows = (0..16).map(|row| (row / 8, row % 8 + 2 * (row % 8 / 6)));
    let rows = rows.map(|(id, at)| format!("{id},{},1\n", day(at)));
    let all = Table::notes_of(&format!("id,date,b\n{}", rows.collect::<String>()), 1);
    let expected = "gaps in the times: 2 in 2 of 2 series, the first at `2024-01-09` (row 7)";
    assert_eq!(all, [expected]);
}

impl Table {
    /// The notes on a file whose first columns are so many ids and the time, or with 2 the time and
    /// one that is not read.
    fn notes_of(text: &str, ids: usize) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let source = Source::open(file.path(), Format::Csv, CsvOptions::default()).unwrap();
        let columns = match ids {
            0 => Columns {
                numbers: vec![1, 2],
                labels: vec![0],
                ..Default::default()
            },
            1 => Columns {
                numbers: vec![2],
                labels: vec![0, 1],
                ids,
                ..Default::default()
            },
            _ => Columns {
                numbers: vec![2],
                labels: vec![0],
                ..Default::default()
            },
        };
        source.select(columns).unwrap().table(false).unwrap().notes
    }
}

#[test]
fn rows_are_sorted() {
    let table = read("t,b\n3,1\n1,2\n2,3\n1,4\n", true).unwrap();
    assert_eq!(table.rows, [[2.0], [4.0], [3.0], [1.0]]);
    assert_eq!(table.numbers, [2, 4, 3, 1]);
    let message = read("t,b\n3,1\n,2\n", true).unwrap_err();
    assert!(
        message.contains("row 2, column `t`: --sort: `` is no time"),
        "{message}"
    );
    let message = read("b\n3\n", true).unwrap_err();
    assert!(
        message.contains("--sort: no column tells times"),
        "{message}"
    );
}

/// Series that lie one after another, or in turn.
#[test]
fn rows_of_a_key_come_together() {
    for text in [
        "id,t,b\nx,1,1\nx,2,2\ny,1,3\ny,2,4\n",
        "id,t,b\nx,1,1\ny,1,3\nx,2,2\ny,2,4\n",
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let options = CsvOptions::default();
        let source = Source::open(file.path(), Format::Csv, options).unwrap();
        let columns = Columns {
            numbers: vec![2],
            labels: vec![0, 1],
            ids: 1,
            ..Default::default()
        };
        let table = source.select(columns).unwrap().table(false).unwrap();
        assert_eq!(table.rows, [[1.0], [2.0], [3.0], [4.0]]);
        assert_eq!(table.keys, ["x", "x", "y", "y"]);
        assert_eq!(table.times, ["1", "2", "1", "2"]);
        assert_eq!(table.series(), [0..2, 2..4]);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        ("a,b\n1,2\n3\n", "line 3: 1 value where the header has 2"),
        (
            "a,b\n1,2\n3,4,5\n",
            "line 3: 3 values where the header has 2",
        ),
        ("a,b\n1,2\n3,x\n", "line 3, column `b`: `x` is not a number"),
        (
            "a,b\n1,2\n3,NaN\n",
            "line 3, column `b`: `NaN` is not a finite number",
        ),
        (
            "a,b\n1,2\n3,inf\n",
            "line 3, column `b`: `inf` is not a finite number",
        ),
        ("a,b\n1,2\n3,\n", "line 3, column `b`: the value is missing"),
        ("a,c\n1,2\n", "no column `b`; the columns are a, c"),
        ("b,b\n1,2\n", "two columns `b`"),
        ("a,b\n", "no rows below the header"),
        ("", "the file is empty"),
    ];
    for (text, expected) in cases {
        let message = parse(text).unwrap_err();
        assert!(message.contains(expected), "{text:?}: {message}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let opened = Source::open(Path::new("no-such.csv"), Format::Csv, CsvOptions::default());
    let message = opened.err().unwrap().to_string();
    assert!(message.starts_with("no-such.csv: "), "{message}");
}
