//! Damaged files: whatever is changed in a file, reading it ends with an error that names the file, or
//! with a result; never with a panic, an abort or a hang, nor with memory beyond that of the file times
//! a factor.
//!
//! The changes are drawn from a seed, so each run tries the same ones. `MUTATIONS=50` tries 50 times as
//! many, others from the second time on, and `-- --nocapture` shows the counts.

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, abort};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};

use burn::nn::LinearConfig;
use burn::tensor::Device;
use clap::Parser;
use peak_alloc::PeakAlloc;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sig_features::{self as features, FeatureArgs};
use sig_nn::keras::KerasWeights;
use sig_train::{self as train, StudyArgs};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory that reading takes at most: what a job or a model has anyway, and a multiple of the file.
const LEAST: usize = 192 << 20;
const FACTOR: usize = 256;
/// How long it takes at most.
const LONGEST: Duration = Duration::from_secs(60);

/// Tests whose memory and time are counted, one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Tries changes of a file.
///
/// # Arguments
///
/// - `rounds`: how many.
/// - `read`: reads it; the error, if there is one.
fn mutate(file: &Path, rounds: usize, mut read: impl FnMut() -> Result<(), String>) {
    let times: usize = std::env::var("MUTATIONS").map_or(1, |text| text.parse().unwrap());
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let whole = fs::read(file).unwrap();
    read().unwrap_or_else(|error| panic!("{name} as it is: {error}"));
    let mut random = StdRng::seed_from_u64(7);
    let (started, mut refused) = (Instant::now(), 0);
    let done = Arc::new(AtomicUsize::new(0));
    let ended = Arc::new(AtomicBool::new(false));
    watch(name.clone(), done.clone(), ended.clone());
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut wrong = Vec::new();
    for round in 0..rounds * times {
        let changed = changed(&whole, &mut random);
        fs::write(file, &changed).unwrap();
        let held = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let outcome = catch_unwind(AssertUnwindSafe(&mut read));
        let taken = MEMORY.peak_usage() - held;
        let mut fault = |what: String| {
            let kept = std::env::temp_dir().join(format!("mutation-{round}-{name}"));
            fs::write(&kept, &changed).unwrap();
            wrong.push(format!("{}: {what}", kept.display()));
        };
        match outcome {
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or(panic.downcast_ref::<&str>().map(ToString::to_string));
                fault(format!("it panics: {}", text.unwrap_or_default()));
            }
            // Or the option that is wrong for what is in it.
            Ok(Err(error)) if !error.contains(&name) && !error.contains("--") => {
                fault(format!("no name: {error}"));
            }
            Ok(outcome) => refused += usize::from(outcome.is_err()),
        }
        if taken > LEAST + FACTOR * changed.len() {
            fault(format!(
                "it takes {taken} bytes, {} in the file",
                changed.len()
            ));
        }
        done.fetch_add(1, Relaxed);
    }
    std::panic::set_hook(hook);
    ended.store(true, Relaxed);
    fs::write(file, &whole).unwrap();
    println!(
        "{name}: {} changes, {refused} refused, {:.1} s",
        rounds * times,
        started.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ends the process when a round takes too long.
fn watch(name: String, done: Arc<AtomicUsize>, ended: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let (mut last, mut since) = (0, Instant::now());
        while !ended.load(Relaxed) {
            sleep(Duration::from_millis(100));
            let now = done.load(Relaxed);
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if since.elapsed() > LONGEST {
                eprintln!("{name}: round {now} hangs");
                abort();
            }
        }
    });
}

/// One to four changes: bits, numbers, bytes that are gone, twice there, or from elsewhere.
fn changed(whole: &[u8], random: &mut StdRng) -> Vec<u8> {
    const TEXTS: [&str; 12] = [
        "-1",
        "0",
        "1e999",
        "99999999999999999999",
        "nan",
        "\"",
        "\n",
        ",",
        "\0",
        "{",
        "null",
        "[]",
    ];
    let mut bytes = whole.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len());
        let end = (at + random.random_range(0..64)).min(bytes.len());
        match random.random_range(0..8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
            3 => {
                let text = TEXTS[random.random_range(0..TEXTS.len())];
                bytes.splice(at..end, text.bytes()).for_each(drop);
            }
            4 if bytes.len() > 8 => {
                let at = at.min(bytes.len() - 8);
                let number = [u64::MAX, 1 << 40, i64::MAX as u64, 0][random.random_range(0..4)];
                let size = [1, 2, 4, 8][random.random_range(0..4)];
                bytes[at..at + size].copy_from_slice(&number.to_le_bytes()[..size]);
            }
            5 => bytes[at..end].fill(random.random()),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            _ => {}
        }
    }
    bytes
}

