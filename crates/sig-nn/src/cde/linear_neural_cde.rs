use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use sig_core::windows::Windows;

use super::brackets::bracket_matrices;
use super::control::{assert_drive, no_states};
use super::layer::{cde_layer, log_driven, mean_state};
use super::recurrence::{Scan, states};
use crate::PathTransform;
use crate::layer::{assert_positive, one_line_display};
use crate::matrices::{matrix_exp, with_identity};
use crate::path_layer::channels_after;

/// Configuration to create a [`LinearNeuralCde`] using the
/// [init function](LinearNeuralCdeConfig::init).
#[derive(Config, Debug)]
pub struct LinearNeuralCdeConfig {
    /// The number of channels of the path, before the transforms.
    pub d_input: usize,
    /// The size of the state, a multiple of `block_size`.
    pub d_hidden: usize,
    /// The number of outputs.
    pub d_output: usize,
    /// The last level of the log-signatures. Default: 2
    #[config(default = 2)]
    pub depth: usize,
    /// The windows of the path. Each must begin at the last point of the window before, and together
    /// they must cover the path from its first point to its last; the forward passes refuse others.
    /// Default: [`Windows::Consecutive`] of 4 steps
    #[config(default = "Windows::Consecutive { steps: 4 }")]
    pub windows: Windows,
    /// The size of the blocks on the diagonal: 1 is a diagonal matrix, `d_hidden` a dense one.
    /// Default: 4
    #[config(default = 4)]
    pub block_size: usize,
    /// What a window does to the state. Default: [`Flow::Euler`]
    #[config(default = "Flow::Euler")]
    pub flow: Flow,
    /// How the products along the windows are taken. Default: [`Scan::Auto`]
    #[config(default = "Scan::Auto")]
    pub scan: Scan,
    /// Transforms that are applied to the paths first, in this order, such as time as a channel.
    /// Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
}

/// What a window with the matrix `M` does to the state.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Flow {
    /// `(I + M) y`, one step of Euler's method, as the reference has it.
    Euler,
    /// `exp(M) y`, the exact solution, for large windows.
    Exponential,
}

/// A linear neural controlled differential equation with block-diagonal matrices: as expressive as
/// nonlinear ones once stacked, at a fraction of their time.
///
/// `dy = Σ_i A_i y dx^i`, solved in windows: `y_w = (I + M_w) y_{w−1}` or `exp(M_w) y_{w−1}` with
/// `M_w = Σ l_w A_w` over the brackets of the log-signature, where `[u, v]` has the matrix
/// `A_v A_u − A_u A_v` ([Walker et al. 2025](https://arxiv.org/abs/2505.17761), where it is called
/// SLiCE or BD-LNCDE). The state starts at a linear map of the first point; the output is a linear map
/// of the mean state for classes, or of each state for sequences.
///
/// Each window multiplies the state by about `I + A dx`, so the state grows with the noise of a series:
/// standard normal noise of 400 points makes it large, and gives NaN in a
/// [`LinearNeuralCdeStack`](crate::cde::LinearNeuralCdeStack). Divide noisy series by about the square
/// root of their length, for example with `PathTransform::Scale`.
///
/// Nothing but matrix products lies between a path and its states, so windows can be computed in
/// parallel.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::windows::Windows;
/// use burn_sig::nn::cde::LinearNeuralCdeConfig;
///
/// let device = Device::flex();
/// let config = LinearNeuralCdeConfig::new(6, 64, 2); // channels, hidden, classes
/// let layer = config.with_windows(Windows::Consecutive { steps: 10 }).init(&device);
/// assert_eq!(layer.forward(Tensor::ones([8, 101, 6], &device)).dims(), [8, 2]);
/// ```
///
/// Should be created with [`LinearNeuralCdeConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LinearNeuralCde {
    /// The matrices of the channels, `[channels, blocks, block_size, block_size]`.
    pub weight: Param<Tensor<4>>,
    /// From the first point to the first state.
    pub initial: Linear,
    /// From a state to an output.
    pub output: Linear,
    /// The number of channels of the path.
    pub d_input: usize,
    /// The last level of the log-signatures.
    pub depth: usize,
    /// The windows of the path.
    #[module(skip)]
    pub windows: Windows,
    /// What a window does to the state.
    #[module(skip)]
    pub flow: Flow,
    /// How the products along the windows are taken.
    #[module(skip)]
    pub scan: Scan,
    /// Transforms that are applied to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
}

