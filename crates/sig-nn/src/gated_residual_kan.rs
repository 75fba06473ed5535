use burn::config::Config;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::nn::activation::{ActivationConfig, EluConfig};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor};

use crate::dense::dense;
use crate::{Gate, GateConfig, KanLinear, KanLinearConfig};

/// Configuration to create a [`GatedResidualKan`] layer using the
/// [init function](GatedResidualKanConfig::init).
#[derive(Config, Debug)]
pub struct GatedResidualKanConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the hidden and output features.
    pub d_output: usize,
    /// The number of intervals that the grid range of both hidden layers is cut into. Default: 3
    #[config(default = 3)]
    pub grid_size: usize,
    /// The degree of the splines. Default: 3, cubic
    #[config(default = 3)]
    pub spline_order: usize,
    /// The grid range of both hidden layers. Default: `[-1, 1]`
    #[config(default = "[-1.0, 1.0]")]
    pub grid_range: [f64; 2],
    /// Whether the hidden layers have a bias. Default: false
    #[config(default = false)]
    pub bias: bool,
    /// The probability of dropout, in the hidden layers and before the gate. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// A value required for the numerical stability of the layer norm. Default: 1e-3, as in Keras
    #[config(default = 1e-3)]
    pub epsilon: f64,
}

/// A [`GatedResidualNetwork`](crate::GatedResidualNetwork) whose two hidden layers are
/// [`KanLinear`].
///
/// `O = LayerNorm(I W_s + b_s + Gate(Dropout(KAN_relu(KAN_elu(I)))))`, each `KAN` named by its base
/// activation and without a layer norm of its own
/// ([Inzirillo & Genet 2024](https://arxiv.org/abs/2406.17890)).
///
/// Should be created with [`GatedResidualKanConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct GatedResidualKan {
    /// First layer of the non-linear branch.
    pub hidden_1: KanLinear,
    /// Second layer of the non-linear branch.
    pub hidden_2: KanLinear,
    /// Dropout between the second layer and the gate.
    pub dropout: Dropout,
    /// The gate of the non-linear branch.
    pub gate: Gate,
    /// The skip connection.
    pub skip: Linear,
    /// The norm of the sum.
    pub norm: LayerNorm,
}

impl GatedResidualKanConfig {
    /// Initialize a new [`GatedResidualKan`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, `grid_range` is empty or not finite, or `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> GatedResidualKan {
        let norm = LayerNormConfig::new(self.d_output).with_epsilon(self.epsilon);
        let hidden = |d_input, base_activation| {
            KanLinearConfig::new(d_input, self.d_output)
                .with_grid_size(self.grid_size)
                .with_spline_order(self.spline_order)
                .with_grid_range(self.grid_range)
                .with_base_activation(base_activation)
                .with_bias(self.bias)
                .with_layer_norm(false)
                .with_dropout(self.dropout)
                .init(device)
        };
        GatedResidualKan {
            hidden_1: hidden(self.d_input, EluConfig::new().into()),
            hidden_2: hidden(self.d_output, ActivationConfig::Relu),
            dropout: DropoutConfig::new(self.dropout).init(),
            gate: GateConfig::new(self.d_output, self.d_output).init(device),
            skip: dense(self.d_input, self.d_output, device),
            norm: norm.init(device),
        }
    }
}

impl GatedResidualKan {
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
        let hidden = self.hidden_2.forward(self.hidden_1.forward(input.clone()));
        let hidden = self.dropout.forward(hidden);
        self.norm
            .forward(self.skip.forward(input) + self.gate.forward(hidden))
    }
}

impl ModuleDisplay for GatedResidualKan {
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
        let network = GatedResidualKanConfig::new(7, 6).init(&Device::default());
        assert_eq!(
            format!("{network}"),
            "GatedResidualKan {d_input: 7, d_output: 6, dropout: 0, params: 820}"
        );
    }

    #[test]
    fn any_rank() {
        let device = Device::default();
        let network = GatedResidualKanConfig::new(3, 2).init(&device);
        let input = Tensor::<3>::random([4, 5, 3], burn::tensor::Distribution::Default, &device);
        let output = network.forward(input.clone());
        assert_eq!(output.dims(), [4, 5, 2]);
        let row = network.forward(input.slice([1..2, 2..3]).reshape([1, 3]));
        let same = output.slice([1..2, 2..3]).reshape([1, 2]);
        row.into_data()
            .assert_approx_eq::<f32>(&same.into_data(), Default::default());
    }
}