#[derive(Parser)]
struct Features {
    #[command(flatten)]
    job: FeatureArgs,
}

#[derive(Parser)]
struct Study {
    #[command(flatten)]
    study: StudyArgs,
}

fn run_features(options: &[&str]) -> Result<(), String> {
    let words = ["features"].iter().chain(options);
    let job = Features::try_parse_from(words).unwrap().job;
    features::run(&job)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn run_study(options: &[&str]) -> Result<(), String> {
    let words = ["study", "--device", "flex"];
    let study = Study::try_parse_from(words.iter().chain(options))
        .unwrap()
        .study;
    train::run(&study)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A job on a file of some content, into an empty folder each time.
fn features_of(name: &str, content: &[u8], rounds: usize, more: &[&str]) {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let [file, output] = [name, "out"].map(|name| folder.path().join(name));
    fs::write(&file, content).unwrap();
    let options = [
        &[text(&file), "--output", text(&output), "--threads", "2"],
        more,
    ]
    .concat();
    mutate(&file, rounds, || {
        let _ = fs::remove_dir_all(&output);
        run_features(&options)
    });
}

fn walks(rows: usize) -> String {
    let row = |row: usize| format!("{},{},{}.5,{}\n", row / 7, row % 7, row % 5, row * row % 11);
    let rows: String = (0..rows).map(row).collect();
    format!("id,t,a,b\n{rows}")
}

#[test]
fn csv() {
    let options = ["--group", "id", "--time", "t"];
    features_of("walks.csv", walks(60).as_bytes(), 60, &options);
    let skipping = [&options[..], &["--skip-bad-rows", "--transform", "fill=0"]].concat();
    features_of(
        "holes.csv",
        walks(60).replace(".5", "").as_bytes(),
        20,
        &skipping,
    );
}

#[test]
fn packed() {
    let text = walks(60);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    gzip.write_all(text.as_bytes()).unwrap();
    features_of(
        "walks.csv.gz",
        &gzip.finish().unwrap(),
        60,
        &["--group", "id"],
    );
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    features_of("walks.csv.zst", &zstd, 60, &["--group", "id"]);
}

#[test]
fn parquet() {
    let folder = tempfile::tempdir().unwrap();
    let [csv, output] = ["in.csv", "out"].map(|name| folder.path().join(name));
    fs::write(&csv, walks(60)).unwrap();
    run_features(&[text(&csv), "--output", text(&output), "--group", "id"]).unwrap();
    let part = fs::read(output.join("part-00000.parquet")).unwrap();
    features_of("walks.parquet", &part, 60, &["--group", "id"]);
    let file = "crates/sig-features/tests/jobs/files/nanoseconds.parquet";
    let nanoseconds = fs::read(from_root(file)).unwrap();
    features_of(
        "times.parquet",
        &nanoseconds,
        40,
        &["--group", "id", "--time", "t"],
    );
}

#[test]
fn ts() {
    let series = "@problemName p\n@classLabel true a b\n@data\n1,2,3,4:2,3,4,5:a\n5,6,?:1,1,2:b\n";
    features_of(
        "walks.ts",
        series.as_bytes(),
        60,
        &["--transform", "fill=0"],
    );
}

/// Of a job that a bad row ended after its first part.
#[test]
fn state_of_features() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let [input, output, begun] = ["in.csv", "out", "begun"].map(|name| folder.path().join(name));
    fs::write(&input, walks(300_000) + "x,0,oops,1\n").unwrap();
    let options = [text(&input), "--output", text(&begun), "--group", "id"];
    let options = [&options[..], &["--depth", "1", "--part-mib", "1"]].concat();
    run_features(&options).unwrap_err();
    assert!(begun.join("part-00000.parquet").exists() && begun.join("_ids").exists());
    let mut again = options;
    again[2] = text(&output);
    again.extend(["--resume", "--skip-bad-rows"]);
    for (name, rounds) in [("_features.json", 4), ("_ids", 2)] {
        mutate(&begun.join(name), rounds, || {
            let _ = fs::remove_dir_all(&output);
            copy(&begun, &output);
            run_features(&again)
        });
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &path),
            false => drop(fs::copy(entry.path(), path).unwrap()),
        }
    }
}

