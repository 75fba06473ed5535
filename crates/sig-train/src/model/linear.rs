use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Architecture, Sizes};

/// A linear map of all values of the window.
#[derive(Module, Debug)]
pub(crate) struct LinearForecaster {
    output: Linear,
}

impl Architecture for LinearForecaster {
    const WEIGHT_DECAY: f32 = 0.01;

    fn new(sizes: &Sizes, device: &Device) -> Self {
        let output = LinearConfig::new(sizes.length * sizes.channels, sizes.horizon).init(device);
        Self { output }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        self.output.forward(inputs.flatten(1, 2))
    }
}
