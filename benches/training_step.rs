//! Times a training step of the model in keras_sig's README, as `benches/peers/training_step.py`
//! does on JAX: forward, mean square error, backward, Adam.
//!
//! ```sh
//! cargo bench --bench training_step -- --length 500 --threads 2
//! ```

use std::time::Instant;

use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use burn_sig::core::SignatureMethod;
use burn_sig::prelude::*;
use burn_sig::train::NamedDevice;
use clap::Parser;

const FEATURES: usize = 10;
const HORIZON: usize = 10;

/// Times a training step of Dense(7) → SigDense(10) → Flatten → Dense(10, relu) → Dense(10).
#[derive(Parser)]
#[command(name = "training_step")]
struct Args {
    /// Points of a path; may be repeated
    #[arg(long, default_values_t = [20, 500], value_parser = positive)]
    length: Vec<usize>,
    /// Paths
    #[arg(long, default_value_t = 128, value_parser = positive)]
    batch: usize,
    /// The last level
    #[arg(long, default_value_t = 3, value_parser = positive)]
    depth: usize,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long, value_parser = positive)]
    threads: Option<usize>,
    /// Steps to take the median of
    #[arg(long, default_value_t = 50, value_parser = positive)]
    steps: usize,
    /// The parallel, portable signature instead of the fused one
    #[arg(long)]
    portable: bool,
    /// A device that is compiled in; Burn's default if not given
    #[arg(long)]
    device: Option<String>,
    /// Passed by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be a whole number from 1 on".into()),
        Ok(number) => Ok(number),
    }
}

#[derive(Module, Debug)]
struct Model {
    mix: Linear,
    signature: SigDense,
    hidden: Linear,
    output: Linear,
}

impl Model {
    fn new(args: &Args, length: usize, device: &Device) -> Self {
        let method = match args.portable {
            true => SignatureMethod::Parallel,
            false => SignatureMethod::Auto,
        };
        let signature = SigDenseConfig::new(7, 10, length, args.depth)
            .with_legacy(true)
            .with_method(method);
        Self {
            mix: LinearConfig::new(FEATURES, 7).init(device),
            signature: signature.init(device),
            hidden: LinearConfig::new(10 * length, 10).init(device),
            output: LinearConfig::new(10, HORIZON).init(device),
        }
    }

    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        let path = self.signature.forward(self.mix.forward(input));
        let hidden = relu(self.hidden.forward(path.flatten::<2>(1, 2)));
        self.output.forward(hidden)
    }
}

fn main() {
    let args = Args::parse();
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build_global().expect("nobody has used the pool yet");
    }
    let device = match args.device.as_deref() {
        None => Device::default(),
        name => match NamedDevice::open(name) {
            Ok(named) => named.device,
            Err(error) => {
                eprintln!("error: {error}");
                std::process::exit(1);
            }
        },
    }
    .autodiff();
    for &length in &args.length {
        time(&args, length, &device);
    }
}

fn time(args: &Args, length: usize, device: &Device) {
    let mut model = Model::new(args, length, device);
    let parameters = model.num_params();
    let mut optimizer = AdamConfig::new().init();
    let random =
        |shape: [usize; 3]| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), device);
    let input = random([args.batch, length, FEATURES]);
    let target = random([args.batch, 1, HORIZON]).squeeze_dim::<2>(1);
    let mut times = Vec::new();
    for step in 0..args.steps + 5 {
        let start = Instant::now();
        let output = model.forward(input.clone());
        let loss = MseLoss::new().forward(output, target.clone(), Reduction::Mean);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimizer.step(1e-3, model, gradients);
        device.sync().expect("the device has done its work");
        // The first ones warm up.
        if step >= 5 {
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    println!(
        "length {length}, depth {}, batch {}, {parameters} parameters: median {:.3} ms, min {:.3} ms",
        args.depth,
        args.batch,
        times[times.len() / 2],
        times[0]
    );
}