impl LinearNeuralCdeConfig {
    /// Initialize a new [`LinearNeuralCde`] module. The matrices start normal with the deviation
    /// `0.25 / √block_size`, as in the reference.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or `d_hidden` is no multiple of `block_size`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> LinearNeuralCde {
        const LAYER: &str = "LinearNeuralCde";
        let sizes = [
            ("d_input", self.d_input),
            ("d_hidden", self.d_hidden),
            ("d_output", self.d_output),
            ("depth", self.depth),
            ("block_size", self.block_size),
        ];
        assert_positive(LAYER, sizes);
        assert!(
            self.d_hidden.is_multiple_of(self.block_size),
            "{LAYER}: d_hidden must be a multiple of block_size = {}, got {}",
            self.block_size,
            self.d_hidden
        );
        let channels = channels_after(&self.transforms, self.d_input);
        let size = self.block_size;
        let start = Initializer::Normal {
            mean: 0.0,
            std: 0.25 / (size as f64).sqrt(),
        };
        LinearNeuralCde {
            weight: start.init([channels, self.d_hidden / size, size, size], device),
            initial: LinearConfig::new(channels, self.d_hidden).init(device),
            output: LinearConfig::new(self.d_hidden, self.d_output).init(device),
            d_input: self.d_input,
            depth: self.depth,
            windows: self.windows.clone(),
            flow: self.flow,
            scan: self.scan,
            transforms: self.transforms.clone(),
        }
    }
}

impl LinearNeuralCde {
    /// The states along windows that are given by the first point and log-signatures.
    ///
    /// # Arguments
    ///
    /// - `start`: the first point of each path.
    /// - `logsignatures`: those of the windows, in the basis of Lyndon brackets.
    ///
    /// # Shapes
    ///
    /// - start: `[batch, channels]`
    /// - logsignatures: `[batch, windows, n]`
    /// - output: `[batch, windows + 1, d_hidden]`
    ///
    /// # Panics
    ///
    /// Panics if the batches differ, or the channels or coordinates are not those of the layer.
    #[track_caller]
    pub fn states(&self, start: Tensor<2>, logsignatures: Tensor<3>) -> Tensor<3> {
        self.assert_start(&start, &logsignatures);
        self.run(self.initial.forward(start), logsignatures)
    }

    /// [`states`](Self::states) from a first state, `[batch, d_hidden]`.
    ///
    /// # Panics
    ///
    /// Panics as [`states`](Self::states), and if the size of the state is not `d_hidden`.
    #[track_caller]
    pub fn states_from(&self, initial: Tensor<2>, logsignatures: Tensor<3>) -> Tensor<3> {
        let [channels, blocks, size, _] = self.weight.shape().dims();
        let first = ("initial", &initial, blocks * size);
        assert_drive(
            "LinearNeuralCde",
            first,
            &logsignatures,
            (channels, self.depth),
        );
        self.run(initial, logsignatures)
    }

    /// The states from a first one and log-signatures that fit each other.
    fn run(&self, initial: Tensor<2>, logsignatures: Tensor<3>) -> Tensor<3> {
        let [batch, windows, n] = logsignatures.dims();
        let [_, blocks, size, _] = self.weight.shape().dims();
        if batch == 0 {
            return no_states(initial, windows);
        }
        if windows == 0 {
            return initial.unsqueeze_dim(1);
        }
        let brackets = bracket_matrices(self.weight.val(), self.depth);
        let brackets = brackets.reshape([n, blocks * size * size]);
        let generators = logsignatures.reshape([batch * windows, n]).matmul(brackets);
        let generators = generators.reshape([batch * windows * blocks, size, size]);
        let changes = match self.flow {
            Flow::Euler => generators,
            Flow::Exponential => with_identity(matrix_exp(generators), -1.0),
        };
        let changes = changes.reshape([batch, windows, blocks, size * size]);
        states(changes, initial, self.scan)
    }
}

cde_layer!(LinearNeuralCde, mean_state, "the mean state");
log_driven!(LinearNeuralCde);

one_line_display!(LinearNeuralCde, |layer, content| {
    let [_, blocks, block_size, _] = layer.weight.shape().dims();
    let [_, d_output] = layer.output.weight.shape().dims();
    content
        .add("d_input", &layer.d_input)
        .add("d_hidden", &(blocks * block_size))
        .add("d_output", &d_output)
        .add("block_size", &block_size)
        .add("depth", &layer.depth)
        .add_debug_attribute("windows", &layer.windows)
        .add_debug_attribute("flow", &layer.flow)
});
