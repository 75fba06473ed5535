use burn::config::Config;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::activation::elu;
use burn::tensor::{Device, Tensor};

use crate::dense::dense;
use crate::{Gate, GateConfig};

/// Configuration to create a [`GatedResidualNetwork`] layer using the
/// [init function](GatedResidualNetworkConfig::init).
#[derive(Config, Debug)]
pub struct GatedResidualNetworkConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the hidden and output features.
    pub d_output: usize,
    /// The probability of dropout before the gate. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// A value required for the numerical stability of the layer norm. Default: 1e-3, as in Keras
    #[config(default = 1e-3)]
    pub epsilon: f64,
}

/// A small network that can fall back to a linear map: its non-linear branch ends in a [`Gate`]
/// and is added to a linear skip connection.
///
/// `O = LayerNorm(I W_s + b_s + Gate(Dropout(Linear(elu(Linear(I))))))`
///
/// After [Lim et al. 2021](https://arxiv.org/abs/1912.09363), with the skip connection always a
/// linear map, as in [SigKAN](https://arxiv.org/abs/2406.17890).
///
/// Should be created with [`GatedResidualNetworkConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct GatedResidualNetwork {
    /// First map of the non-linear branch.
    pub hidden_1: Linear,
    /// Second map of the non-linear branch.
    pub hidden_2: Linear,
    /// Dropout between the second map and the gate.
    pub dropout: Dropout,
    /// The gate of the non-linear branch.
    pub gate: Gate,
    /// The skip connection.
    pub skip: Linear,
    /// The norm of the sum.
    pub norm: LayerNorm,
}

impl GatedResidualNetworkConfig {
    /// Initialize a new [`GatedResidualNetwork`] module.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> GatedResidualNetwork {
        let norm = LayerNormConfig::new(self.d_output).with_epsilon(self.epsilon);
        GatedResidualNetwork {
            hidden_1: dense(self.d_input, self.d_output, device),
            hidden_2: dense(self.d_output, self.d_output, device),
            dropout: DropoutConfig::new(self.dropout).init(),
            gate: GateConfig::new(self.d_output, self.d_output).init(device),
            skip: dense(self.d_input, self.d_output, device),
            norm: norm.init(device),
        }
    }
}

impl GatedResidualNetwork {
    /// Applies the forward pass on the input tensor.
    ///
    /// # Shapes
    ///
    /// - input: `[..., d_input]`
    /// - output: `[..., d_output]`
    ///
    /// # Panics
    ///
    /// Panics if the last axis of `input` is not `d_input`.
    #[track_caller]
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let hidden = elu(self.hidden_1.forward(input.clone()), 1.0);
        let hidden = self.dropout.forward(self.hidden_2.forward(hidden));
        self.norm
            .forward(self.skip.forward(input) + self.gate.forward(hidden))
    }
}

impl ModuleDisplay for GatedResidualNetwork {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [d_input, d_output] = self.skip.weight.shape().dims();
        content
            .add("d_input", &d_input)
            .add("d_output", &d_output)
            .add("dropout", &self.dropout.prob)
            .optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display() {
        let network = GatedResidualNetworkConfig::new(7, 6).init(&Device::default());
        assert_eq!(
            format!("{network}"),
            "GatedResidualNetwork {d_input: 7, d_output: 6, dropout: 0, params: 234}"
        );
    }

    #[test]
    fn any_rank() {
        let device = Device::default();
        let network = GatedResidualNetworkConfig::new(3, 2).init(&device);
        let input = Tensor::<3>::random([4, 5, 3], burn::tensor::Distribution::Default, &device);
        let output = network.forward(input.clone());
        assert_eq!(output.dims(), [4, 5, 2]);
        let row = network.forward(input.slice([1..2, 2..3]).reshape([1, 3]));
        let same = output.slice([1..2, 2..3]).reshape([1, 2]);
        row.into_data()
            .assert_approx_eq::<f32>(&same.into_data(), Default::default());
    }
}
