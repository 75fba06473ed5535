//! Trains a forecaster around a [`SigKan`] layer, an MLP and a linear model on the same windows of
//! a time series, and compares them: `cargo run --release --example sigkan -- --help`.

use std::{error::Error, fs, path::Path, path::PathBuf};

use burn::data::dataloader::{DataLoaderBuilder, batcher::Batcher};
use burn::data::dataset::{Dataset, InMemDataset, transform::WindowsDataset};
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::nn::{Linear, LinearConfig, loss::MseLoss, loss::Reduction};
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use burn::train::metric::{LossMetric, store::Aggregate, store::Direction, store::Split};
use burn::train::*;
use burn::{grad_clipping::GradientClippingConfig, module::Module, optim::AdamWConfig};
use burn_sig::{NamedDevice, prelude::*};
use clap::Parser;
use sig_train::{EpochLine, best_weights, data::Series, data::synthetic, warn_if_unoptimised};

/// Training creates and frees many tensors; this allocator makes that faster on the CPU.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A model sees `LENGTH` points and forecasts the next `HORIZON` values of the target.
const LENGTH: usize = 24;
const HORIZON: usize = 4;
const BATCH: usize = 64;

/// Trains a SigKAN forecaster, an MLP and a linear model, and compares them on unseen data.
#[derive(Parser)]
struct Args {
    /// Backend such as flex, wgpu or cuda, built in by the feature of that name [default: the best]
    #[arg(long, env = "BURN_DEVICE")]
    device: Option<String>,
    /// Maximum number of epochs, over which the learning rate falls to 0; training may stop earlier
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
    epochs: u16,
    /// Random seed for synthetic data, initial weights and batch order
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// CSV file to use instead of synthetic data: a header, then one row per time step
    #[arg(long, value_name = "FILE", requires = "target")]
    csv: Option<PathBuf>,
    /// Column of the CSV file to forecast
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    target: Option<String>,
}

/// Splits windows into what a model sees and what it forecasts, the channel of this index.
struct WindowBatcher(usize);

#[derive(Clone, Debug)]
struct Batch {
    past: Tensor<3>,   // [batch, LENGTH, channels]
    future: Tensor<2>, // [batch, HORIZON]
}

impl Batcher<Vec<Vec<f32>>, Batch> for WindowBatcher {
    fn batch(&self, windows: Vec<Vec<Vec<f32>>>, device: &Device) -> Batch {
        let shape = [windows.len(), LENGTH + HORIZON, windows[0][0].len()];
        let rows = TensorData::new(windows.concat().concat(), shape);
        let rows = Tensor::<3>::from_data(rows, device);
        let past = rows.clone().narrow(1, 0, LENGTH);
        let future = rows.narrow(1, LENGTH, HORIZON).narrow(2, self.0, 1);
        let future = future.squeeze_dim(2);
        Batch { past, future }
    }
}

/// The windows of the first 70 % of the rows, the next 15 % and the last 15 %: to train, to
/// validate, to test. Channels are scaled to mean 0 and variance 1 over the training rows.
fn windows(series: &Series) -> [WindowsDataset<InMemDataset<Vec<f32>>, Vec<f32>>; 3] {
    let count = series.rows.len();
    let (train, valid) = (count * 70 / 100, count * 85 / 100);
    let rows = series.standardized(train);
    // What is forecast lies in the part itself; what a model sees may begin in the part before.
    let parts = [0..train, train - LENGTH..valid, valid - LENGTH..count];
    parts.map(|part| WindowsDataset::new(InMemDataset::new(rows[part].to_vec()), LENGTH + HORIZON))
}

/// Linear layers with ReLU between them, on the flattened window or on the output of a SigKAN.
#[derive(Module, Debug)]
struct Model {
    /// Mixes channels; then a KAN layer, whose units are weighted by the signature of the window.
    sigkan: Option<(Linear, SigKan)>,
    layers: Vec<Linear>,
}

impl Model {
    /// `sizes`: of the linear layers, from input to output.
    fn new(with_sigkan: bool, channels: usize, sizes: &[usize], device: &Device) -> Self {
        let linear = |ends: &[usize]| LinearConfig::new(ends[0], ends[1]).init(device);
        let sigkan = SigKanConfig::new(7, 12, LENGTH, 2).init(device); // 12 units, depth 2
        let sigkan = with_sigkan.then(|| (linear(&[channels, 7]), sigkan));
        let layers = sizes.windows(2).map(linear).collect();
        Self { sigkan, layers }
    }

