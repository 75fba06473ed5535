use burn::module::Module;
use burn::nn::gru::{Gru, GruConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Architecture, Sizes};

/// Hidden units.
const UNITS: usize = 64;

/// A recurrent network whose last state is mapped to the forecast.
#[derive(Module, Debug)]
pub(crate) struct GruForecaster {
    gru: Gru,
    output: Linear,
}

impl Architecture for GruForecaster {
    const WEIGHT_DECAY: f32 = 0.2;

    fn new(sizes: &Sizes, device: &Device) -> Self {
        Self {
            gru: GruConfig::new(sizes.channels, UNITS, true).init(device),
            output: LinearConfig::new(UNITS, sizes.horizon).init(device),
        }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let [batch, length, _] = inputs.dims();
        let states = self.gru.forward(inputs, None);
        let last = states
            .slice([0..batch, length - 1..length, 0..UNITS])
            .squeeze_dim(1);
        self.output.forward(last)
    }
}
