//! Files as people have them, after public bug reports.

use std::fs;
use std::path::Path;

use crate::bench::{Bench, run_options};
use crate::read::{features, files, rows, text};

const GROUPED: [&str; 2] = ["--group", "id"];

/// The features of the only path of a file.
fn only(bench: &Bench, to: &str, text: &str, options: &[&str]) -> Vec<f64> {
    fs::write(bench.path("in.csv"), text).unwrap();
    bench.run(to, options).unwrap();
    let rows = rows(&bench.path(to));
    assert_eq!(rows.len(), 1);
    let timed = options.contains(&"--time");
    features(&rows[0], if timed { "end_time" } else { "row" })
}

/// The features of the first path of a file of `files`.
fn of_file(name: &str, bench: &Bench, options: &[&str]) -> Result<Vec<f64>, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jobs/files");
    let (input, output) = (file.join(name), bench.path(name));
    let paths = [&input, &output].map(|path| path.display().to_string());
    let all = ["features", &paths[0], "--output", &paths[1]];
    let all = all.iter().chain(options).map(ToString::to_string);
    run_options(&all.collect::<Vec<_>>())?;
    let timed = options.contains(&"--time");
    let rows = rows(&output);
    Ok(features(&rows[0], if timed { "end_time" } else { "row" }))
}

#[test]
fn nanoseconds_are_subtracted_before_they_are_rounded() {
    let bench = Bench::new(1, 1);
    let row = |row: i64| format!("k,{},{}\n", row % 2, 1_700_000_000_000_000_000 + 100 * row);
    let text = format!("id,x,t\n{}", (0..4).map(row).collect::<String>());
    let timed = ["--group", "id", "--time", "t"];
    let want = [1.0, 300.0, 0.5, 150.0, 150.0, 45_000.0];
    assert_eq!(only(&bench, "csv", &text, &timed), want);
    assert_eq!(
        of_file("nanoseconds.parquet", &bench, &timed).unwrap(),
        want
    );
}

#[test]
fn single_numbers_are_rounded_after_they_are_subtracted() {
    let bench = Bench::new(1, 1);
    let points = [[0, 0], [1, 1], [0, 3], [2, 3]];
    let row = |[x, y]: [i64; 2]| format!("k,{},{}\n", 1_000_000_000 + x, 1_000_000_000 + y);
    let text = format!("id,x,y\n{}", points.map(row).concat());
    let options = ["--group", "id", "--f32"];
    let want = [2.0, 3.0, 2.0, 1.5, 4.5, 4.5];
    assert_eq!(only(&bench, "out", &text, &options), want);
    // Twice as many channels, of the same differences.
    let lead_lag = [&options[..], &["--transform", "lead-lag", "--depth", "1"]].concat();
    assert_eq!(only(&bench, "lags", &text, &lead_lag), [2.0, 3.0, 2.0, 3.0]);
}

#[test]
fn dates_are_times_in_days() {
    let bench = Bench::new(1, 1);
    for (index, dates) in [
        ["20231230", "20231231", "20240101"],
        ["2023-12-30", "2023-12-31", "2024-01-01"],
        ["2023/12/30 12:00", "2023/12/31 00:00", "2024/01/01 12:00"],
        [
            "2023-12-30T00:00:00Z",
            "2023-12-31T00:00:00Z",
            "2024-01-01T01:00:00+01:00",
        ],
    ]
    .into_iter()
    .enumerate()
    {
        let rows = dates.map(|date| format!("k,1,{date}\n")).concat();
        let options = ["--group", "id", "--time", "t", "--depth", "1"];
        let text = format!("id,x,t\n{rows}");
        let found = only(&bench, &format!("out {index}"), &text, &options);
        assert_eq!(found, [0.0, 2.0], "{dates:?}");
    }
    // Eight digits of which one is no date are numbers, all of them.
    let counts = "id,x,t\nk,1,20010130\nk,1,20010140\n";
    let options = ["--group", "id", "--time", "t", "--depth", "1"];
    assert_eq!(only(&bench, "counts", counts, &options), [0.0, 10.0]);
    let days = "k,1,2023-12-30\n".repeat(200);
    let bad = format!("id,x,t\n{days}k,1,monday\n");
    fs::write(bench.path("in.csv"), bad).unwrap();
    let error = bench
        .run("bad", &["--group", "id", "--time", "t"])
        .unwrap_err();
    let expected = "row 201 (line 202), column `t`: `monday` is neither a number nor a date";
    assert!(error.contains(expected), "{error}");
}

#[test]
fn an_index_text_and_dates_are_no_channels() {
    let bench = Bench::new(1, 1);
    let text = ",day,id,name,a,b\n0,2024-01-01,k,n,0,0\n1,2024-01-02,k,n,2,3\n";
    assert_eq!(
        only(&bench, "out", text, &["--group", "id", "--depth", "1"]),
        [2.0, 3.0]
    );
    let dropped = ["--group", "id", "--depth", "1", "--drop", "a"];
    assert_eq!(only(&bench, "drop", text, &dropped), [3.0]);
    let chosen = ["--group", "id", "--depth", "1", "--columns", "b, a"];
    assert_eq!(only(&bench, "chosen", text, &chosen), [3.0, 2.0]);
    // A column is one of numbers if half of its values are.
    fs::write(bench.path("in.csv"), "a,b\nx,1\n2,3\n").unwrap();
    let error = bench.run("mixed", &[]).unwrap_err();
    assert!(error.contains("column `a`: `x` is not a number"), "{error}");
    for name in ["timestamp.parquet", "nested.parquet", "float16.parquet"] {
        assert_eq!(
            of_file(name, &bench, &["--group", "id"]).unwrap().len(),
            6,
            "{name}"
        );
    }
    let error = of_file("nested.parquet", &bench, &["--columns", "tags"]).unwrap_err();
    assert!(error.contains("column `tags`: it is nested"), "{error}");
}

