//! A study from its options to its files.

mod support;

use sig_train::StudyReport;
use sig_train::config::ModelKind;
use support::{Bench, files, run_any, run_options, text};

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
        "forecasts.csv",
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

/// A study of several seeds is the studies of each, side by side.
#[test]
fn several_seeds_are_several_studies() {
    let bench = Bench::new();
    let options = ["--epochs", "2", "--compare", "mlp,linear"];
    let study = |to: &str, more: &[&str]| bench.study(to, &[&options, more].concat()).unwrap();
    let all = study("all", &["--seeds", "3,1", "--seed", "2"]);
    assert_eq!(all.seeds, [3, 1, 2]);
    for (index, seed) in ["3", "1", "2"].into_iter().enumerate() {
        let one = study("one", &["--seed", seed]);
        for (all, one) in all.models.iter().zip(&one.models) {
            assert_eq!(all.runs[index].scores, one.scores);
            assert_eq!((one.spread, one.scores), (None, one.runs[0].scores));
        }
    }
    let r2 = all.models[0].runs.iter().map(|run| run.scores.r2);
    let mean = r2.clone().sum::<f64>() / 3.0;
    let spread = (r2.map(|r2| (r2 - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
    assert!((all.scores.r2 - mean).abs() < 1e-12 && spread > 0.0);
    let found = all.models[0].spread.unwrap().r2;
    assert!((found - spread).abs() < 1e-12, "{found} {spread}");
    let page = bench.read("all/report.html");
    assert!(page.contains("over 3 trainings") && page.matches("<svg").count() == 2);
}

#[test]
fn tasks_are_learned() {
    let bench = Bench::new();
    for (task, model) in [("area", "sigdense"), ("fbm", "gru")] {
        let out = text(&bench.path(task));
        let options = [
            "--device", "flex", "--task", task, "--model", model, "--length", "8",
        ];
        let more = ["--epochs", "1", "--artifacts", &out];
        let report = run_options(&[&options[..], &more].concat()).unwrap();
        assert_eq!(report.windows, [2800, 600, 600]);
        assert!(
            report.scores.r2 > 0.05 && report.scores.r2 < 1.0,
            "{report:?}"
        );
        assert!(
            bench
                .read(&format!("{task}/forecast.svg"))
                .contains("<circle")
        );
    }
}

/// Volumes of a known rhythm: a forecast is right if it comes back to the units of the file.
#[test]
fn a_saved_model_forecasts_a_file() {
    let bench = Bench::new();
    let volume = |hour: usize| 1000.0 * (2.0 + (hour as f64 / 2.0).sin());
    let table = |hours: std::ops::Range<usize>| {
        let rows = hours.map(|hour| format!("h{hour},{hour},{}\n", volume(hour)));
        format!("hour,count,volume\n{}", rows.collect::<String>())
    };
    let csv = text(&bench.write("volumes.csv", &table(0..400)));
    let out = text(&bench.path("out"));
    let options = [
        "--device", "flex", "--csv", &csv, "--target", "volume", "--length", "12",
    ];
    let more = [
        "--horizon",
        "2",
        "--median-rows",
        "24",
        "--model",
        "linear",
        "--epochs",
        "60",
        "--artifacts",
        &out,
    ];
    let report = run_options(&[&options[..], &more].concat()).unwrap();
    assert!(report.scores.mase.is_some(), "{report:?}");

    // The columns in another order, one more, and fewer rows.
    let rows = (300..360).map(|hour| format!("h{hour},x,{},{hour}\n", volume(hour)));
    let rows = format!("hour,note,volume,count\n{}", rows.collect::<String>());
    let new = text(&bench.write("new.csv", &rows));
    let to = text(&bench.path("forecasts.csv"));
    for model in [
        "linear".to_string(),
        text(&bench.path("out/linear/seed-42")),
    ] {
        let options = ["--device", "flex", "--predict", &model, "--csv", &new];
        let more = ["--output", &to, "--artifacts", &out];
        assert_eq!(run_any(&[&options[..], &more].concat()).unwrap(), None);
        let lines = bench.read("forecasts.csv");
        let lines: Vec<_> = lines.lines().collect();
        let header = "hour,hour +1,volume +1,volume +1 low,volume +1 high,hour +2,volume +2,";
        assert!(lines[0].starts_with(header), "{}", lines[0]);
        // 60 rows, of which the medians take 25, and the first window 12 more but one.
        assert_eq!(lines.len(), 1 + 60 - 25 - 11);
        assert!(lines[1].starts_with("h336,"), "{}", lines[1]);
        let last: Vec<_> = lines.last().unwrap().split(',').collect();
        assert_eq!(last[0], "h359");
        for (step, value) in last[2..].iter().step_by(4).enumerate() {
            let (value, came) = (value.parse::<f64>().unwrap(), volume(360 + step));
            assert!((value - came).abs() < 500.0, "{value} {came}");
        }
    }
}

#[test]
fn what_does_not_learn_is_scored_all_the_same() {
    let bench = Bench::new();
    let options = ["--epochs", "1", "--model", "naive,linear"];
    let report = bench.study("out", &options).unwrap();
    assert_eq!(
        (report.models[0].parameters, report.models[0].runs[0].epochs),
        (0, 0)
    );
    assert!(report.scores.r2.is_finite() && report.scores.r2 < 1.0);
    let metrics = bench.read("out/metrics.json");
    assert_eq!(
        serde_json::from_str::<StudyReport>(&metrics).unwrap(),
        report
    );
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

/// Steps so large that the losses are finite in the first epochs and infinite later.
#[test]
fn losses_that_are_not_finite() {
    let bench = Bench::new();
    let steps = ["--batch-size", "1000", "--learning-rate", "1e9"];
    let options = [&["--model", "linear,sigdense", "--epochs", "9"], &steps[..]].concat();
    let message = bench.failure("out", &options);
    let found = |part: &str| assert!(message.contains(part), "{message}");
    found("training linear: epoch ");
    found("the losses are ");
    found("try another scaling of the data or a --learning-rate below 1000000000");
    let (_, kept) = message.split_once("the weights of epoch ").unwrap();
    let (epoch, file) = kept.split_once(" are kept in ").unwrap();
    assert!(epoch.parse::<usize>().unwrap() >= 1, "{message}");
    let weights = std::path::Path::new(file);
    assert!(weights.starts_with(bench.path("out")), "{message}");
    burn::store::ModuleRecord::load(weights).unwrap();

    let lost = ["--model", "sigdense", "--learning-rate", "1e30"];
    let message = bench.failure("lost", &lost);
    assert!(message.contains("epoch 1: the losses are "), "{message}");
    assert!(
        message.contains("try a lower --depth, another scaling"),
        "{message}"
    );
    assert!(!message.contains("are kept"), "{message}");
}
