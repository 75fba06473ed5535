use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use sig_nn::{SigDense, SigDenseConfig};

use super::{MIXED, Sizes};
use crate::config::Preset;

/// A mix of the series, a [`SigDense`] layer on its path, and two layers on all that it gives.
#[derive(Module, Debug)]
pub(crate) struct SigDenseForecaster {
    mix: Linear,
    signature: SigDense,
    hidden: Linear,
    output: Linear,
}

impl SigDenseForecaster {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let (units, hidden) = match sizes.preset {
            Preset::Study => (16, 32),
            Preset::KerasSig => (10, 10),
        };
        let signature = SigDenseConfig::new(MIXED, units, sizes.length, sizes.depth)
            .with_legacy(sizes.preset == Preset::KerasSig);
        Self {
            mix: LinearConfig::new(sizes.channels, MIXED).init(device),
            signature: signature.init(device),
            hidden: LinearConfig::new(sizes.length * units, hidden).init(device),
            output: LinearConfig::new(hidden, sizes.horizon).init(device),
        }
    }

    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let weighted = self.signature.forward(self.mix.forward(inputs));
        let hidden = relu(self.hidden.forward(weighted.flatten::<2>(1, 2)));
        self.output.forward(hidden)
    }
}