/// A file of the repository.
fn from_root(path: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.join("../..").join(path)
}

#[test]
fn keras_weights() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    for name in ["kanlinear.keras", "sigkan.weights.h5"] {
        let file = folder.path().join(name);
        fs::copy(from_root("testdata/keras").join(name), &file).unwrap();
        mutate(&file, 30, || {
            let weights = KerasWeights::open(&file).map_err(|error| error.to_string())?;
            let groups = weights.groups().map_err(|error| error.to_string())?;
            for group in groups {
                let layer = LinearConfig::new(24, 2).init(&Device::flex());
                // Most are of other layers, which is an error as well.
                let _ = weights.load(&group, layer);
            }
            Ok(())
        });
    }
}

/// What `--predict` reads of a trained model.
#[test]
fn trained_models() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let [csv, out, to] = ["in.csv", "out", "to.csv"].map(|name| folder.path().join(name));
    fs::write(&csv, series(60)).unwrap();
    let train = study_options(&csv, &out, "2");
    run_study(&[&train[..], &["--model", "sigdense"]].concat()).unwrap();
    let predict = [
        "--predict",
        "sigdense",
        "--csv",
        text(&csv),
        "--artifacts",
        text(&out),
    ];
    let predict = [&predict[..], &["--output", text(&to)]].concat();
    for (name, rounds) in [("model.bpk", 12), ("forecaster.json", 12)] {
        let file = out.join("sigdense/seed-42").join(name);
        mutate(&file, rounds, || run_study(&predict));
    }
}

fn series(rows: usize) -> String {
    let row = |row: usize| format!("{row},{}\n", (row as f64 / 2.0).sin());
    let rows: String = (0..rows).map(row).collect();
    format!("t,y\n{rows}")
}

fn study_options<'a>(csv: &'a Path, out: &'a Path, epochs: &'a str) -> Vec<&'a str> {
    let of_file = [
        "--csv",
        text(csv),
        "--target",
        "y",
        "--artifacts",
        text(out),
    ];
    let sizes = ["--length", "4", "--horizon", "1", "--epochs", epochs];
    [of_file, sizes].concat()
}

/// Not a test of its own: what [`checkpoints`] starts and kills.
#[test]
#[ignore = "started by another test"]
fn study_to_be_killed() {
    if let Ok(options) = std::env::var("STUDY_OPTIONS") {
        run_study(&options.split('\n').collect::<Vec<_>>()).unwrap();
    }
}

/// What `--resume` reads of a study that was killed.
#[test]
fn checkpoints() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let [csv, begun, out] = ["in.csv", "begun", "out"].map(|name| folder.path().join(name));
    fs::write(&csv, series(60)).unwrap();
    let options = study_options(&csv, &begun, "60");
    let options = [&options[..], &["--model", "linear"]].concat();
    let mut study = Command::new(std::env::current_exe().unwrap())
        .args(["study_to_be_killed", "--exact", "--ignored"])
        .env("STUDY_OPTIONS", options.join("\n"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let checkpoints = begun.join("linear/seed-42/checkpoints");
    while !checkpoints.join("history-4.json").exists() {
        assert!(
            study.try_wait().unwrap().is_none(),
            "it ended before it was killed"
        );
        sleep(Duration::from_millis(1));
    }
    study.kill().unwrap();
    study.wait().unwrap();
    let newest = |start: &str| {
        let names = fs::read_dir(&checkpoints).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let number = |name: &String| name.split(['-', '.']).nth(1)?.parse::<usize>().ok();
        let newest = names
            .filter(|name| name.starts_with(start))
            .max_by_key(number);
        checkpoints.join(newest.unwrap())
    };
    let files = ["history", "model", "optim", "scheduler"].map(newest);
    let config = begun.join("config.json");
    for (file, rounds) in files.iter().chain([&config]).zip([3, 2, 2, 1, 4]) {
        mutate(file, rounds, || {
            let _ = fs::remove_dir_all(&out);
            copy(&begun, &out);
            // Another learning rate or number of epochs is no damage, but takes its time.
            run_study(&["--resume", "--artifacts", text(&out)])
        });
    }
}
