//! Series as people have them, after public bug reports.

#[path = "cases/program.rs"]
mod program;
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
        [
            "model", "seed", "time", "step", "actual", "forecast", "low", "high"
        ]
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
    let header = "t,t +1,y +1,y +1 low,y +1 high";
    assert_eq!((lines[0], lines.len()), (header, 1 + 12 - 3));
    for (row, line) in lines[1..].iter().enumerate() {
        let fields: Vec<_> = line.split(',').collect();
        let (time, next, value) = (fields[0], fields[1], fields[2]);
        assert_eq!(time, text_of(row + 3));
        assert_eq!(number(next), number(&text_of(row + 4)));
        assert!(number(fields[3]) < number(value) && number(value) < number(fields[4]));
        let at = 64.0 + row as f64;
        let came = 1e6 + 500.0 * at + 90.0 * (at / 2.0).sin();
        assert!(
            (value.parse::<f64>().unwrap() - came).abs() < 100.0,
            "{value} {came}"
        );
    }
}

/// Rows of two series in turn, of which one is far above the other: one model, a scale for each.
#[test]
fn several_series_are_told_apart() {
    let bench = Bench::new();
    let rows = table("who,where,t,y", 160, |row| {
        let (series, row) = (row % 2, row / 2);
        let level = [10.0, 1e5][series];
        let names = ["x,1", "x,2"][series];
        format!("{names},{row},{}", level * (3.0 + wave(row)))
    });
    let grouped = ["--group", "who,where", "--time", "t"];
    let [linear, naive] = study(&bench, "two", &rows, &grouped).unwrap();
    assert!(linear > 0.9 && linear > naive, "{linear} {naive}");
    let forecasts = bench.read("two/forecasts.csv");
    let lines: Vec<_> = forecasts.lines().collect();
    let header = "model,seed,who,where,time,step,actual,forecast,low,high";
    // 80 rows each, 12 of them to test, with two models.
    assert_eq!((lines[0], lines.len()), (header, 1 + 2 * 2 * 12));
    assert!(lines[1].starts_with("linear,42,x,1,68,1,"), "{}", lines[1]);
    let naive: Vec<f64> = lines[25]
        .split(',')
        .filter_map(|x| x.parse().ok())
        .collect();
    let (at, before) = (10.0 * (3.0 + wave(68)), 10.0 * (3.0 + wave(67)));
    assert!(
        (naive[4] - at).abs() < 1e-6 && (naive[5] - before).abs() < 1e-6,
        "{naive:?}"
    );

    let predict = |csv: &str| {
        let (out, to) = (text(&bench.path("two")), text(&bench.path("to.csv")));
        let options = ["--device", "flex", "--predict", "linear", "--csv", csv];
        run_any(&[&options[..], &["--artifacts", &out, "--output", &to]].concat())?;
        Ok::<_, String>(bench.read("to.csv"))
    };
    let forecasts = predict(&text(&bench.path("two.csv"))).unwrap();
    let lines: Vec<_> = forecasts.lines().collect();
    assert_eq!(lines[0], "who,where,t,t +1,y +1,y +1 low,y +1 high");
    assert_eq!(lines.len(), 1 + 2 * (80 - 3));
    assert!(lines[1].starts_with("x,1,3,4,") && lines[78].starts_with("x,2,3,4,"));
    assert!(lines[154].starts_with("x,2,79,80,"), "{}", lines[154]);
    let other = text(&bench.write("other.csv", &rows.replace("x,2", "x,3")));
    let forecasts = predict(&other).unwrap();
    assert_eq!(forecasts.lines().collect::<Vec<_>>(), lines[..78]);
}

#[test]
fn rows_are_sorted_and_files_unpacked() {
    let bench = Bench::new();
    let row = |row: usize| format!("{row},{}", wave(row));
    let falling = table("t,y", 60, |at| row(59 - at));
    let rising = study(&bench, "rising", &table("t,y", 60, row), &[]).unwrap();
    assert_eq!(
        study(&bench, "sorted", &falling, &["--sort"]).unwrap(),
        rising
    );
    let message = study(&bench, "falling", &falling, &[]).unwrap_err();
    assert!(message.contains("--sort sorts the rows"), "{message}");
}

/// What is filled is told from what came.
#[test]
fn filled_values_are_not_scored() {
    let bench = Bench::new();
    let rows = table("t,y", 60, |row| match row {
        55..57 => format!("{row},"),
        _ => format!("{row},{}", wave(row)),
    });
    study(&bench, "out", &rows, &[]).unwrap();
    let forecasts = bench.read("out/forecasts.csv");
    let actual = |line: &str| line.split(',').nth(4).unwrap().to_string();
    let empty: Vec<_> = forecasts
        .lines()
        .filter(|line| actual(line).is_empty())
        .collect();
    // Of two models.
    assert_eq!(empty.len(), 4, "{forecasts}");
    assert!(empty[0].starts_with("linear,42,55,1,,"), "{}", empty[0]);
}

