//! Whatever is wrong is told in one line, and nothing is left half-written.

mod support;

use std::fs;

use support::{Bench, files, run_any, run_options, text};

/// The failure with that option, which must leave no file.
fn refused(more: &[&str]) -> String {
    let bench = Bench::new();
    let message = bench.failure("out", more);
    assert_eq!(files(&bench.path("out")), Vec::<String>::new(), "{message}");
    message
}

#[test]
fn sizes_that_make_no_sense() {
    let cases = [
        ("--depth", "0", "--depth must be at least 1, got 0"),
        ("--epochs", "0", "--epochs must be at least 1, got 0"),
        (
            "--batch-size",
            "0",
            "--batch-size must be at least 1, got 0",
        ),
        (
            "--learning-rate",
            "0",
            "--learning-rate must be a number above 0, got 0",
        ),
        (
            "--depth",
            "50",
            "--depth 50: the signature of 7 channels has more than",
        ),
    ];
    for (option, value, expected) in cases {
        let message = refused(&[option, value]);
        assert!(message.contains(expected), "{message}");
    }
    for (option, value, expected) in [
        ("--length", "1", "--length must be at least 2, got 1"),
        ("--horizon", "0", "--horizon must be at least 1, got 0"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let folder = text(&folder.path().join("out"));
        let message = run_options(&["--artifacts", &folder, option, value]).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    assert!(refused(&["--model", "mlp,mlp"]).contains("--model mlp: given twice"));
}

#[test]
fn a_series_too_short() {
    let bench = Bench::new();
    let options = |length: &'static str| {
        let mut options = bench.options("out", &[]);
        let at = options
            .iter()
            .position(|option| option == "--length")
            .unwrap();
        options[at + 1] = length.into();
        options
    };
    let message = run_options(&options("400")).unwrap_err();
    assert!(
        message.contains("300 rows") && message.contains("--length 400"),
        "{message}"
    );
    assert!(!bench.path("out").exists());
}

#[test]
fn devices_that_are_not_there() {
    for (name, expected) in [
        (
            "abacus",
            "--device abacus: unknown device; known are cuda, ",
        ),
        #[cfg(not(feature = "cuda"))]
        (
            "cuda",
            "lacks the feature `cuda`; add it to the features of burn-sig in your Cargo.toml",
        ),
    ] {
        let bench = Bench::new();
        let mut options = bench.options("out", &[]);
        options[1] = name.into();
        let message = run_options(&options).unwrap_err();
        assert!(message.contains(expected), "{message}");
        assert!(!bench.path("out").exists());
    }
}

#[test]
fn files_that_are_not_series() {
    let cases = [
        ("a,b\n1,2\n3\n", "line 3: 1 value where the header has 2"),
        (
            "a,b\n1,2\n3,oops\n",
            "line 3, column `b`: `oops` is not a number",
        ),
        (
            "a,b\n1,2\n3,NaN\n",
            "line 3, column `b`: `NaN` is not a finite number",
        ),
        (
            "a,c\n1,2\n3,4\n",
            "there is no column `b`; the columns are a, c",
        ),
        ("a,b\n1,2\n3,4\n", "the series has 2 rows"),
    ];
    for (content, expected) in cases {
        let bench = Bench::new();
        let csv = text(&bench.write("bad.csv", content));
        let out = text(&bench.path("out"));
        let options = [
            "--device",
            "flex",
            "--csv",
            &csv,
            "--target",
            "b",
            "--fill",
            "none",
            "--scaling",
            "standard",
            "--artifacts",
            &out,
        ];
        let message = run_options(&options).unwrap_err();
        assert!(
            message.contains(expected) && message.lines().count() == 1,
            "{message}"
        );
        assert!(!bench.path("out").exists(), "{message}");
    }
}

#[test]
fn a_target_that_does_not_move() {
    let bench = Bench::new();
    let rows: String = (0..100).map(|row| format!("{row},5\n")).collect();
    let csv = text(&bench.write("flat.csv", &format!("a,b\n{rows}")));
    let out = text(&bench.path("out"));
    let options = [
        "--device",
        "flex",
        "--csv",
        &csv,
        "--target",
        "b",
        "--scaling",
        "standard",
        "--artifacts",
        &out,
    ];
    let message = run_options(&options).unwrap_err();
    assert!(
        message.contains("`b` does not change in the last 15 rows"),
        "{message}"
    );
}

#[test]
fn options_that_do_not_go_together() {
    let bench = Bench::new();
    let (csv, out) = (text(&bench.path("series.csv")), text(&bench.path("out")));
    let message = run_options(&["--csv", &csv, "--artifacts", &out]).unwrap_err();
    assert!(message.contains("--csv needs --target"), "{message}");
    let message = run_options(&["--target", "a", "--artifacts", &out]).unwrap_err();
    assert!(message.contains("need --csv"), "{message}");
    let missing = text(&bench.path("missing.csv"));
    let options = ["--csv", &missing, "--target", "a", "--artifacts", &out];
    let message = run_options(&options).unwrap_err();
    assert!(message.starts_with(&missing), "{message}");
}

#[test]
fn several_of_what_there_is_one_of() {
    assert!(refused(&["--seeds", "1,2,1"]).contains("--seed 1: given twice"));
    assert!(refused(&["--compare", "mlp,mlp"]).contains("--model mlp: given twice"));
    let bench = Bench::new();
    let out = text(&bench.path("out"));
    for options in [
        &["--model", "mlp", "--compare", "gru"][..],
        &["--task", "fbm", "--csv", "a.csv"],
        &["--csv", "a.csv", "--parquet", "a.parquet", "--target", "a"],
        &["--predict", "mlp", "--model", "mlp"],
        &["--predict", "mlp", "--resume"],
        &["--output", "a.csv"],
        &["--task", "knots"],
        &["--seeds", "1,x"],
        &["--scaling", "none"],
    ] {
        let message = run_options(&[options, &["--artifacts", &out]].concat()).unwrap_err();
        assert!(message.starts_with("error: "), "{options:?}: {message}");
    }
    assert!(!bench.path("out").exists());
}

#[test]
fn tasks_with_options_that_they_have_no_use_for() {
    let bench = Bench::new();
    let out = text(&bench.path("out"));
    for (options, expected) in [
        (
            ["--task", "fbm", "--horizon", "4"],
            "--horizon 4: this task estimates one number a path",
        ),
        (
            ["--task", "area", "--length", "1"],
            "--length must be at least 2",
        ),
        (
            ["--task", "area", "--scaling", "standard"],
            "--scaling, --median-rows and --log need --csv FILE or --parquet FILE",
        ),
        (
            ["--task", "fbm", "--target", "a"],
            "--target and --time need --csv FILE or --parquet FILE",
        ),
    ] {
        let message = run_options(&[&options[..], &["--artifacts", &out]].concat()).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    assert!(!bench.path("out").exists());
}

#[test]
fn series_that_medians_do_not_suit() {
    let bench = Bench::new();
    let fall: String = (0..60)
        .map(|row| format!("{},{}\n", row + 1, 59 - row))
        .collect();
    let csv = text(&bench.write("fall.csv", &format!("a,b\n{fall}")));
    let out = text(&bench.path("out"));
    let failure = |more: &[&str]| {
        let options = [
            "--device",
            "flex",
            "--csv",
            &csv,
            "--target",
            "b",
            "--artifacts",
            &out,
        ];
        run_options(&[&options[..], &["--length", "4"], more].concat()).unwrap_err()
    };
    for (rows, expected) in [
        (
            "336",
            "the series has 60 rows, too few for a rolling median of --median-rows 336",
        ),
        ("58", "too few for windows of --length 4"),
        ("0", "--median-rows must be at least 1, got 0"),
        ("1", "a rolling median of `b` is 0; use --scaling standard"),
    ] {
        let message = failure(&["--median-rows", rows, "--horizon", "1"]);
        assert!(message.contains(expected), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert!(!bench.path("out").exists());
}

#[test]
fn files_that_are_not_parquet() {
    let bench = Bench::new();
    let (csv, out) = (text(&bench.path("series.csv")), text(&bench.path("out")));
    let missing = text(&bench.path("missing.parquet"));
    for (path, expected) in [
        (&csv, "not readable as Parquet"),
        (&missing, "No such file"),
    ] {
        let options = ["--device", "flex", "--parquet", path, "--target", "a"];
        let message = run_options(&[&options[..], &["--artifacts", &out]].concat()).unwrap_err();
        assert!(
            message.starts_with(path.as_str()) && message.contains(expected),
            "{message}"
        );
    }
    let message = run_options(&["--parquet", &csv, "--artifacts", &out]).unwrap_err();
    assert!(message.contains("--parquet needs --target"), "{message}");
    assert!(!bench.path("out").exists());
}

#[test]
fn forecasts_that_cannot_be() {
    let bench = Bench::new();
    let (csv, out) = (text(&bench.path("series.csv")), text(&bench.path("out")));
    let failure = |model: &str, more: &[&str]| {
        let options = ["--device", "flex", "--artifacts", &out, "--predict", model];
        let message = run_any(&[&options[..], more].concat()).unwrap_err();
        assert_eq!(message.lines().count(), 1, "{message}");
        message
    };
    assert!(failure("linear", &[]).contains("--predict needs --csv FILE or --parquet FILE"));
    let none = failure("linear", &["--csv", &csv]);
    assert!(none.contains("there is no trained model in"), "{none}");

    bench
        .study("out", &["--model", "linear", "--epochs", "1"])
        .unwrap();
    let wrong = text(&bench.write("wrong.csv", "a,b\n1,2\n"));
    let few = bench.read("series.csv");
    let few: String = few.split_inclusive('\n').take(8).collect();
    let few = text(&bench.write("few.csv", &few));
    for (options, expected) in [
        (
            ["--csv", &wrong],
            "there is no column `east 1`; the columns are a, b",
        ),
        (["--csv", &few], "7 rows can be used, and the model sees 8"),
        (["--parquet", &csv], "not readable as Parquet"),
    ] {
        let message = failure("linear", &options);
        assert!(message.contains(expected), "{message}");
    }
    let seeds = failure("linear", &["--csv", &csv, "--seeds", "1,2"]);
    assert!(seeds.contains("a forecast is of one --seed"), "{seeds}");
    let other = failure("linear", &["--csv", &csv, "--seed", "7"]);
    assert!(other.contains("seed-7"), "{other}");

    let weights = bench.path("out/linear/seed-42/model.bpk");
    let content = fs::read(&weights).unwrap();
    fs::write(&weights, &content[..content.len() / 2]).unwrap();
    let damaged = failure("linear", &["--csv", &csv]);
    assert!(damaged.contains("model.bpk: damaged"), "{damaged}");
}

#[test]
fn a_model_of_paths_forecasts_nothing() {
    let bench = Bench::new();
    let (csv, out) = (text(&bench.path("series.csv")), text(&bench.path("out")));
    let options = ["--device", "flex", "--task", "area", "--model", "linear"];
    let more = ["--length", "4", "--epochs", "1", "--artifacts", &out];
    run_options(&[&options[..], &more].concat()).unwrap();
    let options = ["--predict", "linear", "--csv", &csv, "--artifacts", &out];
    let message = run_any(&options).unwrap_err();
    assert!(
        message.contains("estimates the signed area of a path"),
        "{message}"
    );
}

#[test]
fn an_artifacts_folder_that_cannot_be() {
    let bench = Bench::new();
    fs::write(bench.path("file"), "").unwrap();
    let message = bench.failure("file/out", &["--epochs", "1"]);
    assert!(
        message.starts_with(&text(&bench.path("file/out"))),
        "{message}"
    );
}

#[test]
#[cfg(unix)]
fn a_read_only_artifacts_folder() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let out = bench.path("out");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    // A superuser writes where nobody may, and then there is nothing to be seen.
    if fs::write(out.join("probe"), "").is_ok() {
        fs::remove_file(out.join("probe")).unwrap();
        return;
    }
    let message = bench.failure("out", &["--epochs", "1"]);
    assert!(message.starts_with(&text(&out)), "{message}");
    assert_eq!(files(&out), Vec::<String>::new());
}

#[test]
fn files_of_somebody_else_are_left_alone() {
    let bench = Bench::new();
    fs::create_dir(bench.path("out")).unwrap();
    for name in ["config.json", "metrics.json"] {
        fs::write(bench.path("out").join(name), "{\"mine\": true}").unwrap();
        let message = bench.failure("out", &["--epochs", "1"]);
        assert!(
            message.contains(name) && message.contains("not created by sig-train"),
            "{message}"
        );
        assert_eq!(bench.read(&format!("out/{name}")), "{\"mine\": true}");
        fs::remove_file(bench.path("out").join(name)).unwrap();
    }
}

#[test]
fn a_model_folder_that_cannot_be() {
    let bench = Bench::new();
    fs::create_dir(bench.path("out")).unwrap();
    fs::write(bench.path("out/linear"), "").unwrap();
    let message = bench.failure("out", &["--epochs", "1", "--model", "linear"]);
    assert!(message.contains("out/linear"), "{message}");
    assert!(!bench.path("out/metrics.json").exists());
}
