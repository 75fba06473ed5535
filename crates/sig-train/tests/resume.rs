//! Going on after a kill.

mod support;

use std::fs;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sig_train::ModelReport;
use support::{Bench, files, run_options, text};

/// So many epochs that a kill after a few of them comes in the middle.
const OPTIONS: [&str; 6] = [
    "--model",
    "linear,mlp",
    "--epochs",
    "40",
    "--batch-size",
    "16",
];

/// Not a test of its own: what [`killed`] starts and kills.
#[test]
#[ignore = "started by the other tests"]
fn study_to_be_killed() {
    if let Ok(options) = std::env::var("STUDY_OPTIONS") {
        run_options(&options.split('\n').collect::<Vec<_>>()).unwrap();
    }
}

/// A process that does not outlive a test that fails.
struct Child(process::Child);

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process with that study, which talks to nobody.
fn start(options: &[String]) -> process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["study_to_be_killed", "--exact", "--ignored"])
        .env("STUDY_OPTIONS", options.join("\n"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A study in the folder `out` that was killed without warning in the epochs of its second model.
fn killed() -> Bench {
    let bench = Bench::new();
    let mut child = start(&bench.options("out", &OPTIONS));
    let reached = bench.path("out/mlp/seed-42/checkpoints/history-4.json");
    while !reached.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the study ended before it was killed"
        );
        sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !bench.path("out/metrics.json").exists(),
        "the kill came too late"
    );
    bench
}

fn resume(bench: &Bench) -> Result<sig_train::StudyReport, String> {
    run_options(&[
        "--device",
        "flex",
        "--resume",
        "--artifacts",
        &text(&bench.path("out")),
    ])
}

/// The epochs of the second model whose checkpoint is complete, the last first.
fn checkpoints(bench: &Bench) -> Vec<usize> {
    let complete = |epoch: &usize| {
        ["model", "optim", "scheduler"].iter().all(|file| {
            let path = format!("out/mlp/seed-42/checkpoints/{file}-{epoch}.bpk");
            bench.path(&path).exists()
        })
    };
    (1..=40).rev().filter(complete).collect()
}

fn cut_in_half(path: &Path) {
    let content = fs::read(path).unwrap();
    fs::write(path, &content[..content.len() / 2]).unwrap();
}

/// That the folder holds what a study without interruption would have left.
fn assert_as_if_never_killed(bench: &Bench) {
    let report = resume(bench).unwrap();
    let whole = bench.study("whole", &OPTIONS).unwrap();
    assert_eq!(bench.read("out/losses.csv"), bench.read("whole/losses.csv"));
    for (resumed, whole) in report.models.iter().zip(&whole.models) {
        assert_eq!(resumed.scores, whole.scores);
        let epochs = |model: &ModelReport| (model.runs[0].epochs, model.runs[0].best_epoch);
        assert_eq!(epochs(resumed), epochs(whole));
    }
    assert!(!bench.path("out/mlp/seed-42/checkpoints").exists());
}

#[test]
fn a_killed_study_goes_on_as_if_it_never_was() {
    assert_as_if_never_killed(&killed());
}

/// One study of two seeds, killed ten times at whatever it was doing.
#[test]
fn ten_kills_at_random_moments_change_nothing() {
    const OPTIONS: [&str; 8] = [
        "--model",
        "linear",
        "--epochs",
        "25",
        "--batch-size",
        "32",
        "--seeds",
        "1,2",
    ];
    let bench = Bench::new();
    let began = Instant::now();
    let whole = bench.study("whole", &OPTIONS).unwrap();
    let lasts = began.elapsed();
    let config = bench.path("out/config.json");
    let mut study = Child(start(&bench.options("out", &OPTIONS)));
    for kill in 0..10u64 {
        // Nothing can go on before a study has begun.
        while !config.exists() {
            sleep(Duration::from_millis(1));
        }
        // Any time within a fifth of what the whole takes, spread by the golden ratio.
        let share = (began.elapsed().subsec_nanos() as f64 / 1e9 + 0.618 * kill as f64).fract();
        sleep(lasts.mul_f64(0.2 * share));
        study.0.kill().unwrap();
        study.0.wait().unwrap();
        let folder = text(&bench.path("out"));
        let options = ["--device", "flex", "--resume", "--artifacts", &folder];
        study = Child(start(&options.map(String::from)));
    }
    assert!(
        study.0.wait().unwrap().success(),
        "the last resumption failed"
    );

    assert_eq!(bench.read("out/losses.csv"), bench.read("whole/losses.csv"));
    let resumed = resume(&bench).unwrap();
    for (resumed, whole) in resumed.models.iter().zip(&whole.models) {
        assert_eq!(
            (resumed.scores, resumed.spread),
            (whole.scores, whole.spread)
        );
    }
    assert_eq!(files(&bench.path("out")), files(&bench.path("whole")));
}

#[test]
fn a_damaged_checkpoint_is_passed_over_for_the_one_before() {
    for file in ["model", "optim", "scheduler"] {
        let bench = killed();
        let last = checkpoints(&bench)[0];
        cut_in_half(&bench.path(&format!("out/mlp/seed-42/checkpoints/{file}-{last}.bpk")));
        assert_as_if_never_killed(&bench);
    }
}

#[test]
fn damaged_checkpoints_alone_are_an_error_that_names_one() {
    let bench = killed();
    let epochs = checkpoints(&bench);
    for epoch in &epochs {
        cut_in_half(&bench.path(&format!("out/mlp/seed-42/checkpoints/model-{epoch}.bpk")));
    }
    let message = resume(&bench).unwrap_err();
    let file = format!("model-{}.bpk: damaged", epochs[0]);
    assert!(
        message.contains(&file) && message.lines().count() == 1,
        "{message}"
    );
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_study() {
    let bench = killed();
    // A folder with something in it, which no file can be renamed onto.
    for epoch in 1..=40 {
        let path = bench.path(&format!("out/mlp/seed-42/checkpoints/optim-{epoch}.bpk"));
        if !path.exists() {
            fs::create_dir_all(path.join("taken")).unwrap();
        }
    }
    let message = resume(&bench).unwrap_err();
    assert!(
        message.contains("training mlp") && message.contains("optim"),
        "{message}"
    );
    assert!(!bench.path("out/metrics.json").exists());
}

#[test]
fn a_finished_study_is_read_again() {
    let bench = Bench::new();
    let options = ["--model", "linear", "--epochs", "2"];
    let report = bench.study("out", &options).unwrap();
    let losses = bench.read("out/losses.csv");
    assert_eq!(resume(&bench).unwrap(), report);
    assert_eq!(bench.read("out/losses.csv"), losses);
}

#[test]
fn nothing_to_resume() {
    let bench = Bench::new();
    let message = bench.failure("out", &["--resume"]);
    assert!(
        message.contains("there is no study in") && message.contains("out"),
        "{message}"
    );
    assert!(!bench.path("out").exists());
}

#[test]
fn another_study_is_not_resumed() {
    let bench = Bench::new();
    bench
        .study("out", &["--model", "linear", "--epochs", "1"])
        .unwrap();
    let before = bench.read("out/metrics.json");
    for (option, value, expected) in [
        ("--epochs", "2", "epochs is 1 there and 2 here"),
        ("--seed", "5", "seeds is [42] there and [5] here"),
        (
            "--model",
            "mlp",
            "models is [\"linear\"] there and [\"mlp\"] here",
        ),
    ] {
        let message = bench.failure("out", &["--resume", option, value]);
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(bench.read("out/metrics.json"), before);
}
