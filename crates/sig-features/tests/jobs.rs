//! Whole jobs: their numbers against the library itself, kills, and what is wrong with a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use burn::tensor::{DType, Device, Tensor, TensorData};
use clap::Parser;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sig_core::transforms::{LeadLagOrder, basepoint, lead_lag, time_augment};
use sig_core::{Basepoint, Windows, logsignature, signature};
use sig_features::{FeatureArgs, Summary, run};
use tempfile::TempDir;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,
}

/// The windows of a path of so many points, if it is long enough.
type WindowsOf = fn(usize) -> Option<Windows>;

/// A file of paths of different lengths, and what is in it.
struct Bench {
    root: TempDir,
    paths: Vec<Vec<[f64; 3]>>,
}

impl Bench {
    fn new(paths: usize, seed: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut random = StdRng::seed_from_u64(seed);
        let path = |_| {
            let points = random.random_range(1..40);
            let mut time = 0.0;
            let point = |_| {
                time += random.random_range(0.0..2.0);
                [
                    random.random_range(-1.0..1.0),
                    random.random_range(-1.0..1.0),
                    time,
                ]
            };
            (0..points).map(point).collect()
        };
        let paths: Vec<Vec<[f64; 3]>> = (0..paths).map(path).collect();
        let mut text = String::from("when,id,a,b\n");
        for (id, path) in paths.iter().enumerate() {
            for [a, b, time] in path {
                text += &format!("{time},\"path {id}\",{a},{b}\n");
            }
        }
        fs::write(root.path().join("in.csv"), text).unwrap();
        Self { root, paths }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn options(&self, to: &str, more: &[&str]) -> Vec<String> {
        let input = self.path("in.csv").display().to_string();
        let output = self.path(to).display().to_string();
        let base = ["features", &input, "--output", &output];
        base.iter().chain(more).map(ToString::to_string).collect()
    }

    fn run(&self, to: &str, more: &[&str]) -> Result<Summary, String> {
        run_options(&self.options(to, more))
    }
}

fn run_options(options: &[String]) -> Result<Summary, String> {
    let cli = Cli::try_parse_from(options).map_err(|error| error.to_string())?;
    run(&cli.job).map_err(|error| error.to_string())
}

/// The rows of all parts of a folder.
fn rows(folder: &Path) -> Vec<Row> {
    let parts = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut parts: Vec<_> = parts
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect();
    parts.sort();
    let rows = |part: &PathBuf| {
        let file = SerializedFileReader::new(fs::File::open(part).unwrap()).unwrap();
        file.get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    parts.iter().flat_map(rows).collect()
}

fn text(row: &Row, name: &str) -> String {
    let field = row
        .get_column_iter()
        .find(|(column, _)| *column == name)
        .unwrap()
        .1;
    match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The features of a row, which follow the column `last`.
fn features(row: &Row, last: &str) -> Vec<f64> {
    let columns = row
        .get_column_iter()
        .skip_while(|(name, _)| *name != last)
        .skip(1);
    let number = |field: &Field| match field {
        Field::Double(number) => *number,
        Field::Float(number) => f64::from(*number),
        other => panic!("{other} is no number"),
    };
    columns.map(|(_, field)| number(field)).collect()
}

fn tensor(points: &[Vec<f64>]) -> Tensor<3> {
    let data = TensorData::new(points.concat(), [1, points.len(), points[0].len()]);
    Tensor::from_data(data, (&Device::flex(), DType::F64))
}

fn numbers(tensor: Tensor<2>) -> Vec<f64> {
    tensor.into_data().try_into_vec::<f64>().unwrap()
}

fn assert_close(ours: &[f64], expected: &[f64]) {
    assert_eq!(ours.len(), expected.len());
    for (ours, expected) in ours.iter().zip(expected) {
        assert!(
            (ours - expected).abs() <= 1e-12 * expected.abs().max(1.0),
            "{ours} {expected}"
        );
    }
}

/// All files of a folder but the state, which knows when the input was made.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = |path: PathBuf| {
        (
            path.file_name().unwrap().to_string_lossy().into(),
            fs::read(&path).unwrap(),
        )
    };
    entries.map(file).collect()
}

#[test]
fn whole_paths_are_those_of_the_library() {
    let bench = Bench::new(300, 1);
    let summary = bench
        .run(
            "out",
            &["--group", "id", "--columns", "b,a", "--depth", "3"],
        )
        .unwrap();
    let long: Vec<_> = bench
        .paths
        .iter()
        .enumerate()
        .filter(|(_, path)| path.len() > 1)
        .collect();
    assert_eq!((summary.paths, summary.rows), (300, long.len() as u64));
    assert_eq!(summary.short_paths, 300 - long.len() as u64);
    let rows = rows(&bench.path("out"));
    for (row, (id, path)) in rows.iter().zip(&long) {
        assert_eq!(text(row, "id"), format!("path {id}"));
        assert_eq!(text(row, "end"), path.len().to_string());
        let before: usize = bench.paths[..*id].iter().map(Vec::len).sum();
        assert_eq!(text(row, "row"), (before + path.len()).to_string());
        let points: Vec<_> = path.iter().map(|[a, b, _]| vec![*b, *a]).collect();
        assert_close(
            &features(row, "row"),
            &numbers(signature(tensor(&points), 3)),
        );
    }
    let names: Vec<_> = rows[0]
        .get_column_iter()
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(names[..6], ["id", "start", "end", "row", "(0)", "(1)"]);
}

#[test]
fn windows_are_cut_first_and_transformed_then() {
    let bench = Bench::new(60, 2);
    let transform = [
        "--group",
        "id",
        "--time",
        "when",
        "--transform",
        "time,lead-lag,basepoint",
        "--log",
    ];
    let kinds: [(&[&str], WindowsOf); 3] = [
        (&["--window", "5", "--hop", "2"], |points| {
            (points >= 5).then_some(Windows::Sliding { window: 5, hop: 2 })
        }),
        (&["--expanding", "3", "--hop", "4"], |points| {
            (points >= 3).then_some(Windows::Expanding { first: 3, hop: 4 })
        }),
        (&["--dyadic", "2"], |points| {
            (points >= 5).then_some(Windows::Dyadic { levels: 2 })
        }),
    ];
    for (index, (options, windows)) in kinds.into_iter().enumerate() {
        let out = format!("out {index}");
        let summary = bench
            .run(&out, &[&transform[..], options].concat())
            .unwrap();
        let mut rows = rows(&bench.path(&out)).into_iter();
        for path in &bench.paths {
            for range in windows(path.len())
                .map(|w| w.ranges(path.len()))
                .unwrap_or_default()
            {
                let row = rows.next().unwrap();
                assert_eq!(text(&row, "start"), range.start.to_string());
                assert_eq!(text(&row, "end"), range.end.to_string());
                let first = path[range.start][2];
                let points: Vec<_> = path[range]
                    .iter()
                    .map(|[a, b, t]| vec![*a, *b, t - first])
                    .collect();
                let path = lead_lag(time_augment(tensor(&points), 1.0), LeadLagOrder::LeadLag);
                let path = basepoint(path, &Basepoint::Zero);
                assert_close(&features(&row, "end_time"), &numbers(logsignature(path, 2)));
            }
        }
        assert!(rows.next().is_none() && summary.rows > 100);
    }
}

#[test]
fn a_long_path_slides_from_chunk_to_chunk() {
    let root = tempfile::tempdir().unwrap();
    let input = root.path().join("in.csv");
    let value = |row: usize| ((row * 7919) % 1000) as f64 / 8.0;
    let text: String = (0..250_000)
        .map(|row| format!("{},{row}\n", value(row)))
        .collect();
    fs::write(&input, format!("a,b\n{text}")).unwrap();
    let out = root.path().join("out");
    let [input, output] = [&input, &out].map(|path| path.display().to_string());
    let options = [
        "features", &input, "-o", &output, "--window", "3000", "--hop", "7001", "--f32", "--depth",
        "1",
    ];
    run_options(&options.map(String::from)).unwrap();
    let rows = rows(&out);
    assert_eq!(rows.len(), (250_000 - 3000) / 7001 + 1);
    for (index, row) in rows.iter().enumerate() {
        let (first, last) = (7001 * index, 7001 * index + 2999);
        assert_eq!(self::text(row, "row"), (last + 1).to_string());
        assert_eq!(features(row, "row"), [value(last) - value(first), 2999.0]);
    }
}

#[test]
fn the_bytes_depend_on_no_number_of_threads() {
    let bench = Bench::new(8_000, 3);
    let options = [
        "--group",
        "id",
        "--columns",
        "a,b",
        "--depth",
        "3",
        "--part-mib",
        "1",
        "--threads",
    ];
    bench.run("one", &[&options[..], &["1"]].concat()).unwrap();
    bench
        .run("three", &[&options[..], &["3"]].concat())
        .unwrap();
    assert!(files(&bench.path("one")) == files(&bench.path("three")));
    assert!(bench.path("one/part-00003.parquet").exists());
}

/// Not a test of its own: what is started and killed.
#[test]
#[ignore = "started by another test"]
fn job_to_be_killed() {
    if let Ok(options) = std::env::var("FEATURE_OPTIONS") {
        run_options(&options.split('\n').map(String::from).collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn after_kills_at_any_moment_the_files_are_the_same_to_the_byte() {
    let bench = Bench::new(12_000, 4);
    let mut text = fs::read_to_string(bench.path("in.csv")).unwrap();
    text.insert_str(text.len() / 2 + 200, "\nwrong\n");
    fs::write(bench.path("in.csv"), text).unwrap();
    for (kind, windows) in [
        ("paths", &[][..]),
        ("windows", &["--window", "11", "--hop", "3"]),
    ] {
        // Without groups a window goes over from one part to the next.
        let group: &[&str] = if kind == "paths" {
            &["--group", "id"]
        } else {
            &[]
        };
        let fixed = [
            "--columns",
            "a,b",
            "--depth",
            "3",
            "--part-mib",
            "1",
            "--skip-bad-rows",
        ];
        let options = [&fixed[..], windows, group].concat();
        let whole = bench.run(kind, &options).unwrap();
        assert!(whole.bad_rows >= 1 && whole.parts > 3);
        let killed = format!("killed {kind}");
        let resumed = bench.options(&killed, &[&options[..], &["--resume"]].concat());
        let mut random = StdRng::seed_from_u64(5);
        let began = Instant::now();
        let mut kills = 0;
        loop {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["job_to_be_killed", "--exact", "--ignored"])
                .env("FEATURE_OPTIONS", resumed.join("\n"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Longer and longer, so that it comes to an end on a slow machine, too.
            let most = 100 + 40 * kills;
            sleep(Duration::from_millis(random.random_range(5..most)));
            let ended = child.try_wait().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            match ended {
                Some(status) => {
                    assert!(status.success());
                    break;
                }
                None => kills += 1,
            }
            assert!(began.elapsed() < Duration::from_secs(300), "{kills} kills");
        }
        assert!(kills > 0);
        assert!(
            files(&bench.path(kind)) == files(&bench.path(&killed)),
            "{kind}, {kills} kills"
        );
    }
}

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
    let [csv, parquet] = ["csv", "parquet"].map(|name| self::rows(&bench.path(name)));
    assert_eq!(csv.len(), parquet.len());
    for (csv, parquet) in csv.iter().zip(&parquet) {
        assert_eq!(text(csv, "id"), text(parquet, "id"));
        assert_eq!(features(csv, "row"), features(parquet, "row"));
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
        (&[], "row 1 (line 2), column `id`: `x` is not a number"),
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
