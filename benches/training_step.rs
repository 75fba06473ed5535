//! Times a training step of the model in keras_sig's README, of one around SigKAN, or of a neural
//! differential equation, as `benches/peers/training_step.py` and `benches/peers/cde_step.py` do on
//! JAX: forward, mean square error, backward, Adam.
//!
//! ```sh
//! cargo bench --bench training_step -- --length 500 --threads 2
//! cargo bench --bench training_step -- --model sigkan --threads 2
//! cargo bench --bench training_step -- --model linear-ncde --batch 32 --threads 2
//! ```
//!
//! On servers (`cargo run --release --example serve --features remote -- --port 3000`), which share out
//! the batch as burn-train does, the model being on the first:
//!
//! ```sh
//! cargo bench --bench training_step --features remote -- --remote ws://127.0.0.1:3000 --remote ws://127.0.0.1:3001
//! ```

mod harness;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsAccumulator, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use burn_sig::nn::cde::{LinearNeuralCde, LinearNeuralCdeConfig, LogNeuralCde, LogNeuralCdeConfig};
use burn_sig::prelude::*;
use burn_sig::signatures::SignatureMethod;
use clap::{Parser, ValueEnum};
use serde::Serialize;
use sig_train::remote_devices;

use harness::{Rows, Times, exit_code, limit_threads, open, positive};

/// Times a training step on random paths.
#[derive(Parser)]
#[command(name = "training_step")]
struct Args {
    /// The model
    #[arg(long, value_enum, default_value_t = Kind::Readme)]
    model: Kind,
    /// Points of a path; may be repeated; 20 and 500, 150 for sigkan, 1000 for the equations, if not
    /// given
    #[arg(long, value_parser = positive)]
    length: Vec<usize>,
    /// Paths
    #[arg(long, default_value_t = 128, value_parser = positive)]
    batch: usize,
    /// The last level; 3, or 2 for all but readme, if not given
    #[arg(long, value_parser = positive)]
    depth: Option<usize>,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long, value_parser = positive)]
    threads: Option<usize>,
    /// Steps before those, whose losses the file tells; paths and weights are the same on every device
    #[arg(long, default_value_t = 5, value_parser = positive)]
    warm_up: usize,
    /// Steps to take the median of
    #[arg(long, default_value_t = 50, value_parser = positive)]
    steps: usize,
    /// The parallel, portable signature instead of the fused one
    #[arg(long)]
    portable: bool,
    /// A device that is compiled in; the best one if not given
    #[arg(long)]
    device: Option<String>,
    /// A file for the times
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// A server to compute on; may be repeated
    #[arg(long, value_name = "ws://HOST:PORT", conflicts_with = "device")]
    remote: Vec<String>,
    /// Passed by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Steps of training make and drop many large tensors.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Of the differential equations.
const HIDDEN: usize = 64;
const WINDOWS: Windows = Windows::Consecutive { steps: 10 };

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Dense(7) → SigDense(10) → Flatten → Dense(10, relu) → Dense(10) on 10 features
    Readme,
    /// SigKAN(100) → Flatten → Dense(100, relu) → Dense(30) on 19 features
    Sigkan,
    /// Log-NCDE of 64 hidden units, width 128, 3 layers, Heun, windows of 10 steps, on 6 features
    LogNcde,
    /// Linear NCDE of 64 hidden units, blocks of 4, windows of 10 steps, on 6 features
    LinearNcde,
}

