//! What the program tells a user whose file is not as it should be.

use std::process::{Command, Stdio};

use super::support::{Bench, run_any, run_options, text};
use super::{study, table, wave};

/// The standard output and error of the program.
fn program(options: &[&str]) -> [String; 2] {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sig-train"));
    let output = program.args(["--device", "flex"]).args(options).output();
    let output = output.unwrap();
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
}

/// What is told of a study of the naive model on that file.
fn told(bench: &Bench, content: &str, more: &[&str]) -> String {
    let csv = text(&bench.write("in.csv", content));
    let out = text(&bench.path("told"));
    let sizes = ["--length", "4", "--horizon", "1", "--model", "naive"];
    let options = ["--csv", &csv, "--target", "y", "--artifacts", &out];
    program(&[&options[..], &sizes, more].concat())[1].clone()
}

/// The forecasts of the linear model in the folder `out`.
fn forecasts(bench: &Bench, csv: &str, more: &[&str]) -> Result<String, String> {
    let (out, to) = (text(&bench.path("out")), text(&bench.path("to.csv")));
    let options = ["--device", "flex", "--predict", "linear", "--csv", csv];
    let paths = ["--artifacts", &out, "--output", &to];
    run_any(&[&options[..], &paths, more].concat())?;
    Ok(bench.read("to.csv"))
}

/// Whoever reads the output may stop before the end.
#[test]
fn pipes_that_nobody_reads_end_no_training() {
    let bench = Bench::new();
    let options = bench.options("out", &["--model", "linear", "--epochs", "2"]);
    let mut running = Command::new(env!("CARGO_BIN_EXE_sig-train"))
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((running.stdout.take(), running.stderr.take()));
    assert!(running.wait().unwrap().success());
    assert!(bench.path("out").join("report.html").exists());
}

/// A value per day, 7 days a season; where each tenth is filled by the one before, it is no season's
/// change.
#[test]
fn mase_compares_with_values_that_came() {
    let bench = Bench::new();
    let at = |row: usize| [1.0, 5.0, 2.0, 8.0, 3.0, 9.0, 4.0][row % 7] + 0.5 * (row / 7) as f64;
    let rows = table("t,y", 140, |row| match row % 10 {
        9 => format!("{row},"),
        _ => format!("{row},{}", at(row)),
    });
    let csv = text(&bench.write("in.csv", &rows));
    let out = text(&bench.path("out"));
    let options = ["--device", "flex", "--csv", &csv, "--target", "y"];
    let more = ["--model", "seasonal-naive", "--season", "7"];
    let sizes = ["--length", "8", "--horizon", "1", "--artifacts", &out];
    let report = run_options(&[&options[..], &more, &sizes].concat()).unwrap();
    let scores = report.models[0].scores;
    // Each change over a season is 0.5.
    assert!(
        (scores.mase.unwrap() - scores.mae / 0.5).abs() < 1e-9,
        "{scores:?}"
    );
}

#[test]
fn months_of_american_dates() {
    let bench = Bench::new();
    let rows = table("date,y", 60, |row| {
        format!("{:02}/01/{},{}", 1 + row % 12, 1990 + row / 12, wave(row))
    });
    let notes = told(&bench, &rows, &[]);
    assert!(!notes.contains("note:"), "{notes}");
    study(&bench, "out", &rows, &["--epochs", "1"]).unwrap();
    let all = forecasts(&bench, &text(&bench.path("out.csv")), &["--last"]).unwrap();
    let lines: Vec<_> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert_eq!(lines[0], "date,y,y low,y high");
    assert!(lines[1].starts_with("01/01/1995,"), "{all}");
}

/// From Monday, 2024-01-01.
#[test]
fn weekends_of_business_days() {
    let bench = Bench::new();
    let rows = table("date,y", 20, |row| {
        format!("2024-01-{:02},{}", 1 + row / 5 * 7 + row % 5, wave(row))
    });
    let notes = told(&bench, &rows, &[]);
    assert!(!notes.contains("gaps"), "{notes}");
    study(&bench, "out", &rows, &["--epochs", "1"]).unwrap();
    let all = forecasts(&bench, &text(&bench.path("out.csv")), &["--last"]).unwrap();
    assert!(
        all.lines().nth(1).unwrap().starts_with("2024-01-29,"),
        "{all}"
    );
}

#[test]
fn several_series_without_their_ids() {
    let bench = Bench::new();
    let rows = table("t,store,y", 80, |row| {
        format!("{},{},{}", row / 2, 7 + row % 2, wave(row))
    });
    let notes = told(&bench, &rows, &[]);
    let expected = "note: repeated times: 40, the first at `0` (row 2); if the file has several \
                    series, --group store tells them apart";
    assert!(notes.contains(expected), "{notes}");
    assert!(notes.contains("windows: 4 rows (--length); forecast: the next 1 (--horizon)"));
}

