//! Series as people have them, after public bug reports.

mod support;

use support::{Bench, run_any, run_options, text};

/// A study of a linear model and the naive one, on a file of that content.
fn study(bench: &Bench, to: &str, content: &str, more: &[&str]) -> Result<[f64; 2], String> {
    let csv = text(&bench.write(&format!("{to}.csv"), content));
    let out = text(&bench.path(to));
    let options = ["--device", "flex", "--csv", &csv, "--target", "y"];
    let epochs = if more.contains(&"--epochs") {
        &[][..]
    } else {
        &["--epochs", "200"]
    };
    let sizes = [&["--length", "4", "--horizon", "1"], epochs].concat();
    let rest = ["--model", "linear,naive", "--artifacts", &out];
    let report = run_options(&[&options[..], &sizes, &rest, more].concat())?;
    Ok([0, 1].map(|model| report.models[model].scores.r2))
}

/// `t,y` and other columns of a header, row by row.
fn table(header: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let rows: String = (0..rows).map(|number| row(number) + "\n").collect();
    format!("{header}\n{rows}")
}

fn wave(row: usize) -> f64 {
    (row as f64 / 2.0).sin()
}

/// Whose deviation is nothing but rounding.
#[test]
fn a_column_that_does_not_move_changes_nothing() {
    let bench = Bench::new();
    let flat = |row| if row < 70 { 0.1 } else { 0.11 };
    let with = table("t,y,c", 80, |row| {
        format!("{row},{},{}", wave(row), flat(row))
    });
    let without = table("t,y", 80, |row| format!("{row},{}", wave(row)));
    for scaling in ["standard", "window"] {
        let r2 = |name: &str, content: &str| {
            let to = format!("{name} {scaling}");
            study(&bench, &to, content, &["--scaling", scaling]).unwrap()[0]
        };
        let (with, without) = (r2("with", &with), r2("without", &without));
        assert!((with - without).abs() < 0.05, "{scaling}: {with} {without}");
    }
}

#[test]
fn rows_out_of_order_are_refused() {
    let bench = Bench::new();
    let day = |row: usize| if row == 30 { 33 } else { row };
    let swapped = table("date,y", 60, |row| {
        format!(
            "2024-{:02}-{:02},{}",
            1 + day(row) / 28,
            1 + day(row) % 28,
            wave(row)
        )
    });
    let message = study(&bench, "swapped", &swapped, &[]).unwrap_err();
    let expected = "row 32, column `date`: 2024-02-04 is before 2024-02-06";
    assert!(message.contains(expected), "{message}");
    let falling = table("date,y", 28, |row| {
        format!("{}/04/2024,{}", 28 - row, wave(row))
    });
    let message = study(&bench, "falling", &falling, &[]).unwrap_err();
    assert!(
        message.contains("row 2, column `date`: 27/04/2024"),
        "{message}"
    );
}