impl Kind {
    fn lengths(self) -> &'static [usize] {
        match self {
            Self::Readme => &[20, 500],
            Self::Sigkan => &[150],
            Self::LogNcde | Self::LinearNcde => &[1000],
        }
    }

    fn depth(self) -> usize {
        match self {
            Self::Readme => 3,
            _ => 2,
        }
    }

    /// Features of the paths, and what is forecast.
    fn sizes(self) -> (usize, usize) {
        match self {
            Self::Readme => (10, 10),
            Self::Sigkan => (19, 30),
            Self::LogNcde | Self::LinearNcde => (6, 2),
        }
    }

    fn init(self, length: usize, depth: usize, method: SignatureMethod, device: &Device) -> Model {
        let (features, horizon) = self.sizes();
        let (mix, signature, units, hidden) = match self {
            Self::Readme => {
                let signature = SigDenseConfig::new(7, 10, length, depth)
                    .with_reference(true)
                    .with_method(method);
                let mix = LinearConfig::new(features, 7).init(device);
                let signature = Signature::Dense(signature.init(device));
                (Some(mix), signature, 10, 10)
            }
            Self::Sigkan => {
                let signature = SigKanConfig::new(features, 100, length, depth)
                    .with_reference(true)
                    .with_method(method);
                (None, Signature::Kan(signature.init(device)), 100, 100)
            }
            Self::LogNcde => {
                let config = LogNeuralCdeConfig::new(features, HIDDEN, horizon);
                let config = config.with_windows(WINDOWS).with_depth(depth);
                return Model::LogNcde(config.init(device));
            }
            Self::LinearNcde => {
                let config = LinearNeuralCdeConfig::new(features, HIDDEN, horizon);
                let config = config.with_windows(WINDOWS).with_depth(depth);
                return Model::LinearNcde(config.init(device));
            }
        };
        Model::Forecaster(Forecaster {
            mix,
            signature,
            hidden: LinearConfig::new(units * length, hidden).init(device),
            output: LinearConfig::new(hidden, horizon).init(device),
        })
    }
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Signature {
    Dense(SigDense),
    Kan(SigKan),
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Model {
    Forecaster(Forecaster),
    LogNcde(LogNeuralCde),
    LinearNcde(LinearNeuralCde),
}

impl Model {
    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        match self {
            Self::Forecaster(model) => model.forward(input),
            Self::LogNcde(model) => model.forward(input),
            Self::LinearNcde(model) => model.forward(input),
        }
    }
}

#[derive(Module, Debug)]
struct Forecaster {
    mix: Option<Linear>,
    signature: Signature,
    hidden: Linear,
    output: Linear,
}

impl Forecaster {
    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        let path = match &self.mix {
            Some(mix) => mix.forward(input),
            None => input,
        };
        let path = match &self.signature {
            Signature::Dense(layer) => layer.forward(path),
            Signature::Kan(layer) => layer.forward(path),
        };
        let hidden = relu(self.hidden.forward(path.flatten::<2>(1, 2)));
        self.output.forward(hidden)
    }
}

fn main() -> ExitCode {
    exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), String> {
    limit_threads(args.threads)?;
    let devices = devices(args)?;
    let lengths = match args.length.as_slice() {
        [] => args.model.lengths(),
        given => given,
    };
    let mut rows = Rows::new(args.json.clone());
    for &length in lengths {
        rows.add(time(args, length, &devices))?;
    }
    Ok(())
}

/// A measurement.
#[derive(Serialize)]
struct Row {
    length: usize,
    depth: usize,
    batch: usize,
    parameters: usize,
    median_ms: f64,
    min_ms: f64,
    steps: usize,
    /// The most memory that the process has had, where Linux tells it.
    peak_mib: Option<f64>,
    /// Of the steps that warm up.
    losses: Vec<f64>,
}

/// The devices that share out a batch.
fn devices(args: &Args) -> Result<Vec<Device>, String> {
    let devices = match args.remote.as_slice() {
        [] => vec![open(args.device.as_deref())?],
        urls => remote_devices(urls).map_err(|error| error.to_string())?,
    };
    Ok(devices.into_iter().map(Device::autodiff).collect())
}

/// What a device has of a batch.
struct Part {
    device: Device,
    input: Tensor<3>,
    target: Tensor<2>,
    /// Its rows over those of the batch.
    share: f64,
}

