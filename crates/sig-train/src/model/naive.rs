use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Architecture, Sizes};

/// Repeats the last value of the target. If the target is not among the channels, forecasts its
/// mean on the training part, which is 0 after scaling. The score that every other model has to
/// beat.
#[derive(Module, Debug)]
pub(crate) struct NaiveForecaster {
    target: Option<usize>,
    horizon: usize,
}

impl Architecture for NaiveForecaster {
    const WEIGHT_DECAY: f32 = 0.0;
    const LEARNS: bool = false;

    fn new(sizes: &Sizes, _device: &Device) -> Self {
        Self {
            target: sizes.target,
            horizon: sizes.horizon,
        }
    }

    fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        let [batch, length, _] = inputs.dims();
        let last = match self.target {
            Some(target) => inputs.slice([0..batch, length - 1..length, target..target + 1]),
            None => inputs.slice([0..batch, 0..1, 0..1]) * 0.0,
        };
        last.squeeze_dim::<2>(2).expand([batch, self.horizon])
    }
}
