use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::{Architecture, Sizes};

/// Units of each hidden layer: by default as many parameters as `sigdense` has.
const UNITS: usize = 76;

/// Two hidden layers on all values of the window.
#[derive(Module, Debug)]
pub(crate) struct MlpForecaster {
    first: Linear,
    second: Linear,
    output: Linear,
}

impl Architecture for MlpForecaster {
    const WEIGHT_DECAY: f32 = 0.6;

    fn new(sizes: &Sizes, device: &Device) -> Self {
        Self {
            first: LinearConfig::new(sizes.length * sizes.channels, UNITS).init(device),
            second: LinearConfig::new(UNITS, UNITS).init(device),
            output: LinearConfig::new(UNITS, sizes.horizon).init(device),
        }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let hidden = relu(self.first.forward(inputs.flatten::<2>(1, 2)));
        let hidden = relu(self.second.forward(hidden));
        self.output.forward(hidden)
    }
}