/// The last value itself, whatever it was scaled by.
#[test]
fn naive_repeats_the_value() {
    let bench = Bench::new();
    let at = |row: usize| (1.02f64.powi(row as i32)) * (3.0 + wave(row));
    let rows = table("t,y", 80, |row| format!("{row},{}", at(row)));
    for scaling in ["median", "difference", "window", "standard"] {
        let options = ["--scaling", scaling, "--median-rows", "5"];
        let options = if scaling == "median" {
            &options[..]
        } else {
            &options[..2]
        };
        study(&bench, scaling, &rows, options).unwrap();
        let forecasts = bench.read(&format!("{scaling}/forecasts.csv"));
        for line in forecasts.lines().filter(|line| line.starts_with("naive")) {
            let fields: Vec<_> = line.split(',').collect();
            let row: usize = fields[2].parse().unwrap();
            let forecast: f64 = fields[5].parse().unwrap();
            assert!(
                (forecast / at(row - 1) - 1.0).abs() < 1e-9,
                "{scaling}: {line}"
            );
        }
    }
}

/// Growth by a factor is a line in logarithms, and a season is found.
#[test]
fn differences_logarithms_and_seasons() {
    let bench = Bench::new();
    let season = [1.0, 1.3, 0.9, 1.5, 1.1, 0.7];
    let rows = table("t,y", 120, |row| {
        format!("{row},{}", 1.01f64.powi(row as i32) * season[row % 6])
    });
    let models = [
        "--compare",
        "linear,naive,seasonal-naive",
        "--epochs",
        "300",
    ];
    for more in [
        &["--log"][..],
        &["--scaling", "difference"],
        &["--log", "--scaling", "difference"],
    ] {
        let to = more.join(" ");
        let csv = text(&bench.write("in.csv", &rows));
        let options = ["--device", "flex", "--csv", &csv, "--target", "y"];
        let out = text(&bench.path(&to));
        let sizes = ["--length", "8", "--horizon", "2", "--artifacts", &out];
        let report = run_options(&[&options[..], &sizes, &models, more].concat()).unwrap();
        assert_eq!(report.season, Some(6));
        let [linear, naive, seasonal] = [0, 1, 2].map(|model| report.models[model].scores);
        assert!(
            linear.r2 > seasonal.r2 && seasonal.r2 > naive.r2,
            "{to}: {report:?}"
        );
        // Against a change over a season, 6 %, which is what the last makes.
        let mase = seasonal.mase.unwrap();
        assert!((1.0..3.0).contains(&mase), "{mase}");
        assert!(linear.coverage.is_some());
    }
    let none = table("t,y", 60, |row| format!("{row},{}", row * row));
    // Longer than the series: the last value.
    let models = ["--season", "999", "--compare", "naive,seasonal-naive"];
    let csv = text(&bench.write("in.csv", &none));
    let out = text(&bench.path("long"));
    let options = [
        "--device",
        "flex",
        "--csv",
        &csv,
        "--target",
        "y",
        "--artifacts",
        &out,
    ];
    let report = run_options(&[&options[..], &models].concat()).unwrap();
    let [naive, seasonal] = [0, 1].map(|model| report.models[model].scores);
    assert_eq!((naive, naive.mase), (seasonal, None));
    let message = study(&bench, "none", &none, &["--season", "0"]).unwrap_err();
    assert!(message.contains("--season must be at least 1"), "{message}");
    let negative = table("t,y", 60, |row| format!("{row},{}", wave(row)));
    let message = study(&bench, "negative", &negative, &["--log"]).unwrap_err();
    assert!(
        message.contains("--log is for positive series, but `y`"),
        "{message}"
    );
}

/// Each fold ends a test part before the next.
#[test]
fn folds_are_trained_anew() {
    let bench = Bench::new();
    let rows = table("t,y", 100, |row| format!("{row},{}", wave(row)));
    let folds = ["--folds", "3"];
    study(&bench, "out", &rows, &folds).unwrap();
    let forecasts = bench.read("out/forecasts.csv");
    let of = |run: &str| {
        let lines = forecasts.lines().filter(|line| line.starts_with(run));
        let time = |line: &str| line.split(',').nth(2).unwrap().parse::<usize>().unwrap();
        lines.map(time).collect::<Vec<_>>()
    };
    assert_eq!(of("linear,42,"), (85..100).collect::<Vec<_>>());
    assert_eq!(of("linear,42-fold-2,"), (72..85).collect::<Vec<_>>());
    assert_eq!(of("naive,42-fold-1,"), (59..70).collect::<Vec<_>>());
    let out = text(&bench.path("out"));
    let resumed = run_options(&["--device", "flex", "--resume", "--artifacts", &out]).unwrap();
    let linear = &resumed.models[0];
    let folds = linear.runs.iter().map(|run| run.fold);
    assert_eq!(folds.collect::<Vec<_>>(), [1, 2, 3]);
    let mean = linear.runs.iter().map(|run| run.scores.r2).sum::<f64>() / 3.0;
    assert!((linear.scores.r2 - mean).abs() < 1e-12 && linear.spread.is_some());
}

/// Two values in the test part, of which one step of each window is known alone.
#[test]
fn scores_that_are_no_numbers_are_an_error() {
    let bench = Bench::new();
    let rows = table("t,y", 40, |row| match row {
        35 => format!("{row},1"),
        34.. => format!("{row},"),
        _ => format!("{row},{}", wave(row)),
    });
    let message = study(&bench, "out", &rows, &[]).unwrap_err();
    assert!(message.contains("`y` are no finite numbers"), "{message}");
    assert!(!bench.path("out/metrics.json").exists());
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
