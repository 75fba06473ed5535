use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use sig_nn::{LogSigLayer, LogSigLayerConfig, SigLayer, SigLayerConfig};

use super::{MIXED, Sizes};

/// Units of the hidden layer.
const SIGNATURE: usize = 64;
const LOGSIGNATURE: usize = 112;

/// A mix of the series, the signatures of the last points of its path, of all and of ever fewer, and
/// a hidden layer on them.
#[derive(Module, Debug)]
pub(crate) struct SigLayerForecaster {
    mix: Linear,
    signature: SigLayer,
    head: Head,
}

/// The same with log-signatures.
#[derive(Module, Debug)]
pub(crate) struct LogSigForecaster {
    mix: Linear,
    logsignature: LogSigLayer,
    head: Head,
}

impl SigLayerForecaster {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let signature = SigLayerConfig::new(sizes.depth).with_basepoint(true);
        let features = signature.d_output(MIXED) * endings(sizes.length).count();
        Self {
            mix: LinearConfig::new(sizes.channels, MIXED).init(device),
            signature: signature.init(device),
            head: Head::new(features, SIGNATURE, sizes, device),
        }
    }

    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let features = of_endings(self.mix.forward(inputs), |path| {
            self.signature.forward(path)
        });
        self.head.forward(features)
    }
}

impl LogSigForecaster {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let logsignature = LogSigLayerConfig::new(sizes.depth).with_basepoint(true);
        let features = logsignature.d_output(MIXED) * endings(sizes.length).count();
        Self {
            mix: LinearConfig::new(sizes.channels, MIXED).init(device),
            logsignature: logsignature.init(device),
            head: Head::new(features, LOGSIGNATURE, sizes, device),
        }
    }

    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let features = of_endings(self.mix.forward(inputs), |path| {
            self.logsignature.forward(path)
        });
        self.head.forward(features)
    }
}

/// From features of very different sizes to the forecast.
#[derive(Module, Debug)]
struct Head {
    norm: LayerNorm,
    hidden: Linear,
    output: Linear,
}

impl Head {
    fn new(features: usize, units: usize, sizes: &Sizes, device: &Device) -> Self {
        Self {
            norm: LayerNormConfig::new(features).init(device),
            hidden: LinearConfig::new(features, units).init(device),
            output: LinearConfig::new(units, sizes.horizon).init(device),
        }
    }

    fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        let hidden = relu(self.hidden.forward(self.norm.forward(features)));
        self.output.forward(hidden)
    }
}

/// `length`, and its halves down to 2.
fn endings(length: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(length), |length| Some(length / 2)).take_while(|&length| length >= 2)
}

/// The features of each ending of a path, side by side.
fn of_endings(path: Tensor<3>, features: impl Fn(Tensor<3>) -> Tensor<2>) -> Tensor<2> {
    let [_, length, _] = path.dims();
    let of = |points| features(path.clone().narrow(1, length - points, points));
    Tensor::cat(endings(length).map(of).collect(), 1)
}
