//! Every layer with every scaling trains for 50 steps at depths 1 to 5, on standardised data, raw
//! data of ±10⁴ and data that hardly moves, without a loss, a gradient or a weight that is not
//! finite. Scalings that bring raw data to one size learn from it, too.

use burn::module::{Module, ModuleDisplay, ModuleVisitor, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use sig_nn::cde::*;
use sig_nn::random::*;
use sig_nn::*;

const SCALINGS: [SignatureScaling; 5] = [
    SignatureScaling::None,
    SignatureScaling::Factorial,
    SignatureScaling::Learned,
    SignatureScaling::LayerNorm,
    SignatureScaling::SignedLog,
];

const STEPS: usize = 50;
const BATCH: usize = 2;
const LENGTH: usize = 4;

/// A layer of paths and a linear layer on its output, for two classes.
#[derive(Module, Debug)]
struct Classifier<M> {
    layer: M,
    output: Linear,
}

/// Checks the gradients and the values of all parameters.
struct Finite<'a>(Option<&'a Gradients>, bool);

impl ModuleVisitor for Finite<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = match self.0 {
            Some(gradients) => param.val().grad(gradients),
            None => Some(param.val().inner()),
        };
        let finite = |tensor: Tensor<D>| tensor.into_data().iter::<f32>().all(f32::is_finite);
        self.1 &= tensor.is_none_or(finite);
    }
}

