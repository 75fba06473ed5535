use std::io::Write;

use super::super::{Format, Rows, Source};
use super::*;

/// The rows of a file whose first column is an id.
fn rows(text: &str) -> (tempfile::TempPath, Rows) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = file.into_temp_path();
    let source = Source::open(&path, Format::Csv, CsvOptions::default()).unwrap();
    let columns = Columns {
        numbers: (1..source.names().len()).collect(),
        labels: vec![0],
        ids: 1,
        ..Default::default()
    };
    let rows = source.select(columns).unwrap();
    (path, rows)
}

#[test]
fn rows_of_every_form() {
    let (path, mut rows) =
        rows("\u{feff}id, a ,b\r\nx,1,2\r\n\r\n\"y,\n\"\"z\"\"\", 3 ,4e1\r\ny,5,6");
    let source = Source::open(&path, Format::Csv, CsvOptions::default()).unwrap();
    assert_eq!(source.names(), ["id", "a", "b"]);
    let chunks = rows.chunks(4).unwrap();
    assert_eq!(chunks.len(), 1);
    let runs = chunks[0].runs.iter();
    let ids: Vec<_> = runs.map(|run| (&*run.label, run.rows)).collect();
    assert_eq!(ids, [("x", 1), ("y,\n\"z\"", 1), ("y", 1)]);
    assert_eq!(chunks[0].values, [1.0, 2.0, 3.0, 40.0, 5.0, 6.0]);
    assert_eq!((chunks[0].end.rows, chunks[0].end.lines), (3, 5));
    assert!(rows.chunks(4).unwrap().is_empty());
}

#[test]
fn bad_rows_are_numbered_and_the_others_kept() {
    let (_path, mut rows) = rows("id,a\nx,1\nx\n\nx,y\nx,\nx,inf\n,1\nx,2\n");
    let chunk = rows.chunks(1).unwrap().remove(0);
    let bad: Vec<_> = chunk.bad.iter().map(ToString::to_string).collect();
    let expected = [
        "row 2 (line 3): 1 value where the header has 2",
        "row 3 (line 5), column `a`: `y` is not a number",
        "row 4 (line 6), column `a`: the value is missing",
        "row 5 (line 7), column `a`: `inf` is not a finite number",
        "row 6 (line 8), column `id`: the id is missing",
    ];
    assert_eq!(bad, expected);
    assert_eq!((chunk.values, chunk.rows), (vec![1.0, 2.0], vec![1, 7]));
}

#[test]
fn blocks_end_where_rows_do_and_any_can_be_started_from() {
    let count = 120_000;
    let row = |row: i32| format!("\"i\n{}\",{row}\n", row / 7);
    let text: String = (0..count).map(row).collect();
    let (_path, mut rows) = rows(&format!("id,a\n{text}"));
    let chunks = rows.chunks(100).unwrap();
    assert!(chunks.len() > 1);
    let values = chunks.iter().flat_map(|chunk| chunk.values.clone());
    assert!(values.eq((0..count).map(f64::from)));
    rows.seek(chunks[1].start).unwrap();
    let again = rows.chunks(1).unwrap();
    assert_eq!(again[0].values, chunks[1].values);
    assert_eq!(again[0].rows, chunks[1].rows);
}

#[test]
fn rows_of_one_column_may_be_empty() {
    for (text, rows, empty) in [
        ("\n\na\n1\n\n3\n\n\n", 3, vec![(2, 5)]),
        ("a\r\n\r\n2\r\n", 2, vec![(1, 2)]),
        ("a\n1\n2\n", 2, vec![]),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let options = CsvOptions::default();
        let source = Source::open(file.path(), Format::Csv, options).unwrap();
        let columns = Columns {
            numbers: vec![0],
            ..Default::default()
        };
        let chunk = source.select(columns).unwrap().chunks(1).unwrap().remove(0);
        assert_eq!(chunk.end.rows, rows, "{text:?}");
        let bad = chunk.bad.iter();
        let bad: Vec<_> = bad
            .map(|bad| (bad.row.unwrap(), bad.line.unwrap()))
            .collect();
        assert_eq!(bad, empty, "{text:?}");
    }
}

#[test]
fn a_column_is_of_what_most_of_it_is() {
    let kind = |values: &[&'static str]| CsvOptions::default().kind("a", values.iter().copied());
    assert_eq!(kind(&["x", "2"]), Kind::Number);
    assert_eq!(kind(&["x", "y", "2"]), Kind::Text);
    assert_eq!(kind(&["2024-01-01", "2024-01-02", "7"]), Kind::Time);
}

#[test]
fn a_quote_that_is_never_closed() {
    let (_path, mut rows) = rows(&format!("id,a\n\"x,{}", "1".repeat(17 << 20)));
    let error = rows.chunks(2).unwrap_err().to_string();
    assert!(
        error.contains("starts at byte 5 has no end within 16 MiB"),
        "{error}"
    );
}

#[test]
fn numbers_written_otherwise_come_with_advice() {
    let advised = |text: &str, decimal: char| number(text.as_bytes(), decimal, true).unwrap_err();
    for (text, decimal, expected) in [
        (
            "0,937",
            '.',
            "`0,937` is not a number; --decimal , reads a comma before the decimals",
        ),
        (
            "1,518.32",
            '.',
            "not a number; separators of thousands are not read",
        ),
        (
            "2.454,41",
            ',',
            "not a number; separators of thousands are not read",
        ),
        (
            "-1.234.567",
            '.',
            "not a number; separators of thousands are not read",
        ),
        (
            "0.5",
            ',',
            "not a number; --decimal . reads a point before the decimals",
        ),
    ] {
        assert!(
            advised(text, decimal).contains(expected),
            "{text}: {}",
            advised(text, decimal)
        );
    }
    for text in ["1.2.3", "x", "\u{20ac}0.64", "12:30"] {
        assert!(advised(text, '.').ends_with("is not a number"), "{text}");
    }
}

#[test]
fn files_written_otherwise_come_with_advice() {
    let open = |text: &str, options: CsvOptions| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Source::open(file.path(), Format::Csv, options)
    };
    let comma = CsvOptions {
        decimal: ',',
        ..Default::default()
    };
    let message = open("a,b\n1.5,2\n", comma).err().unwrap().to_string();
    let expected = "cannot be separated by commas, too; give the separator of the file, such as \
                    --delimiter ';'";
    assert!(message.ends_with(expected), "{message}");
    assert!(open("a,b\n\"1,5\",2\n", comma).is_ok());
    let semicolons = CsvOptions {
        delimiter: ';',
        ..Default::default()
    };
    let source = open("day;y\n1;0,5\n2;0,7\n", semicolons).unwrap();
    assert_eq!(
        source.describe(&[]),
        "left out: numbers `day`, text `y` (numbers with --decimal ,)"
    );
    for (names, hint) in [("2024-01-31,x", true), ("a,1.5", true), ("a,b", false)] {
        let source = open(&format!("{names}\n1,2\n"), CsvOptions::default()).unwrap();
        let message = source.column("sales").unwrap_err().to_string();
        assert_eq!(message.contains("--no-header"), hint, "{message}");
    }
}
