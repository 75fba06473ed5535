//! A path found from its signature: `cargo run --release --example inversion -- --help`.
//!
//! The digit 0 of the data set PenDigits, as in the notebook on inversion of signax: the points of a
//! random path are parameters, and Adam moves them until their signature is that of the digit. A descent
//! may end in a local minimum, so that several paths descend side by side, and the best is taken.

mod plot;

use std::path::PathBuf;
use std::process::ExitCode;

use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{DType, Device, Tensor, TensorData};
use burn_sig::NamedDevice;
use burn_sig::prelude::*;
use burn_sig::transforms::{TreeLikeReduction, tree_like_reduction};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The digit, from 0 to 100 in both directions.
const DIGIT: [[f64; 2]; 8] = [
    [29., 97.],
    [0., 57.],
    [22., 10.],
    [68., 0.],
    [100., 40.],
    [83., 90.],
    [37., 100.],
    [12., 57.],
];

/// Finds a path from its signature, by gradient descent on its points.
#[derive(Parser)]
#[command(name = "inversion", version)]
struct Cli {
    /// Of the paths that the descent starts from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Paths that descend side by side; eight take hardly longer than one
    #[arg(long, default_value_t = 8, value_parser = at_least_1)]
    starts: usize,
    /// Steps of Adam
    #[arg(long, default_value_t = 5000)]
    iterations: usize,
    /// Adam's learning rate
    #[arg(long, default_value_t = 2e-3)]
    learning_rate: f64,
    /// The last level of the signature
    #[arg(long, default_value_t = 12, value_parser = at_least_1)]
    depth: usize,
    /// Points of the path that is looked for
    #[arg(long, default_value_t = 8, value_parser = at_least_1)]
    points: usize,
    /// Iterations from one line of output to the next
    #[arg(long, default_value_t = 500, value_parser = at_least_1)]
    every: usize,
    /// Levels of the signature that vanish on a piece which goes out and back
    #[arg(long, default_value_t = 4, value_parser = at_least_1)]
    order: usize,
    /// Steps that each segment is divided into when such pieces are looked for
    #[arg(long, default_value_t = 10, value_parser = at_least_1)]
    steps: usize,
    /// How long such a piece may be by its signature
    #[arg(long, default_value_t = 0.01)]
    tolerance: f64,
    /// Folder of the picture, paths.svg
    #[arg(long, value_name = "DIR", default_value = "artifacts/inversion")]
    output: PathBuf,
}

fn at_least_1(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("is not a whole number".into()),
    }
}

fn main() -> ExitCode {
    sig_train::warn_if_unoptimised();
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    if !(cli.tolerance >= 0.0 && cli.learning_rate > 0.0) {
        return Err("--tolerance must be at least 0 and --learning-rate positive".into());
    }
    // The best backend that has a device here, or the one that BURN_DEVICE names.
    let found = NamedDevice::open(None)?;
    println!("Device: {found}");
    let device = found.device.autodiff();
    let digit = DIGIT.map(|point| point.map(|x| x / 50.0 - 1.0)).to_vec();
    let target = signature(tensor(&digit, &device).unsqueeze_dim(0), cli.depth);
    let loss = InversionLoss::new(target.repeat_dim(0, cli.starts), 2, cli.depth);

    let mut random = StdRng::seed_from_u64(cli.seed);
    let numbers = cli.starts * cli.points * 2;
    let start: Vec<f64> = (0..numbers)
        .map(|_| random.random_range(-0.5..0.5))
        .collect();
    let start = TensorData::new(start, [cli.starts, cli.points, 2]);
    let mut path = LearnedPath::from_points(Tensor::from_data(start, &device), cli.depth);

    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    for iteration in 0..cli.iterations {
        let losses = loss.forward_no_reduction(path.forward());
        if iteration % cli.every == 0 {
            let best = losses.clone().min().into_scalar::<f32>();
            println!("Iter={iteration} loss={best:.4}");
        }
        let gradients = GradientsParams::from_grads(losses.sum().backward(), &path);
        path = adam.step(cli.learning_rate, path, gradients);
    }

    let best = loss.forward_no_reduction(path.forward()).argmin(0);
    let found = path
        .points
        .val()
        .inner()
        .select(0, best.inner())
        .squeeze_dim::<2>(0);
    let reduction = TreeLikeReduction {
        order: cli.order,
        steps: cli.steps,
        tolerance: cli.tolerance,
    };
    let reduced = points(tree_like_reduction(found.clone(), &reduction));
    let found = points(found);
    println!(
        "{} points found, {} without what goes out and back:",
        found.len(),
        reduced.len()
    );
    // A signature does not know where its path starts.
    let shift = [0, 1].map(|i| digit[0][i] - found[0][i]);
    let moved = |path: Vec<[f64; 2]>| -> Vec<[f64; 2]> {
        let moved = path.into_iter().map(|[x, y]| [x + shift[0], y + shift[1]]);
        moved.collect()
    };
    let (found, reduced) = (moved(found), moved(reduced));
    for [x, y] in &reduced {
        println!("{x:8.4} {y:8.4}");
    }
    let curves = [
        ("original", digit),
        ("found", found),
        ("found, reduced", reduced),
    ];
    let picture = cli.output.join("paths.svg");
    plot::draw(&picture, &curves)?;
    println!("{} shows the paths.", picture.display());
    Ok(())
}

fn tensor(points: &[[f64; 2]], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(points.concat(), [points.len(), 2]), device)
}

fn points(path: Tensor<2>) -> Vec<[f64; 2]> {
    let numbers = path.into_data().convert_dtype(DType::F64);
    let numbers = numbers.try_to_vec::<f64>().expect("converted to f64 above");
    numbers
        .chunks(2)
        .map(|point| [point[0], point[1]])
        .collect()
}
