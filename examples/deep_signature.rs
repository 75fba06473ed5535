//! Signatures between the layers of a network, as in Deep Signature Transforms
//! ([Bonnier, Kidger, Perez Arribas, Salvi & Lyons 2019](https://arxiv.org/abs/1905.08494)):
//! `cargo run --release --example deep_signature`.
//!
//! A signature of all prefixes is a path again, so that what follows can be another network along the
//! path and another signature. The task: which of two noisy waves is ahead.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_sig::{DeviceError, NamedDevice, prelude::*};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const LENGTH: usize = 30;
const BATCH: usize = 64;
const STEPS: usize = 150;

#[derive(Module, Debug)]
struct DeepSignature {
    /// Along the path: `[batch, 30, 2]` to `[batch, 30, 5]`.
    augment: Augment,
    /// All prefixes: to `[batch, 29, 30]`.
    stream: SigLayer,
    /// Along the path of signatures, three points at a time: to `[batch, 27, 4]`.
    narrow: Augment,
    /// The whole: to `[batch, 20]`.
    signature: SigLayer,
    output: Linear,
}

impl DeepSignature {
    fn new(device: &Device) -> Self {
        let augment = AugmentConfig::new(2, vec![8, 2]);
        let stream = SigLayerConfig::new(2);
        let terms = stream.d_output(augment.d_output());
        let narrow = AugmentConfig::new(terms, vec![16, 4])
            .with_kernel_size(3)
            .with_original(false)
            .with_time(false);
        let signature = SigLayerConfig::new(2);
        let output = LinearConfig::new(signature.d_output(narrow.d_output()), 2);
        Self {
            augment: augment.init(device),
            stream: stream.init(device),
            narrow: narrow.init(device),
            signature: signature.init(device),
            output: output.init(device),
        }
    }

    /// `[batch, length, 2]` to `[batch, 2]`
    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let path = self.stream.forward_stream(self.augment.forward(path));
        let features = self.signature.forward(self.narrow.forward(path));
        self.output.forward(features)
    }
}

/// Two waves, one a quarter behind the other, with noise: paths `[BATCH, LENGTH, 2]`, and which leads.
fn waves(random: &mut StdRng, device: &Device) -> (Tensor<3>, Tensor<1, Int>) {
    let (mut points, mut leads) = (Vec::new(), Vec::new());
    for _ in 0..BATCH {
        let lead = random.random_range(0..2i64);
        let (start, speed) = (random.random_range(0.0..6.3), random.random_range(0.2..0.4));
        for t in 0..LENGTH {
            let phase = start + speed * t as f64;
            let waves =
                [phase, phase - 1.0].map(|phase| phase.sin() + random.random_range(-0.3..0.3));
            points.extend([waves[lead as usize], waves[1 - lead as usize]]);
        }
        leads.push(lead);
    }
    let points = TensorData::new(points, [BATCH, LENGTH, 2]);
    let leads = TensorData::new(leads, [BATCH]);
    (
        Tensor::from_data(points, device),
        Tensor::from_data(leads, device),
    )
}

fn main() -> Result<(), DeviceError> {
    sig_train::warn_if_unoptimised();
    // The best backend that has a device here, or the one that BURN_DEVICE names.
    let found = NamedDevice::open(None)?;
    println!("Device: {found}");
    let device = found.device.autodiff();
    device.seed(1);
    let mut random = StdRng::seed_from_u64(1);
    let mut model = DeepSignature::new(&device);
    println!("{model}");
    let cross_entropy = CrossEntropyLossConfig::new().init(&device);
    let mut adam = AdamConfig::new().init();
    for step in 0..=STEPS {
        let (paths, leads) = waves(&mut random, &device);
        let scores = model.forward(paths);
        let right = scores
            .clone()
            .argmax(1)
            .reshape([BATCH])
            .equal(leads.clone());
        let loss = cross_entropy.forward(scores, leads);
        if step % 25 == 0 {
            let right = right.int().sum().into_scalar::<i64>();
            let value = loss.clone().into_scalar::<f32>();
            println!("step {step:3}: loss {value:.4}, {right} of {BATCH} right");
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = adam.step(5e-3, model, gradients);
    }
    Ok(())
}