/// Each series of an archive is a path, whose class goes along.
#[test]
fn series_of_an_archive() {
    let bench = Bench::new(1, 1);
    let input = bench.path("in.ts");
    fs::write(
        &input,
        "@classLabel true a b\n@data\n0,1,3:0,2,2:a\n0,5:1,1:b\n",
    )
    .unwrap();
    let output = bench.path("out");
    let [from, to] = [&input, &output].map(|path| path.display().to_string());
    let options = ["features", &from, "--output", &to, "--depth", "1"];
    run_options(&options.map(String::from)).unwrap();
    let rows = rows(&output);
    let found = rows
        .iter()
        .map(|row| (text(row, "class"), features(row, "row")));
    let want = [("a", vec![3.0, 2.0]), ("b", vec![5.0, 0.0])];
    assert_eq!(
        found.collect::<Vec<_>>(),
        want.map(|(class, f)| (class.to_string(), f))
    );
    assert_eq!(text(&rows[1], "series"), "2");
}

/// Paths are told apart by several columns, each of which is in the output.
#[test]
fn paths_of_several_ids() {
    let bench = Bench::new(1, 1);
    let body = "x,1,0\nx,1,2\nx,2,0\nx,2,3\ny,1,0\ny,1,4\n";
    fs::write(bench.path("in.csv"), format!("id,part,a\n{body}")).unwrap();
    let options = ["--group", "id,part", "--depth", "1"];
    bench.run("out", &options).unwrap();
    let found = rows(&bench.path("out"));
    let found = found
        .iter()
        .map(|row| (text(row, "id"), text(row, "part"), features(row, "row")[0]));
    let want = [("x", "1", 2.0), ("x", "2", 3.0), ("y", "1", 4.0)];
    let want = want.map(|(id, part, a)| (id.to_string(), part.to_string(), a));
    assert_eq!(found.collect::<Vec<_>>(), want);
    fs::write(bench.path("in.csv"), format!("id,part,a\n{body}x,1,9\n")).unwrap();
    let error = bench.run("back", &options).unwrap_err();
    assert!(
        error.contains("row 7: `x, 1` comes back after other paths"),
        "{error}"
    );
    assert!(error.contains("sort the file by `id`, `part`"), "{error}");
}

#[test]
fn files_without_a_header() {
    let bench = Bench::new(1, 1);
    let found = only(
        &bench,
        "out",
        "0,1\n2,5\n4,6\n",
        &["--no-header", "--depth", "1"],
    );
    assert_eq!(found, [4.0, 5.0]);
}

#[test]
fn other_separators() {
    let bench = Bench::new(1, 1);
    let options = [
        "--group",
        "id",
        "--delimiter",
        ";",
        "--decimal",
        ",",
        "--depth",
        "1",
    ];
    let found = only(&bench, "out", "id;a;b\nk;0,5;1\nk;1,75;2\n", &options);
    assert_eq!(found, [1.25, 1.0]);
    for (index, text) in ["id;a\nk;1\n", "id\ta\nk\t1\n"].into_iter().enumerate() {
        fs::write(bench.path("in.csv"), text).unwrap();
        let error = bench.run(&format!("bad {index}"), &GROUPED).unwrap_err();
        assert!(error.contains("--delimiter"), "{error}");
        assert!(error.contains("in.csv"), "{error}");
    }
}

#[test]
fn nothing_is_left_of_a_file() {
    let bench = Bench::new(1, 1);
    fs::write(bench.path("in.csv"), "id,a\nk,x\nk,y\n").unwrap();
    let options = ["--group", "id", "--columns", "a", "--skip-bad-rows"];
    let error = bench.run("out", &options).unwrap_err();
    assert!(error.contains("none of the 2 rows can be read"), "{error}");
    assert!(error.contains("--columns"), "{error}");
    // After the file is mended, no option is needed.
    fs::write(bench.path("in.csv"), "id,a\nk,1\nk,2\n").unwrap();
    bench.run("out", &options).unwrap();
}

#[test]
fn a_rerun_after_an_error_goes_on() {
    let bench = Bench::new(1, 1);
    fs::write(bench.path("in.csv"), "id,a\nk,1\nk,x\n").unwrap();
    bench.run("out", &GROUPED).unwrap_err();
    fs::write(bench.path("in.csv"), "id,a\nk,1\nk,2\n").unwrap();
    bench.run("out", &GROUPED).unwrap();
    bench.run("unbroken", &GROUPED).unwrap();
    assert!(files(&bench.path("out")) == files(&bench.path("unbroken")));
}

/// A mark of inches, which no quote closes, and line breaks of old machines, in files of more than
/// a block.
#[test]
fn large_files_are_read_as_small_ones() {
    let bench = Bench::new(1, 1);
    let rows = 200_000;
    for (index, (id, line_break)) in [("pipe 5\"", "\n"), ("k", "\r"), ("\"a\n\"\"b\"", "\n")]
        .into_iter()
        .enumerate()
    {
        let row = |row: u32| format!("{id},{row},1{line_break}");
        let body: String = (0..rows).map(row).collect();
        let text = format!("id,a,b{line_break}{body}");
        let options = ["--group", "id", "--depth", "1"];
        let found = only(&bench, &format!("out {index}"), &text, &options);
        assert_eq!(found, [f64::from(rows - 1), 0.0], "{id}");
    }
}
