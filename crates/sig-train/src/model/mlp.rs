use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::Sizes;

/// Units of each hidden layer: by default as many parameters as `sigdense` has.
const UNITS: usize = 76;

/// Two hidden layers on all values of the window.
#[derive(Module, Debug)]
pub(crate) struct MlpForecaster {
    first: Linear,
    second: Linear,
    output: Linear,
}

impl MlpForecaster {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        Self {
            first: LinearConfig::new(sizes.length * sizes.channels, UNITS).init(device),
            second: LinearConfig::new(UNITS, UNITS).init(device),
            output: LinearConfig::new(UNITS, sizes.horizon).init(device),
        }
    }

    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let hidden = relu(self.first.forward(inputs.flatten::<2>(1, 2)));
        let hidden = relu(self.second.forward(hidden));
        self.output.forward(hidden)
    }
}
