use burn::module::{Module, ModuleDisplay};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::architecture::MIXED;
use super::{Architecture, Sizes};

/// What the signature models differ in: the features of a path.
pub(super) trait Features: Module + ModuleDisplay {
    /// The layer for paths of `sizes.length` points in [`MIXED`] channels, the number of its
    /// features, and the units of the hidden layer on them.
    fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize);

    /// # Shapes
    ///
    /// - path: `[batch, length, MIXED]`
    /// - output: `[batch, features]`
    fn forward(&self, path: Tensor<3>) -> Tensor<2>;
}

/// A linear mix of the series makes a path, whose features go through a hidden layer.
#[derive(Module, Debug)]
pub(crate) struct SignatureForecaster<F> {
    mix: Linear,
    features: F,
    hidden: Linear,
    output: Linear,
}

impl<F: Features> Architecture for SignatureForecaster<F> {
    const WEIGHT_DECAY: f32 = 1.0;
    const HAS_SIGNATURE: bool = true;

    fn new(sizes: &Sizes, device: &Device) -> Self {
        let (features, width, units) = F::new(sizes, device);
        Self {
            mix: LinearConfig::new(sizes.channels, MIXED).init(device),
            features,
            hidden: LinearConfig::new(width, units).init(device),
            output: LinearConfig::new(units, sizes.horizon).init(device),
        }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let features = self.features.forward(self.mix.forward(inputs));
        self.output.forward(relu(self.hidden.forward(features)))
    }
}
