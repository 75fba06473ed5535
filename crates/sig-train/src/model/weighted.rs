use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use sig_nn::{SigDense, SigDenseConfig, SigKan, SigKanConfig};

use super::{MIXED, Sizes};
use crate::config::Preset;

/// A mix of the series, a layer on its path whose units the signature weights, and two layers on all
/// that it gives.
#[derive(Module, Debug)]
pub(crate) struct WeightedForecaster {
    mix: Linear,
    signature: Weighted,
    hidden: Linear,
    output: Linear,
}

/// From a path to a path.
#[allow(clippy::large_enum_variant, reason = "there is one of them a model")]
#[derive(Module, Debug)]
enum Weighted {
    Dense(SigDense),
    Kan(SigKan),
}

impl WeightedForecaster {
    pub(crate) fn sigdense(sizes: &Sizes, device: &Device) -> Self {
        let (units, legacy) = match sizes.preset {
            Preset::Study => (16, false),
            Preset::KerasSig => (10, true),
        };
        let layer = SigDenseConfig::new(MIXED, units, sizes.length, sizes.depth);
        let layer = layer.with_legacy(legacy).init(device);
        Self::new(Weighted::Dense(layer), units, sizes, device)
    }

    pub(crate) fn sigkan(sizes: &Sizes, device: &Device) -> Self {
        let (units, legacy) = match sizes.preset {
            Preset::Study => (12, false),
            Preset::KerasSig => (10, true),
        };
        let layer = SigKanConfig::new(MIXED, units, sizes.length, sizes.depth);
        let layer = layer.with_legacy(legacy).init(device);
        Self::new(Weighted::Kan(layer), units, sizes, device)
    }

    fn new(signature: Weighted, units: usize, sizes: &Sizes, device: &Device) -> Self {
        let hidden = match sizes.preset {
            Preset::Study => 32,
            Preset::KerasSig => 10,
        };
        Self {
            mix: LinearConfig::new(sizes.channels, MIXED).init(device),
            signature,
            hidden: LinearConfig::new(sizes.length * units, hidden).init(device),
            output: LinearConfig::new(hidden, sizes.horizon).init(device),
        }
    }

    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let path = self.mix.forward(inputs);
        let weighted = match &self.signature {
            Weighted::Dense(layer) => layer.forward(path),
            Weighted::Kan(layer) => layer.forward(path),
        };
        let hidden = relu(self.hidden.forward(weighted.flatten::<2>(1, 2)));
        self.output.forward(hidden)
    }
}
