//! Classifies time series of different lengths with a log-signature layer:
//! `cargo run --release --example classify -- --help`.
//!
//! Without `--data` the series are generated: noisy loops to the left, to the right, and figures of
//! eight, at random positions, sizes and speeds. This task is made for signatures.

use std::{collections::BTreeSet, error::Error, fs, path::Path, path::PathBuf};

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu};
use burn_sig::prelude::*;
use clap::Parser;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use sig_train::data::Labelled;

/// Trains a classifier on log-signatures and prints its accuracy on held-out series.
#[derive(Parser)]
struct Args {
    /// Folder with NAME_TRAIN.ts and NAME_TEST.ts of the UEA archive (timeseriesclassification.com)
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Depth of the log-signature
    #[arg(long, default_value_t = 3)]
    depth: usize,
    /// Number of epochs
    #[arg(long, default_value_t = 60)]
    epochs: usize,
    /// Random seed for generated data, initial weights and batch order
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const BATCH: usize = 32; // series per training step

#[derive(Module, Debug)]
struct Classifier {
    features: LogSigLayer,
    norm: LayerNorm,
    hidden: Linear,
    output: Linear,
}

impl Classifier {
    fn new(channels: usize, classes: usize, depth: usize, device: &Device) -> Self {
        // Time from 0 to 1 is one more channel, in each series from its first to its last point.
        let time = PathTransform::TimeAugment { end_time: 1.0 };
        let features = LogSigLayerConfig::new(depth).with_transforms(vec![time]);
        let width = features.d_output(channels);
        Self {
            features: features.init(device),
            norm: LayerNormConfig::new(width).init(device),
            hidden: LinearConfig::new(width, 32).init(device),
            output: LinearConfig::new(32, classes).init(device),
        }
    }

    /// Padded series `[batch, length, channels]` and their lengths to scores `[batch, classes]`
    fn forward(&self, series: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        let features = self.features.forward_ragged(series, lengths);
        let features = self.norm.forward(features);
        self.output.forward(relu(self.hidden.forward(features)))
    }
}

/// Series padded with zeros, `[count, longest, channels]`, their lengths, their classes.
struct Data(Tensor<3>, Vec<usize>, Tensor<1, Int>);

impl Data {
    fn new(all: &[Labelled], classes: &BTreeSet<String>, longest: usize, device: &Device) -> Self {
        let channels = all[0].points[0].len();
        let (mut padded, mut lengths, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for Labelled { points, class } in all {
            let length = points.len().min(longest);
            padded.extend(points[..length].concat());
            padded.extend(vec![0.0; (longest - length) * channels]);
            lengths.push(length);
            // A class that no training series has is never right: -1.
            let index = classes.iter().position(|known| known == class);
            labels.push(index.map_or(-1, |index| index as i64));
        }
        let padded = TensorData::new(padded, [all.len(), longest, channels]);
        let labels = TensorData::new(labels, [all.len()]);
        let series = Tensor::from_data(padded, device);
        Self(series, lengths, Tensor::from_data(labels, device))
    }
}

/// The file of a folder whose name has this ending.
fn find(folder: &Path, ending: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mut files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let file = files.find(|path| path.to_string_lossy().ends_with(ending));
    file.ok_or_else(|| format!("{} has no file *{ending}", folder.display()).into())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let device = Device::default(); // the best backend built in, or the one BURN_DEVICE names
    let training = device.clone().autodiff();
    device.seed(args.seed);
    let mut random = StdRng::seed_from_u64(args.seed);
    let read = |ending| match &args.data {
        Some(folder) => Ok(Labelled::from_ts(&find(folder, ending)?)?),
        None => Ok::<_, Box<dyn Error>>(Labelled::loops(300, args.seed + ending.len() as u64)),
    };
    let (mut train, test) = (read("_TRAIN.ts")?, read("_TEST.ts")?);
    train.shuffle(&mut random);
    let classes: BTreeSet<String> = train.iter().map(|one| one.class.clone()).collect();
    let longest = train.iter().fold(0, |n, one| n.max(one.points.len()));
    let (count, channels) = (train.len(), train[0].points[0].len());
    println!("Data: {count} series to train, {} held out", test.len());
    println!("      up to {longest} points, {channels} channels, classes {classes:?}");

    let mut model = Classifier::new(channels, classes.len(), args.depth, &training);
    let cross_entropy = CrossEntropyLossConfig::new().init(&training);
    let mut adam = AdamConfig::new().init();
    let Data(series, lengths, labels) = Data::new(&train, &classes, longest, &training);
    for epoch in 1..=args.epochs {
        let mut total = 0.0;
        for start in (0..count).step_by(BATCH) {
            let size = BATCH.min(count - start);
            let batch = series.clone().narrow(0, start, size);
            let scores = model.forward(batch, &lengths[start..start + size]);
            let loss = cross_entropy.forward(scores, labels.clone().narrow(0, start, size));
            total += loss.clone().into_scalar::<f32>() * size as f32;
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = adam.step(3e-3, model, gradients);
        }
        let loss = total / count as f32;
        if epoch % 10 == 0 {
            println!("epoch {epoch:>3}: training loss {loss:.4}");
        }
    }
    let Data(series, lengths, labels) = Data::new(&test, &classes, longest, &device);
    let scores = model.valid().forward(series, &lengths);
    let right = scores.argmax(1).squeeze_dim(1).equal(labels).int().sum();
    let (right, all) = (right.into_scalar::<i64>(), test.len());
    println!("{right} of {all} held-out series are classified correctly");
    Ok(())
}
