//! What a job makes of its file and options, right and wrong ones.

use std::fs;

use crate::bench::{Bench, run_options};
use crate::read::{features, files, rows, text};

#[test]
fn parquet_gives_what_csv_gives() {
    let bench = Bench::new(200, 6);
    let options = ["--group", "id", "--columns", "a,b"];
    bench
        .run(
            "first",
            &[
                "--group", "id", "--window", "2", "--hop", "1", "--depth", "1",
            ],
        )
        .unwrap();
    // The features of this job are the data of two more, of one by way of CSV.
    let rows = rows(&bench.path("first"));
    let mut csv = String::from("id,a,b\n");
    for row in &rows {
        let row_features = features(row, "row");
        csv += &format!(
            "{},{},{}\n",
            text(row, "id"),
            row_features[1],
            row_features[2]
        );
    }
    fs::write(bench.path("in.csv"), csv).unwrap();
    bench.run("csv", &options).unwrap();
    let input = bench.path("first/part-00000.parquet").display().to_string();
    let output = bench.path("parquet").display().to_string();
    let job = [
        "features",
        &input,
        "-o",
        &output,
        "--group",
        "id",
        "--columns",
        "(1),(2)",
    ];
    run_options(&job.map(String::from)).unwrap();
    let [csv, parquet] = ["csv", "parquet"].map(|name| crate::read::rows(&bench.path(name)));
    assert_eq!(csv.len(), parquet.len());
    for (csv, parquet) in csv.iter().zip(&parquet) {
        assert_eq!(text(csv, "id"), text(parquet, "id"));
        assert_eq!(features(csv, "row"), features(parquet, "row"));
    }
}

#[test]
fn columns_are_read_side_by_side() {
    let bench = Bench::new(200, 9);
    let wide = ["--group", "id", "--columns", "a,b", "--depth", "5"];
    bench.run("wide", &wide).unwrap();
    let input = bench.path("wide/part-00000.parquet").display().to_string();
    let job = |threads: &str| {
        let output = bench.path(threads).display().to_string();
        let options = ["features", &input, "-o", &output, "--depth", "1"];
        let more = ["--group", "id", "--threads", threads];
        let options: Vec<String> = options
            .iter()
            .chain(&more)
            .map(ToString::to_string)
            .collect();
        run_options(&options).unwrap();
        files(&bench.path(threads))
    };
    let expected = job("1");
    for _ in 0..20 {
        assert_eq!(job("8"), expected);
        fs::remove_dir_all(bench.path("8")).unwrap();
    }
}

#[test]
fn bad_rows_end_the_run_or_are_listed() {
    let bench = Bench::new(1, 7);
    fs::write(
        bench.path("in.csv"),
        "id,t,a\nx,0,1\nx,1,oops\n\nx,2,2\nx,1,5\nx,3\nx,4,4\n",
    )
    .unwrap();
    let options = ["--group", "id", "--time", "t"];
    let error = bench.run("error", &options).unwrap_err();
    assert!(
        error.contains("row 2 (line 3), column `a`: `oops` is not a number; --skip-bad-rows"),
        "{error}"
    );
    let summary = bench
        .run("out", &[&options[..], &["--skip-bad-rows"]].concat())
        .unwrap();
    assert_eq!((summary.rows, summary.bad_rows), (1, 3));
    let listed = fs::read_to_string(bench.path("out/_bad_rows.csv")).unwrap();
    let expected = "row,line,reason\n\
        2,3,column `a`: `oops` is not a number\n\
        5,7,2 values where the header has 3\n\
        4,,\"column `t`: the time 1 is before 2, that of the point before\"\n";
    assert_eq!(listed, expected);
    let rows = rows(&bench.path("out"));
    assert_eq!(features(&rows[0], "end_time")[..2], [3.0, 4.0]);
}

#[test]
fn what_is_wrong_is_told() {
    let bench = Bench::new(3, 8);
    fs::write(bench.path("in.csv"), "id,a\nx,1\nx,2\ny,1\ny,2\nx,3\n").unwrap();
    let cases: [(&[&str], &str); 8] = [
        (
            &["--group", "id"],
            "row 5: `x` comes back after other paths",
        ),
        (
            &["--group", "who"],
            "no column `who`; the columns are id, a",
        ),
        (
            &["--columns", "id,a"],
            "row 1 (line 2), column `id`: `x` is not a number",
        ),
        (&["--columns", "a,a"], "`a` is there twice"),
        (
            &["--columns", "a", "--window", "1"],
            "--window 1: a window needs at least 2 points",
        ),
        (
            &["--columns", "a", "--hop", "2"],
            "--hop needs --window or --expanding",
        ),
        (
            &["--columns", "a", "--transform", "lead-lag", "--depth", "14"],
            "make 32766 features",
        ),
        (
            &["--columns", "a", "--transform", "twist"],
            "unknown; known are time",
        ),
    ];
    for (index, (options, expected)) in cases.into_iter().enumerate() {
        let error = bench.run(&format!("out {index}"), options).unwrap_err();
        assert!(error.contains(expected), "{options:?}: {error}");
    }
}

