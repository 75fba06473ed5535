use burn::module::Module;
use burn::nn::lstm::{Lstm, LstmConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Architecture, Sizes};

/// Hidden units.
const UNITS: usize = 56;

/// A recurrent network with long short-term memory, whose last state is mapped to the forecast.
#[derive(Module, Debug)]
pub(crate) struct LstmForecaster {
    lstm: Lstm,
    output: Linear,
}

impl Architecture for LstmForecaster {
    const WEIGHT_DECAY: f32 = 0.2;

    fn new(sizes: &Sizes, device: &Device) -> Self {
        Self {
            lstm: LstmConfig::new(sizes.channels, UNITS, true).init(device),
            output: LinearConfig::new(UNITS, sizes.horizon).init(device),
        }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let (_, state) = self.lstm.forward(inputs, None);
        self.output.forward(state.hidden)
    }
}