    /// `[batch, LENGTH, channels]` to `[batch, HORIZON]`
    fn forward(&self, past: Tensor<3>) -> Tensor<2> {
        let points = match &self.sigkan {
            Some((mix, sigkan)) => sigkan.forward(mix.forward(past)),
            None => past,
        };
        let first = self.layers[0].forward(points.flatten::<2>(1, 2));
        let rest = self.layers[1..].iter();
        rest.fold(first, |hidden, layer| layer.forward(relu(hidden)))
    }
}

impl InferenceStep for Model {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, Batch { past, future }: Batch) -> RegressionOutput {
        let output = self.forward(past);
        let loss = MseLoss::new().forward(output.clone(), future.clone(), Reduction::Mean);
        RegressionOutput::new(loss, output, future)
    }
}

impl TrainStep for Model {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let output = InferenceStep::step(self, batch);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let found = NamedDevice::open(args.device.as_deref())?;
    let (epochs, seed) = (args.epochs.into(), args.seed);
    let series = match (&args.csv, &args.target) {
        (Some(file), Some(target)) => Series::from_csv(file, target)?,
        _ => synthetic::generate(6000, 1, seed),
    };
    let (count, channels) = (series.rows.len(), series.names.len());
    if count < 10 * (LENGTH + HORIZON) {
        return Err(format!("{count} rows are too few: less than ten windows").into());
    }
    let (target, parts) = (series.target, windows(&series).map(|part| part.len()));
    let name = &series.names[target];
    println!("Data:    {count} rows of {}", series.names.join(", "));
    println!("Task:    see {LENGTH} rows, forecast the next {HORIZON} values of `{name}`");
    println!("Windows: {parts:?} to train, validate and test, in the order of time");
    println!("Device:  {found}; seed {seed}, {epochs} epochs at most");
    warn_if_unoptimised();
    let (folder, host, device) = (Path::new("artifacts/sigkan"), Device::flex(), found.device);
    host.seed(seed); // Draws all weights: each backend has random numbers of its own.
    let mut table = String::from("model    parameters  test R2\n");
    for (name, sizes, decay) in [
        ("sigkan", vec![12 * LENGTH, 32, HORIZON], 1.0),
        ("mlp", vec![LENGTH * channels, 76, 76, HORIZON], 0.6),
        ("linear", vec![LENGTH * channels, HORIZON], 0.01),
    ] {
        let [train, valid, test] = windows(&series);
        let new = |device| Model::new(name == "sigkan", channels, &sizes, device);
        let model = new(&device.clone().autodiff()).load_record(new(&host).into_record());
        let (size, folder) = (model.num_params(), folder.join(name));
        let _ = fs::remove_dir_all(&folder);
        let adam = AdamWConfig::new().with_weight_decay(decay);
        let adam = adam.with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)));
        let steps = epochs * train.len().div_ceil(BATCH);
        let rate = CosineAnnealingLrSchedulerConfig::new(5e-3, steps).init()?;
        let loader = |size| DataLoaderBuilder::new(WindowBatcher(target)).batch_size(size);
        let (mean, lowest, metric) = (Aggregate::Mean, Direction::Lowest, LossMetric::new());
        let patience = StoppingCondition::NoImprovementSince { n_epochs: 15 };
        let stop = MetricEarlyStoppingStrategy::new(&metric, mean, lowest, Split::Valid, patience);
        let train = loader(BATCH).shuffle(seed).build(train);
        let trained = SupervisedTraining::new(&folder, train, loader(512).build(valid))
            .metrics((metric,))
            .num_epochs(epochs)
            .early_stopping(stop)
            .with_default_checkpointers() // keeps the best epoch and the last two
            .with_application_logger(None) // CubeCL logs the code of each kernel that it compiles
            .renderer(Box::new(EpochLine::new(name))) // without this line: Burn's dashboard
            .launch(Learner::new(model, adam.init(), rate));
        let failed = |error| Err(format!("{name}: {error}"));
        trained.error.map_or(Ok(()), failed)?;
        let model = trained.model.load_record(best_weights(&folder)?);
        let test = test.iter().collect::<Result<Vec<_>, _>>()?;
        let Batch { past, future } = WindowBatcher(target).batch(test, &device);
        let error = (model.forward(past) - future.clone()).square().mean();
        let variance = (future.clone() - future.mean_dim(0)).square().mean();
        let r2 = 1.0 - (error / variance).into_scalar::<f32>();
        table += &format!("{name:<7}{size:>12}{r2:>9.3}\n");
        model.into_record().save(folder.join("model.bpk"))?;
    }
    println!("\n{table}\nR2 is 1 for a perfect forecast and 0 for the mean of the test part.");
    println!("artifacts/sigkan has the losses and weights of each model.");
    Ok(())
}