/// Finite numbers whose features are not.
#[test]
fn too_large_features_are_told() {
    let bench = Bench::new(2, 6);
    let rows = "x,1,2\nx,3,4\ny,1e200,1\ny,-1e200,2\nz,1,1\nz,2,2\n";
    fs::write(bench.path("in.csv"), format!("id,a,b\n{rows}")).unwrap();
    let options = ["--group", "id", "--columns", "a,b"];
    let error = bench.run("out", &options).unwrap_err();
    let expected =
        "row 4: the features of the points up to here are too large for numbers of 64 bits";
    assert!(error.contains(expected), "{error}");
    let parts = files(&bench.path("out"));
    assert!(
        parts.keys().all(|name| !name.ends_with(".parquet")),
        "{parts:?}"
    );
    let smaller = [&options[..], &["--transform", "scale=1e-100", "--resume"]].concat();
    bench.run("out", &smaller).unwrap();
    let rows = crate::read::rows(&bench.path("out"));
    assert_eq!(features(&rows[1], "row")[..2], [-2e100, 1e-100]);
}

/// As spreadsheets and other programs write them.
#[test]
fn files_of_every_form_are_the_same() {
    let bench = Bench::new(2, 6);
    let forms = [
        "id,a,b\nx,1,2\nx,3,5\n",
        "id,a,b\nx,1,2\nx,3,5",
        "\u{feff}id,a,b\r\nx,1,2\r\n\r\nx,3,5\r\n",
        "id,a,b\rx,1,2\rx,3,5\r",
        "\n\n\"id\",\"a\",\"b\"\n\"x\",\"1\", 2\n\n\nx,3e0,+5.0\n",
    ];
    let utf16 = forms[2].encode_utf16().flat_map(u16::to_le_bytes);
    let forms = forms.iter().map(|form| form.as_bytes().to_vec());
    for (index, form) in forms.chain([utf16.collect()]).enumerate() {
        fs::write(bench.path("in.csv"), &form).unwrap();
        let output = format!("out {index}");
        bench.run(&output, &["--group", "id"]).unwrap();
        let rows = rows(&bench.path(&output));
        assert_eq!(rows.len(), 1, "{form:?}");
        let want = [2.0, 3.0, 2.0, 3.0, 3.0, 4.5];
        assert_eq!(features(&rows[0], "row"), want, "{form:?}");
    }
}

#[test]
fn files_that_are_no_data() {
    let bench = Bench::new(2, 6);
    let long = format!("id,a,b\nx,1,{}\n", "1".repeat(17 << 20));
    let cases: [(&[u8], &str); 3] = [
        (
            b"",
            "the file is empty; its first line must name the columns",
        ),
        (b"PK\x03\x04", "the file is a ZIP archive or a spreadsheet"),
        (long.as_bytes(), "has no end within 16 MiB"),
    ];
    for (index, (bytes, expected)) in cases.into_iter().enumerate() {
        fs::write(bench.path("in.csv"), bytes).unwrap();
        let error = bench
            .run(&format!("out {index}"), &["--group", "id"])
            .unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    // A header alone is no error: there are no paths.
    fs::write(bench.path("in.csv"), "id,a,b").unwrap();
    let summary = bench.run("none", &["--group", "id"]).unwrap();
    assert_eq!((summary.rows, summary.bad_rows), (0, 0));
}

#[test]
fn only_the_same_job_goes_on() {
    let bench = Bench::new(3, 9);
    let options = ["--group", "id", "--columns", "a"];
    bench.run("out", &options).unwrap();
    let again = bench.run("out", &options).unwrap_err();
    assert!(
        again.contains("there is something in this folder"),
        "{again}"
    );
    let resumed = [&options[..], &["--resume"]].concat();
    let before = files(&bench.path("out"));
    bench.run("out", &resumed).unwrap();
    assert!(files(&bench.path("out")) == before);
    let other = bench
        .run("out", &[&resumed[..], &["--depth", "3"]].concat())
        .unwrap_err();
    assert!(other.contains("depth was 2 and is 3"), "{other}");
    fs::write(bench.path("in.csv"), "id,a\nx,1\n").unwrap();
    let changed = bench.run("out", &resumed).unwrap_err();
    assert!(changed.contains("the input has changed"), "{changed}");
}
