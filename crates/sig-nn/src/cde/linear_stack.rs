use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use sig_core::windows::Windows;

use super::linear_neural_cde::{Flow, LinearNeuralCde, LinearNeuralCdeConfig};
use crate::layer::{assert_dropout, assert_positive, one_line_display};
use crate::ragged::{mean_of_rows, zero_after};
use crate::{Gate, GateConfig, PathTransform};

/// Configuration to create a [`LinearNeuralCdeBlock`] using the
/// [init function](LinearNeuralCdeBlockConfig::init).
#[derive(Config, Debug)]
pub struct LinearNeuralCdeBlockConfig {
    /// The number of channels of the path, which is that of the output.
    pub d_model: usize,
    /// The size of the blocks on the diagonal. Default: 4
    #[config(default = 4)]
    pub block_size: usize,
    /// The probability of dropout. Default: 0.1
    #[config(default = 0.1)]
    pub dropout: f64,
}

/// A block of a stack: a [`LinearNeuralCde`] along every step and a gated linear unit, each beside a
/// skip connection, then a layer norm and dropout.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::LinearNeuralCdeBlockConfig;
///
/// let device = Device::flex();
/// let block = LinearNeuralCdeBlockConfig::new(16).init(&device);
/// assert_eq!(block.forward(Tensor::ones([8, 20, 16], &device)).dims(), [8, 20, 16]);
/// ```
///
/// Should be created with [`LinearNeuralCdeBlockConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LinearNeuralCdeBlock {
    /// The recurrence along the path.
    pub cde: LinearNeuralCde,
    /// What mixes the channels of each point.
    pub gate: Gate,
    /// The norm of each point.
    pub norm: LayerNorm,
    /// Dropout of the output.
    pub dropout: Dropout,
}

impl LinearNeuralCdeBlockConfig {
    /// Initialize a new [`LinearNeuralCdeBlock`] module.
    ///
    /// # Panics
    ///
    /// Panics as [`LinearNeuralCdeConfig::init`], or if `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> LinearNeuralCdeBlock {
        assert_dropout("LinearNeuralCdeBlock", self.dropout);
        let size = self.d_model;
        let cde = LinearNeuralCdeConfig::new(size, size, size)
            .with_depth(1)
            .with_windows(Windows::Consecutive { steps: 1 })
            .with_block_size(self.block_size);
        LinearNeuralCdeBlock {
            cde: cde.init(device),
            gate: GateConfig::new(size, size).init(device),
            norm: LayerNormConfig::new(size).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }
}

impl LinearNeuralCdeBlock {
    /// Applies the forward pass on a batch of paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_model]`
    /// - output: `[batch, length, d_model]`
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or not `d_model` channels.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        let moved = self.cde.forward_sequence(path.clone());
        self.finished(path + moved)
    }

    /// Applies the forward pass on paths of different lengths, padded to one: each row gives what the
    /// row alone gives, with zeros behind its last point.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_model]`
    /// - output: `[batch, length, d_model]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or one is 0
    /// or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        let (moved, counts) = self.cde.forward_sequence_ragged(path.clone(), lengths);
        let (longest, length) = (moved.dims()[1], path.dims()[1]);
        let path = zero_after(path, &counts);
        let mut parts = vec![self.finished(path.clone().narrow(1, 0, longest) + moved)];
        if longest < length {
            // No row reaches the points behind the longest.
            parts.push(path.narrow(1, longest, length - longest));
        }
        zero_after(Tensor::cat(parts, 1), &counts)
    }

    fn finished(&self, points: Tensor<3>) -> Tensor<3> {
        let points = points.clone() + self.gate.forward(points);
        self.dropout.forward(self.norm.forward(points))
    }
}

one_line_display!(LinearNeuralCdeBlock, |block, content| {
    let [_, blocks, block_size, _] = block.cde.weight.shape().dims();
    content
        .add("d_model", &(blocks * block_size))
        .add("block_size", &block_size)
        .add("dropout", &block.dropout.prob)
});