/// Paths in two channels: standardised, raw, and nearly constant.
fn data(device: &Device) -> [(&'static str, Tensor<3>); 3] {
    let number = |i: usize| ((i * i * 7 + i) as f32 * 0.61).sin() * 1.4;
    let values: Vec<f32> = (0..BATCH * LENGTH * 2).map(number).collect();
    let path = Tensor::<3>::from_data(TensorData::new(values, [BATCH, LENGTH, 2]), device);
    [
        ("standardised", path.clone()),
        ("raw", path.clone() * 1e4),
        ("nearly constant", path * 1e-6 + 1.0),
    ]
}

/// Trains a layer whose forward pass gives `[batch, features]`; where it `learns`, the loss must fall
/// on data that moves.
fn trains<M: Module + ModuleDisplay>(
    name: &str,
    learns: bool,
    init: impl Fn() -> M,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<2>,
) {
    let device = Device::default().autodiff();
    let targets = Tensor::<1, Int>::from_data([0, 1], &device);
    let loss = CrossEntropyLossConfig::new().init(&device);
    for (data, path) in data(&device) {
        let layer = init();
        let [_, features] = forward(&layer.valid(), path.clone().inner()).dims();
        // Without a bias, nothing but the features can be learned from.
        let output = LinearConfig::new(features, 2)
            .with_bias(false)
            .init(&device);
        let mut model = Classifier { layer, output };
        let mut adam = AdamConfig::new().init();
        let (mut first, mut last) = (f32::NAN, f32::NAN);
        for step in 1..=STEPS {
            let scores = model.output.forward(forward(&model.layer, path.clone()));
            let loss = loss.forward(scores, targets.clone());
            let gradients = loss.backward();
            let mut finite = Finite(Some(&gradients), true);
            // One that is not finite leaves weights that are not.
            if step == 1 || step == STEPS {
                model.visit(&mut finite);
            }
            let value = loss.into_scalar::<f32>();
            assert!(
                value.is_finite() && finite.1,
                "{name}, {data} data, step {step}: the loss is {value}, gradients finite: {}",
                finite.1
            );
            (first, last) = (if step == 1 { value } else { first }, value);
            let gradients = GradientsParams::from_grads(gradients, &model);
            model = adam.step(1e-3, model, gradients);
        }
        if learns && data != "nearly constant" {
            // Chance may have told both paths apart from the start.
            let better = last < first || first < 1e-3;
            assert!(better, "{name}, {data} data: {first} to {last}");
        }
        let mut finite = Finite(None, true);
        model.visit(&mut finite);
        assert!(finite.1, "{name}, {data} data: a weight is not finite");
    }
}

/// Every scaling at every depth.
fn all() -> impl Iterator<Item = (SignatureScaling, usize)> {
    let depths = |scaling| (1..=5).map(move |depth| (scaling, depth));
    SCALINGS.into_iter().flat_map(depths)
}

/// Whether features of raw data are of a size that a linear layer learns from.
fn is_bounded(scaling: SignatureScaling) -> bool {
    matches!(
        scaling,
        SignatureScaling::LayerNorm | SignatureScaling::SignedLog
    )
}

#[test]
fn sig_layer() {
    let device = Device::default().autodiff();
    for (scaling, depth) in all() {
        let config = SigLayerConfig::new(depth).with_scaling(scaling);
        let config = config.with_channels(Some(2));
        let name = format!("SigLayer with {scaling:?} at depth {depth}");
        trains(
            &name,
            is_bounded(scaling),
            || config.init(&device),
            SigLayer::forward,
        );
    }
}

#[test]
fn log_sig_layer() {
    let device = Device::default().autodiff();
    for (scaling, depth) in all() {
        let config = LogSigLayerConfig::new(depth).with_scaling(scaling);
        let config = config.with_channels(Some(2));
        let name = format!("LogSigLayer with {scaling:?} at depth {depth}");
        trains(
            &name,
            is_bounded(scaling),
            || config.init(&device),
            LogSigLayer::forward,
        );
    }
}

#[test]
fn sig_dense() {
    let device = Device::default().autodiff();
    for (scaling, depth) in all() {
        let config = SigDenseConfig::new(2, 3, LENGTH, depth).with_scaling(scaling);
        let forward = |layer: &SigDense, path| layer.forward(path).flatten(1, 2);
        let name = format!("SigDense with {scaling:?} at depth {depth}");
        trains(&name, false, || config.init(&device), forward);
    }
}

#[test]
fn sig_kan() {
    let device = Device::default().autodiff();
    for (scaling, depth) in all() {
        let config = SigKanConfig::new(2, 3, LENGTH, depth).with_scaling(scaling);
        let forward = |layer: &SigKan, path| layer.forward(path).flatten(1, 2);
        let name = format!("SigKan with {scaling:?} at depth {depth}");
        trains(&name, false, || config.init(&device), forward);
    }
}

#[test]
fn differential_equations() {
    let device = Device::default().autodiff();
    for depth in [1, 2] {
        let config = LogNeuralCdeConfig::new(2, 4, 3)
            .with_depth(depth)
            .with_width(8);
        let name = format!("LogNeuralCde at depth {depth}");
        trains(&name, false, || config.init(&device), LogNeuralCde::forward);
        let config = NeuralRdeConfig::new(2, 4, 3)
            .with_depth(depth)
            .with_width(8);
        let name = format!("NeuralRde at depth {depth}");
        trains(&name, false, || config.init(&device), NeuralRde::forward);
        let config = LinearNeuralCdeConfig::new(2, 4, 3).with_depth(depth);
        let name = format!("LinearNeuralCde at depth {depth}");
        trains(
            &name,
            false,
            || config.init(&device),
            LinearNeuralCde::forward,
        );
    }
    let config = NeuralCdeConfig::new(2, 4, 3).with_width(8);
    trains(
        "NeuralCde",
        false,
        || config.init(&device),
        NeuralCde::forward,
    );
}

#[test]
fn features_of_paths() {
    let device = Device::default().autodiff();
    let config = PathDevelopmentConfig::new(2, 3);
    let forward = |layer: &PathDevelopment, path| layer.forward(path).flatten(1, 3);
    // Raw steps turn a rotation thousands of times: nothing is learned from them.
    trains("PathDevelopment", false, || config.init(&device), forward);
    let config = SigPatchesConfig::new(2, 2).with_scaling(SignatureScaling::SignedLog);
    let forward = |layer: &SigPatches, path| layer.forward(path).flatten(1, 2);
    trains("SigPatches", true, || config.init(&device), forward);
    let config = RandomSignatureFeaturesConfig::new(2, 8);
    let init = || config.init(&device);
    trains(
        "RandomSignatureFeatures",
        true,
        init,
        RandomSignatureFeatures::forward,
    );
    let config = RandomCdeConfig::new(2, 8);
    trains(
        "RandomCde",
        false,
        || config.init(&device),
        RandomCde::forward,
    );
}