#[test]
fn columns_are_chosen_and_left_out() {
    let bench = Bench::new();
    let rows = table(",date,text,y,b", 40, |row| {
        format!(
            "{row},2024-01-01 {:02}:{:02},x,{},1",
            row / 60,
            row % 60,
            wave(row)
        )
    });
    study(&bench, "all", &rows, &[]).unwrap();
    let names = |to: &str| {
        let saved = bench.read(&format!("{to}/linear/seed-42/forecaster.json"));
        let names = saved
            .split_once(r#""names": ["#)
            .unwrap()
            .1
            .split(']')
            .next();
        let names = names.unwrap().split(',');
        names
            .map(|name| name.trim().trim_matches('"').to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("all"), ["y", "b"]);
    study(&bench, "drop", &rows, &["--drop", "b"]).unwrap();
    assert_eq!(names("drop"), ["y"]);
    study(&bench, "columns", &rows, &["--columns", "b, y"]).unwrap();
    assert_eq!(names("columns"), ["b", "y"]);
    let twice = rows
        .replace(",date,text,y,b", ",date,b,y,b")
        .replace(",x,", ",1,");
    let message = study(&bench, "twice", &twice, &[]).unwrap_err();
    assert!(message.contains("there are two columns `b`"), "{message}");
}

/// A temperature called `t`, ages that look like dates, a delimiter at the end of each line.
#[test]
fn what_seems_to_be_a_time_is_none() {
    let bench = Bench::new();
    let rows = table("t,age,y,", 60, |row| {
        format!(
            "{},{}-{},{},",
            20.0 + wave(row),
            row % 9,
            row % 9 + 4,
            wave(row + 1)
        )
    });
    let message = study(&bench, "guessed", &rows, &[]).unwrap_err();
    assert!(
        message.contains("column `t`") && message.contains("--time"),
        "{message}"
    );
    study(&bench, "chosen", &rows, &["--columns", "t,y"]).unwrap();
    study(&bench, "dropped", &rows, &["--drop", "t"]).unwrap();
    let empty = rows.replace("t,age,y,", "u,age,y,none");
    let message = study(&bench, "empty", &empty, &[]).unwrap_err();
    assert!(message.contains("column `none` has no value"), "{message}");
}

/// Rows that are left out at the beginning keep the numbers of the others right.
#[test]
fn rows_are_numbered_as_in_the_file() {
    let bench = Bench::new();
    let rows = table("u,y", 100, |row| match row {
        ..10 => format!(",{row}"),
        _ => format!("1,{row}"),
    });
    study(&bench, "out", &rows, &["--epochs", "1"]).unwrap();
    let forecasts = bench.read("out/forecasts.csv");
    for row in forecasts.lines().skip(1) {
        let row: Vec<_> = row.split(',').collect();
        let actual: f64 = row[4].parse().unwrap();
        assert_eq!(
            row[2].parse::<f64>().unwrap(),
            actual.round() + 1.0,
            "{row:?}"
        );
    }
}

#[test]
fn a_file_that_has_changed_is_not_gone_on_with() {
    let bench = Bench::new();
    let rows = |factor: f64| table("t,y", 60, |row| format!("{row},{}", factor * wave(row)));
    study(&bench, "out", &rows(1.0), &[]).unwrap();
    bench.write("out.csv", &rows(2.0));
    let out = text(&bench.path("out"));
    let options = ["--device", "flex", "--resume", "--artifacts", &out];
    let message = run_options(&options).unwrap_err();
    assert!(message.contains("trained on other data"), "{message}");
}

#[test]
fn semicolons_and_decimal_commas() {
    let bench = Bench::new();
    let rows = table("date;y", 40, |row| {
        format!(
            "2024-01-01 {row:02}:00;{}",
            wave(row).to_string().replace('.', ",")
        )
    });
    let rows = rows.replace("2024-01-01 24:00", "2024-01-02 00:00");
    let rows = rows.lines().take(25).collect::<Vec<_>>().join("\n");
    let options = ["--delimiter", ";", "--decimal", ","];
    let r2 = study(&bench, "german", &rows, &options).unwrap();
    assert!(r2[0].is_finite());
}

/// A series that grows, without an option: no model of levels could be right.
#[test]
fn a_short_series_with_a_trend() {
    let bench = Bench::new();
    let rows = table("t,y", 60, |row| {
        let row = row as f64;
        format!("{row},{}", 1e6 + 500.0 * row + 90.0 * (row / 2.0).sin())
    });
    let [linear, naive] = study(&bench, "trend", &rows, &[]).unwrap();
    assert!(naive > 0.5 && linear > naive, "{linear} {naive}");
    let config = bench.read("trend/config.json");
    assert!(config.contains(r#""scaling": "window""#), "{config}");

    // 60 rows, 9 of them to test, with two models.
    let forecasts = bench.read("trend/forecasts.csv");
    let rows: Vec<Vec<&str>> = forecasts
        .lines()
        .map(|row| row.split(',').collect())
        .collect();
    assert_eq!(
        rows[0],
        ["model", "seed", "time", "step", "actual", "forecast"]
    );
    assert_eq!(rows.len(), 1 + 2 * 9);
    let number = |text: &str| text.parse::<f64>().unwrap();
    for (row, before) in rows[10..].iter().zip(50..) {
        assert_eq!(row[..4], ["naive", "42", &(before + 1).to_string(), "1"]);
        let at = |row: u32| 1e6 + 500.0 * f64::from(row) + 90.0 * (f64::from(row) / 2.0).sin();
        assert!((number(row[4]) - at(before + 1)).abs() < 1e-3, "{row:?}");
        assert!((number(row[5]) - at(before)).abs() < 0.1, "{row:?}");
    }

    // Forecasts come back to the units of the file, beside the times as they stand there.
    let text_of = |row: usize| format!("{:04}.10", row);
    let new = table("t,y", 12, |row| {
        let at = 60.0 + row as f64;
        format!(
            "{},{}",
            text_of(row),
            1e6 + 500.0 * at + 90.0 * (at / 2.0).sin()
        )
    });
    let new = text(&bench.write("new.csv", &new));
    let (out, to) = (text(&bench.path("trend")), text(&bench.path("to.csv")));
    let options = ["--device", "flex", "--predict", "linear", "--csv", &new];
    run_any(&[&options[..], &["--artifacts", &out, "--output", &to]].concat()).unwrap();
    let lines = bench.read("to.csv");
    let lines: Vec<_> = lines.lines().collect();
    assert_eq!((lines[0], lines.len()), ("t,y +1", 1 + 12 - 3));
    for (row, line) in lines[1..].iter().enumerate() {
        let (time, value) = line.split_once(',').unwrap();
        assert_eq!(time, text_of(row + 3));
        let at = 64.0 + row as f64;
        let came = 1e6 + 500.0 * at + 90.0 * (at / 2.0).sin();
        assert!(
            (value.parse::<f64>().unwrap() - came).abs() < 100.0,
            "{value} {came}"
        );
    }
}

#[test]
fn naive_has_nothing_to_load() {
    let bench = Bench::new();
    let rows = table("t,y", 40, |row| format!("{row},{}", wave(row)));
    study(&bench, "out", &rows, &[]).unwrap();
    let (csv, out) = (text(&bench.path("out.csv")), text(&bench.path("out")));
    let options = ["--device", "flex", "--predict", "naive", "--csv", &csv];
    let message = run_any(&[&options[..], &["--artifacts", &out]].concat()).unwrap_err();
    assert!(
        message.contains("--predict naive: it is not trained"),
        "{message}"
    );
}