/// Configuration to create a [`LinearNeuralCdeStack`] using the
/// [init function](LinearNeuralCdeStackConfig::init).
#[derive(Config, Debug)]
pub struct LinearNeuralCdeStackConfig {
    /// The number of channels of the path, before the transforms.
    pub d_input: usize,
    /// The size of the states.
    pub d_hidden: usize,
    /// The number of outputs.
    pub d_output: usize,
    /// The number of blocks behind the first layer. Default: 2
    #[config(default = 2)]
    pub blocks: usize,
    /// The last level of the log-signatures of the first layer. Default: 2
    #[config(default = 2)]
    pub depth: usize,
    /// The windows of the first layer. Each must begin at the last point of the window before, and
    /// together they must cover the path from its first point to its last; the forward passes refuse
    /// others. Default: [`Windows::Consecutive`] of 4 steps
    #[config(default = "Windows::Consecutive { steps: 4 }")]
    pub windows: Windows,
    /// The size of the blocks on the diagonal of the matrices. Default: 4
    #[config(default = 4)]
    pub block_size: usize,
    /// The probability of dropout. Default: 0.1
    #[config(default = 0.1)]
    pub dropout: f64,
    /// Transforms that are applied to the paths first, in this order, such as time as a channel.
    /// Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
}

/// Linear neural controlled differential equations one on another: the first takes the path in
/// windows, the states of each are the path of the next.
///
/// Take it where one [`LinearNeuralCde`] underfits: gates and norms between the layers make it nonlinear.
/// Its states grow with the noise of a series, as [`LinearNeuralCde`] says, which has the remedy.
///
/// The output is a linear map of the mean of the last block's points
/// ([Walker et al. 2025](https://arxiv.org/abs/2505.17761)).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::LinearNeuralCdeStackConfig;
///
/// let device = Device::flex();
/// let stack = LinearNeuralCdeStackConfig::new(6, 32, 2).init(&device);
/// assert_eq!(stack.forward(Tensor::ones([8, 101, 6], &device)).dims(), [8, 2]);
/// ```
///
/// Should be created with [`LinearNeuralCdeStackConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LinearNeuralCdeStack {
    /// From the path to states, one per window.
    pub first: LinearNeuralCde,
    /// From states to states.
    pub blocks: Vec<LinearNeuralCdeBlock>,
    /// From the mean to the output.
    pub output: Linear,
}

impl LinearNeuralCdeStackConfig {
    /// Initialize a new [`LinearNeuralCdeStack`] module.
    ///
    /// # Panics
    ///
    /// Panics as [`LinearNeuralCdeConfig::init`], or if `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> LinearNeuralCdeStack {
        const LAYER: &str = "LinearNeuralCdeStack";
        let sizes = [
            ("d_input", self.d_input),
            ("d_hidden", self.d_hidden),
            ("d_output", self.d_output),
        ];
        assert_positive(LAYER, sizes);
        assert_dropout(LAYER, self.dropout);
        let first = LinearNeuralCdeConfig::new(self.d_input, self.d_hidden, self.d_hidden)
            .with_depth(self.depth)
            .with_windows(self.windows.clone())
            .with_block_size(self.block_size)
            .with_flow(Flow::Euler)
            .with_transforms(self.transforms.clone());
        let block = LinearNeuralCdeBlockConfig::new(self.d_hidden)
            .with_block_size(self.block_size)
            .with_dropout(self.dropout);
        LinearNeuralCdeStack {
            first: first.init(device),
            blocks: (0..self.blocks).map(|_| block.init(device)).collect(),
            output: LinearConfig::new(self.d_hidden, self.d_output).init(device),
        }
    }
}

impl LinearNeuralCdeStack {
    /// Applies the forward pass on a batch of paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, d_output]`
    ///
    /// # Panics
    ///
    /// Panics as [`LinearNeuralCde::forward`].
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let mut states = self.first.forward_sequence(path);
        for block in &self.blocks {
            states = block.forward(states);
        }
        self.output.forward(states.mean_dim(1).squeeze_dim(1))
    }

    /// Applies the forward pass on paths of different lengths, padded to one: each row gives what the
    /// row alone gives.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, d_output]`
    ///
    /// # Panics
    ///
    /// Panics as [`LinearNeuralCde::forward_ragged`].
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        let (mut states, counts) = self.first.forward_sequence_ragged(path, lengths);
        for block in &self.blocks {
            states = block.forward_ragged(states, &counts);
        }
        self.output.forward(mean_of_rows(states, &counts))
    }
}

one_line_display!(LinearNeuralCdeStack, |stack, content| {
    let [_, d_output] = stack.output.weight.shape().dims();
    content
        .add("first", &stack.first)
        .add("blocks", &stack.blocks.len())
        .add("d_output", &d_output)
});
