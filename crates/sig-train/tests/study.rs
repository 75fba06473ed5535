//! A study from its options to its files.

mod support;

use sig_train::config::ModelKind;
use support::{Bench, files, run_options, text};

#[test]
fn leaves_what_it_promises() {
    let bench = Bench::new();
    let report = bench
        .study(
            "out",
            &[
                "--model",
                "sigdense,mlp,gru,linear",
                "--epochs",
                "2",
                "--batch-size",
                "32",
            ],
        )
        .unwrap();

    let expected = [
        "config.json",
        "forecast.svg",
        "losses.csv",
        "losses.svg",
        "metrics.json",
        "report.html",
    ]
    .map(String::from)
    .into_iter()
    .chain(
        ["gru", "linear", "mlp", "sigdense"]
            .iter()
            .flat_map(|model| {
                let files = ["forecaster.json", "history.json", "model.bpk"];
                files.map(|file| format!("{model}/seed-42/{file}"))
            }),
    );
    let mut expected: Vec<_> = expected.collect();
    expected.sort();
    assert_eq!(files(&bench.path("out")), expected);

    // 300 rows: 210 train, 45 validate, 45 test.
    assert_eq!(report.windows, [201, 44, 44]);
    assert_eq!(report.model, ModelKind::SigDense);
    assert_eq!(report.scores, report.models[0].scores);
    assert_eq!(report.target, "target 1");
    let metrics: serde_json::Value = serde_json::from_str(&bench.read("out/metrics.json")).unwrap();
    assert_eq!(metrics["r2"], metrics["models"][0]["r2"]);
    assert_eq!(metrics["models"][3]["model"], "linear");
    // 8 points of 5 channels to 2, and the offsets.
    assert_eq!(metrics["models"][3]["parameters"], 82);

    // 201 windows in batches of 32 are 7 steps.
    let losses = bench.read("out/losses.csv");
    assert_eq!(losses.lines().count(), 1 + 4 * 2 * 7);
    assert!(
        losses
            .lines()
            .nth(8)
            .unwrap()
            .starts_with("sigdense,42,2,8,"),
        "{losses}"
    );
}

#[test]
fn the_same_seed_gives_the_same_losses_to_the_bit() {
    let bench = Bench::new();
    let study = |to, seed| {
        let report = bench.study(to, &["--epochs", "2", "--seed", seed]).unwrap();
        (bench.read(&format!("{to}/losses.csv")), report.scores)
    };
    let one = study("one", "1");
    assert_eq!(one, study("other", "1"));
    assert_ne!(one.0, study("third", "2").0);
}

#[test]
fn a_new_study_takes_the_place_of_an_old_one() {
    let bench = Bench::new();
    bench
        .study("out", &["--epochs", "1", "--model", "mlp,linear"])
        .unwrap();
    std::fs::write(bench.path("out/notes.txt"), "mine").unwrap();
    bench
        .study("out", &["--epochs", "1", "--model", "linear"])
        .unwrap();
    let files = files(&bench.path("out"));
    assert!(
        !files.iter().any(|file| file.starts_with("mlp")),
        "{files:?}"
    );
    assert_eq!(bench.read("out/notes.txt"), "mine");
}

#[test]
fn the_preset_is_the_model_of_the_bench() {
    let bench = Bench::new();
    let options = [
        "--preset",
        "keras-sig",
        "--epochs",
        "1",
        "--model",
        "sigdense",
    ];
    let report = bench.study("out", &options).unwrap();
    // Of windows of 8 points of 5 series, to forecast 2: Dense(7), SigDense(10) of depth 3,
    // Flatten, Dense(10), Dense(2).
    let device = burn::tensor::Device::flex();
    let layer = sig_nn::SigDenseConfig::new(7, 10, 8, 3).init(&device);
    let layer = burn::module::Module::num_params(&layer);
    let expected = (5 + 1) * 7 + layer + (8 * 10 + 1) * 10 + (10 + 1) * 2;
    assert_eq!(report.models[0].parameters, expected);
    let config: serde_json::Value = serde_json::from_str(&bench.read("out/config.json")).unwrap();
    assert_eq!(
        ["depth", "batch_size"].map(|key| config[key].clone()),
        [3, 128]
    );
}

/// What the study is for: with its defaults, the signature model forecasts best.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimisation")]
fn the_signature_model_beats_the_baselines() {
    let bench = Bench::new();
    let folder = text(&bench.path("out"));
    let report = run_options(&["--device", "flex", "--artifacts", &folder]).unwrap();
    let r2 = |model: usize| report.models[model].scores.r2;
    assert_eq!(report.models.len(), 3);
    assert!(r2(0) > r2(1) + 0.02 && r2(0) > r2(2) + 0.02, "{report:?}");
}
