use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation::sigmoid};

use crate::layer::{linear, one_line_display};

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
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::GateConfig;
///
/// let device = Device::flex();
/// let gate = GateConfig::new(4, 3).init(&device);
/// assert_eq!(gate.forward(Tensor::<2>::ones([8, 4], &device)).dims(), [8, 3]);
/// ```
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
        linear(&self.value, input.clone()) * sigmoid(linear(&self.gate, input))
    }
}

one_line_display!(Gate, |gate, content| {
    let [d_input, d_output] = gate.value.weight.shape().dims();
    content.add("d_input", &d_input).add("d_output", &d_output)
});

/// A linear layer that starts as a Keras `Dense` does: Glorot uniform weights, zero bias. The
/// layers of this crate come from Keras models, whose depth was tuned with that start.
pub(crate) fn dense(d_input: usize, d_output: usize, device: &Device) -> Linear {
    let mut linear = LinearConfig::new(d_input, d_output)
        .with_bias(false)
        .with_initializer(Initializer::XavierUniform { gain: 1.0 })
        .init(device);
    linear.bias = Some(Initializer::Zeros.init([d_output], device));
    linear
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
