//! Whatever is wrong is told in one line, and nothing is left half-written.

mod support;

use std::fs;

use support::{Bench, files, run_options, text};

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
            "lacks the feature `cuda`; use `cargo run --release --example sigkan --features cuda`",
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
        ("a,b\n1,2\n3\n", "line 3: 1 values where the header has 2"),
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
            message.contains(name) && message.contains("no study's"),
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
