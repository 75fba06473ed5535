//! Classifies time series of different lengths with one of seven models, or compares them:
//! `cargo run --release --example classify -- --help`.
//!
//! Without `--data` the series are generated: noisy loops to the left, to the right, and figures of
//! eight, at random positions, sizes and speeds. This task is made for signatures. With `--events` they
//! are long and noisy, with a bump in each of two channels, far apart; the class is the order of the
//! bumps.

mod data;
mod model;

use std::{collections::BTreeSet, error::Error, path::PathBuf, time::Instant};

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::Device;
use burn_sig::NamedDevice;
use clap::{Parser, ValueEnum};

use data::Data;
use model::{Classifier, Kind};

/// Trains classifiers and prints their accuracy on held-out series.
#[derive(Parser)]
struct Args {
    /// Folder with NAME_TRAIN.ts and NAME_TEST.ts of the UEA archive (timeseriesclassification.com)
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Generate long series whose class is the order of two events far apart
    #[arg(long, conflicts_with = "data")]
    events: bool,
    /// The model
    #[arg(long, value_enum, default_value_t = Kind::Logsig)]
    model: Kind,
    /// Train every model
    #[arg(long)]
    compare: bool,
    /// Depth of the log-signature; differential equations and patches take at most 2 of it
    #[arg(long, default_value_t = 3)]
    depth: usize,
    /// Number of epochs
    #[arg(long, default_value_t = 60)]
    epochs: usize,
    /// Random seed for generated data, initial weights and batch order
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of trainings of each model, on the seeds that follow
    #[arg(long, default_value_t = 1)]
    seeds: u64,
}

const BATCH: usize = 32; // series per training step

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    sig_train::warn_if_unoptimised();
    // The best backend that has a device here, or the one that BURN_DEVICE names.
    let found = NamedDevice::open(None)?;
    println!("Device: {found}");
    let kinds = match args.compare {
        true => Kind::value_variants(),
        false => &[args.model],
    };
    for kind in kinds {
        let (mut accuracies, mut seconds) = (Vec::new(), 0.0);
        for seed in args.seed..args.seed + args.seeds {
            let (accuracy, epoch) = train(*kind, &args, seed, &found.device)?;
            accuracies.push(accuracy);
            seconds += epoch / args.seeds as f64;
        }
        let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
        let least = accuracies.iter().copied().fold(1.0, f64::min);
        let most = accuracies.iter().copied().fold(0.0, f64::max);
        let [mean, least, most] = [mean, least, most].map(|share| 100.0 * share);
        let name = format!("{kind:?}");
        println!(
            "{name:<12} {mean:5.1} % correct ({least:.1} to {most:.1}), {seconds:.3} s per epoch"
        );
    }
    Ok(())
}

/// The share of held-out series that are classified correctly, and the seconds of an epoch.
fn train(
    kind: Kind,
    args: &Args,
    seed: u64,
    device: &Device,
) -> Result<(f64, f64), Box<dyn Error>> {
    let training = device.clone().autodiff();
    device.seed(seed);
    let [train, test] = data::read(args, seed)?;
    let classes: BTreeSet<String> = train.iter().map(|one| one.class.clone()).collect();
    let longest = train.iter().fold(0, |n, one| n.max(one.points.len()));
    let data = Data::new(&train, &classes, longest, &training);
    let sizes = (data.series.dims()[2], classes.len());
    let mut model = Classifier::new(kind, args.depth, sizes, &data.lengths, &training);
    let cross_entropy = CrossEntropyLossConfig::new().init(&training);
    let (mut adam, clock) = (AdamConfig::new().init(), Instant::now());
    for _ in 0..args.epochs {
        for start in (0..train.len()).step_by(BATCH) {
            let (series, lengths, labels) = data.part(start, BATCH.min(train.len() - start));
            let loss = cross_entropy.forward(model.forward(series, lengths), labels);
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = adam.step(3e-3, model, gradients);
        }
    }
    let seconds = clock.elapsed().as_secs_f64() / args.epochs.max(1) as f64;
    let held = Data::new(&test, &classes, longest, device);
    let (model, mut right) = (model.valid(), 0);
    for start in (0..test.len()).step_by(BATCH) {
        let (series, lengths, labels) = held.part(start, BATCH.min(test.len() - start));
        let guesses = model.forward(series, lengths).argmax(1).squeeze_dim(1);
        right += guesses.equal(labels).int().sum().into_scalar::<i64>();
    }
    Ok((right as f64 / test.len() as f64, seconds))
}