/// `a` and `b` are trained on; `flat` does not change, `new` comes later, and `b` has become short.
#[test]
fn series_that_cannot_be_forecast_are_left_out() {
    let bench = Bench::new();
    let row = |name: &str, t: usize, y: f64| format!("{name},{t},{y}\n");
    let series = |name: &str, rows: usize| {
        let y = |t: usize| if name == "flat" { 1.0 } else { wave(t) };
        (0..rows).map(|t| row(name, t, y(t))).collect::<String>()
    };
    let header = "who,t,y\n";
    let trained = [
        header,
        &series("a", 60),
        &series("b", 60),
        &series("flat", 60),
    ]
    .concat();
    let grouped = ["--group", "who", "--time", "t", "--epochs", "1"];
    study(&bench, "out", &trained, &grouped).unwrap();

    let later = [
        series("a", 9),
        series("b", 3),
        series("flat", 9),
        series("new", 9),
    ]
    .concat();
    let csv = text(&bench.write("later.csv", &(header.to_string() + &later)));
    let all = forecasts(&bench, &csv, &["--last"]).unwrap();
    let lines: Vec<_> = all.lines().collect();
    assert!(lines.len() == 2 && lines[1].starts_with("a,9,"), "{all}");
    let out = text(&bench.path("out"));
    let [_, notes] = program(&["--predict", "linear", "--csv", &csv, "--artifacts", &out]);
    for expected in [
        "note: 1 series is left out (b): 3 rows can be used, and the model sees 4",
        "note: 2 series are left out (flat; new): the model was not trained on this series",
    ] {
        assert!(notes.contains(expected), "{notes}");
    }
    let csv = text(&bench.write("new.csv", &(header.to_string() + &series("new", 9))));
    let message = forecasts(&bench, &csv, &[]).unwrap_err();
    assert!(message.contains("not trained on this series"), "{message}");
    let both = header.to_string() + &series("new", 9) + &series("flat", 9);
    let csv = text(&bench.write("both.csv", &both));
    let message = forecasts(&bench, &csv, &[]).unwrap_err();
    assert!(
        message.contains("no series is left to be forecast"),
        "{message}"
    );
}

#[test]
fn times_that_are_not_read() {
    let bench = Bench::new();
    let rows = table("date,y", 40, |row| match row {
        30 => format!("tomorrow,{}", wave(row)),
        _ => format!("2024-{:02}-{:02},{}", 1 + row / 28, 1 + row % 28, wave(row)),
    });
    let message = study(&bench, "bad", &rows, &[]).unwrap_err();
    let expected = "row 31, column `date`: `tomorrow` is not a time like the others";
    assert!(message.contains(expected), "{message}");
    let rows = table("date,y", 40, |row| format!("day {row},{}", wave(row)));
    study(&bench, "out", &rows, &["--epochs", "1"]).unwrap();
    let (csv, out) = (text(&bench.path("out.csv")), text(&bench.path("out")));
    let [all, notes] = program(&["--predict", "linear", "--csv", &csv, "--artifacts", &out]);
    assert!(all.lines().last().unwrap().starts_with("day 39,,"), "{all}");
    assert!(
        notes.contains("note: forecasts beyond the last row have no times"),
        "{notes}"
    );
}

#[test]
fn options_that_do_not_suit_the_file() {
    let bench = Bench::new();
    let rows = table("t,y", 40, |row| format!("{row},{}", wave(row)));
    let csv = text(&bench.write("in.csv", &rows));
    let out = text(&bench.path("out"));
    let failure = |options: &[&str]| {
        let device = ["--device", "flex", "--artifacts", &out];
        run_any(&[&device[..], options].concat()).unwrap_err()
    };
    let parquet = text(&bench.path("x.parquet"));
    std::fs::write(&parquet, "PAR1").unwrap();
    for (options, expected) in [
        (
            ["--csv", &parquet, "--target", "y", "--sort"],
            "the file is Parquet: sig-train reads it by --parquet in place of --csv",
        ),
        (
            ["--parquet", &csv, "--target", "y", "--sort"],
            "use --csv in place of --parquet",
        ),
        (
            ["--csv", &csv, "--target", "y", "--output=x.csv"],
            "--output and --last need --predict",
        ),
        (
            ["--csv", &csv, "--target", "y", "--last"],
            "--output and --last need --predict",
        ),
        (
            ["--csv", &csv, "--target", "y", "--drop=y"],
            "the target `y` is left out by --drop",
        ),
    ] {
        let message = failure(&options);
        assert!(message.contains(expected), "{message}");
    }
    let nowhere = text(&bench.path("nodir/x.csv"));
    let message = failure(&["--predict", "linear", "--csv", &csv, "--output", &nowhere]);
    assert!(message.contains("nodir does not exist"), "{message}");

    study(&bench, "out", &rows, &["--epochs", "1"]).unwrap();
    let message = failure(&["--predict", "foo", "--csv", &csv]);
    assert!(message.ends_with("has linear (seed 42)"), "{message}");
    let message = failure(&["--resume", "--epochs", "9"]);
    assert!(
        message.contains("epochs is 1 there and 9 here") && message.contains("without --resume"),
        "{message}"
    );
    let notes = told(&bench, &rows, &["--season", "15"]);
    let expected = "note: the season, 15 rows, is longer than half of the training part, 28 rows";
    assert!(notes.contains(expected), "{notes}");
}