impl Part {
    /// Its share of the loss of the batch, and the gradients of that share.
    fn gradients(&self, model: &Model) -> (Tensor<1>, GradientsParams) {
        let output = model.forward(self.input.clone());
        let mut loss = MseLoss::new().forward(output, self.target.clone(), Reduction::Mean);
        if self.share < 1.0 {
            loss = loss * self.share;
        }
        let gradients = loss.backward();
        (loss.inner(), GradientsParams::from_grads(gradients, model))
    }
}

/// The loss of each part, and the gradients of the batch on the device of its first part, which has the
/// model.
fn gradients(model: &Model, parts: &[Part]) -> (Vec<Tensor<1>>, GradientsParams) {
    if let [whole] = parts {
        let (loss, gradients) = whole.gradients(model);
        return (vec![loss], gradients);
    }
    let all: Vec<_> = thread::scope(|scope| {
        let start = |part| {
            let model = model.clone();
            scope.spawn(move || Part::gradients(part, &model.fork(&part.device)))
        };
        let threads: Vec<_> = parts.iter().map(start).collect();
        let join = |thread: thread::ScopedJoinHandle<_>| thread.join().expect("no panic");
        threads.into_iter().map(join).collect()
    });
    let (mut losses, mut sum) = (Vec::new(), GradientsAccumulator::new());
    for (loss, gradients) in all {
        losses.push(loss);
        sum.accumulate(model, gradients.to_device(&parts[0].device, model));
    }
    (losses, sum.grads())
}

fn time(args: &Args, length: usize, devices: &[Device]) -> Row {
    let device = &devices[0];
    let (features, horizon) = args.model.sizes();
    let depth = args.depth.unwrap_or(args.model.depth());
    let method = if args.portable {
        SignatureMethod::Parallel
    } else {
        SignatureMethod::Auto
    };
    // Drawn on one device, so that losses are the same on every device.
    let host = Device::flex();
    host.seed(1);
    let init = |device: &Device| args.model.init(length, depth, method, device);
    let model = init(device).load_record(init(&host).into_record());
    let parameters = model.num_params();
    let mut optimizer = AdamConfig::new().init();
    let part = |(index, device): (usize, &Device)| {
        let start = |index| index * args.batch / devices.len();
        let rows = start(index + 1) - start(index);
        let normal = Distribution::Normal(0.0, 1.0);
        let random =
            |shape: [usize; 3]| Tensor::<3>::random(shape, normal, &host).to_device(device);
        Part {
            device: device.clone(),
            input: random([rows, length, features]),
            target: random([rows, 1, horizon]).squeeze_dim::<2>(1),
            share: rows as f64 / args.batch as f64,
        }
    };
    let parts: Vec<Part> = devices.iter().enumerate().map(part).collect();
    let mut trained = Some(model);
    let mut step = || {
        let model = trained.take().expect("put back below");
        let (losses, gradients) = gradients(&model, &parts);
        trained = Some(optimizer.step(1e-3, model, gradients));
        device.sync().expect("the device has done its work");
        losses
    };
    let loss = |parts: Vec<Tensor<1>>| parts.into_iter().map(Tensor::into_scalar::<f64>).sum();
    let losses = (0..args.warm_up).map(|_| loss(step())).collect();
    let times = Times::of(|| drop(step()), |runs, _| runs < args.steps);
    let row = Row {
        length,
        depth,
        batch: args.batch,
        parameters,
        median_ms: times.median_ms,
        min_ms: times.min_ms,
        steps: times.runs,
        peak_mib: peak_mib(),
        losses,
    };
    println!(
        "length {length}, depth {depth}, batch {}, {parameters} parameters: median {:.3} ms, min {:.3} ms, {} steps{}",
        row.batch,
        row.median_ms,
        row.min_ms,
        row.steps,
        row.peak_mib
            .map_or_else(String::new, |mib| format!(", peak memory {mib:.0} MiB")),
    );
    row
}

/// The most memory that the process has had, where Linux tells it.
fn peak_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
