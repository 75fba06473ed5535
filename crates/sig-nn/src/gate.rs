use burn::config::Config;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation::sigmoid};

use crate::dense::dense;

/// Configuration to create a [`Gate`] layer using the [init function](GateConfig::init).
#[derive(Config, Debug)]
pub struct GateConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the output features.
    pub d_output: usize,
}

/// A gated linear unit, which lets the network close a path through it: a linear map of the input
/// times the sigmoid of another.
///
/// `O = (I W_v + b_v) ⊙ σ(I W_g + b_g)`
/// ([Dauphin et al. 2017](https://arxiv.org/abs/1612.08083))
///
/// Should be created with [`GateConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Gate {
    /// The map that is let through.
    pub value: Linear,
    /// The map whose sigmoid is the gate.
    pub gate: Linear,
}

impl GateConfig {
    /// Initialize a new [`Gate`] module.
    pub fn init(&self, device: &Device) -> Gate {
        Gate {
            value: dense(self.d_input, self.d_output, device),
            gate: dense(self.d_input, self.d_output, device),
        }
    }
}

impl Gate {
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
        self.value.forward(input.clone()) * sigmoid(self.gate.forward(input))
    }
}

impl ModuleDisplay for Gate {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [d_input, d_output] = self.value.weight.shape().dims();
        content
            .add("d_input", &d_input)
            .add("d_output", &d_output)
            .optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display() {
        let gate = GateConfig::new(3, 2).init(&Device::default());
        assert_eq!(
            format!("{gate}"),
            "Gate {d_input: 3, d_output: 2, params: 16}"
        );
    }

    #[test]
    fn a_closed_gate_lets_nothing_through() {
        let device = Device::default();
        let mut gate = GateConfig::new(2, 2).init(&device);
        gate.gate.bias = gate.gate.bias.map(|bias| bias.map(|bias| bias - 1e4));
        let output = gate.forward(Tensor::<2>::ones([1, 2], &device));
        assert_eq!(output.into_data().try_to_vec::<f32>().unwrap(), [0.0, 0.0]);
    }
}
