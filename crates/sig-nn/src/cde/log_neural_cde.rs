use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use sig_core::windows::Windows;

use super::control::{no_states, stacked};
use super::layer::{cde_layer, last_state, log_driven};
use super::log_field::LogField;
use super::solver::{Solver, integrate};
use super::vector_field::{VectorField, VectorFieldConfig};
use crate::PathTransform;
use crate::layer::{assert_positive, one_line_display};
use crate::path_layer::channels_after;

/// Configuration to create a [`LogNeuralCde`] using the [init function](LogNeuralCdeConfig::init).
#[derive(Config, Debug)]
pub struct LogNeuralCdeConfig {
    /// The number of channels of the path, before the transforms.
    pub d_input: usize,
    /// The size of the state.
    pub d_hidden: usize,
    /// The number of outputs.
    pub d_output: usize,
    /// The last level of the log-signatures, 1 or 2. Default: 2
    #[config(default = 2)]
    pub depth: usize,
    /// The windows of the path. Each must begin at the last point of the window before, and together
    /// they must cover the path from its first point to its last; the forward passes refuse others.
    /// Default: [`Windows::Consecutive`] of 4 steps
    #[config(default = "Windows::Consecutive { steps: 4 }")]
    pub windows: Windows,
    /// The size of the hidden layers of the vector field. Default: 128
    #[config(default = 128)]
    pub width: usize,
    /// The number of hidden layers of the vector field. Default: 3
    #[config(default = 3)]
    pub hidden_layers: usize,
    /// How the equation is solved. Default: [`Solver::Heun`]
    #[config(default = "Solver::Heun")]
    pub solver: Solver,
    /// Steps of the solver per window. Default: 1
    #[config(default = 1)]
    pub steps_per_window: usize,
    /// The initial weights of the vector field are divided by this number, so that the state hardly moves
    /// at first. With 1, short series train faster. Default: 1000, as in the reference
    #[config(default = 1000.0)]
    pub scale: f64,
    /// Transforms that are applied to the paths first, in this order, such as time as a channel.
    /// Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
}

/// A neural controlled differential equation that moves in windows: the log-ODE method with a field
/// whose Lie brackets are exact.
///
/// With `f = tanh MLP`, a field per channel, and the log-signature `(l_i; l_ij)` of a window, the
/// state solves `dy/ds = Σ_i l_i f_i(y) + Σ_{i<j} l_ij (Df_j f_i − Df_i f_j)(y)` for a unit of `s`
/// ([Walker et al. 2024](https://arxiv.org/abs/2402.18512)). It starts at a linear map of the first
/// point; the output is a linear map of the state. Steps per window do not depend on how many points
/// a window has, so a long series takes few steps.
///
/// Solvers have fixed steps. At depth 2 autodiff keeps the state and the control of each evaluation
/// alone, and computes the rest again for the gradient. At depth 1 it keeps all intermediate results,
/// so memory grows with windows, steps and evaluations per step.
///
/// Add time by `with_transforms` where the speed matters. For irregular times take windows of a
/// duration, [`windows_of_time`](sig_core::windows::windows_of_time). Weights are those of the
/// reference, `vf.n` being `field.layers[n]`, transposed as Burn stores them.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::windows::Windows;
/// use burn_sig::nn::cde::LogNeuralCdeConfig;
///
/// let device = Device::flex();
/// let config = LogNeuralCdeConfig::new(3, 16, 5); // channels, hidden, classes
/// let layer = config.with_windows(Windows::Consecutive { steps: 10 }).init(&device);
/// let path = Tensor::ones([8, 101, 3], &device);
/// assert_eq!(layer.forward(path.clone()).dims(), [8, 5]);
/// assert_eq!(layer.forward_sequence(path).dims(), [8, 11, 5]);
/// ```
///
/// Should be created with [`LogNeuralCdeConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LogNeuralCde {
    /// From the first point to the first state.
    pub initial: Linear,
    /// The network of the vector fields, `[channels][hidden]` on its last axis.
    pub field: VectorField,
    /// From a state to an output.
    pub output: Linear,
    /// The number of channels of the path.
    pub d_input: usize,
    /// The last level of the log-signatures.
    pub depth: usize,
    /// The windows of the path.
    #[module(skip)]
    pub windows: Windows,
    /// How the equation is solved.
    #[module(skip)]
    pub solver: Solver,
    /// Steps of the solver per window.
    pub steps_per_window: usize,
    /// Transforms that are applied to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
}

impl LogNeuralCdeConfig {
    /// Initialize a new [`LogNeuralCde`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or `depth` is not 1 or 2: deeper brackets need second derivatives of
    /// the network. [`NeuralRde`](crate::cde::NeuralRde) and
    /// [`LinearNeuralCde`](crate::cde::LinearNeuralCde) take any depth.
    #[track_caller]
    pub fn init(&self, device: &Device) -> LogNeuralCde {
        const LAYER: &str = "LogNeuralCde";
        let sizes = [
            ("d_input", self.d_input),
            ("d_hidden", self.d_hidden),
            ("d_output", self.d_output),
            ("steps_per_window", self.steps_per_window),
        ];
        assert_positive(LAYER, sizes);
        assert!(
            matches!(self.depth, 1 | 2),
            "{LAYER}: depth must be 1 or 2, got {}",
            self.depth
        );
        let channels = channels_after(&self.transforms, self.d_input);
        LogNeuralCde {
            initial: LinearConfig::new(channels, self.d_hidden).init(device),
            field: VectorFieldConfig::new(self.d_hidden, self.d_hidden * channels)
                .with_width(self.width)
                .with_hidden_layers(self.hidden_layers)
                .with_scale(self.scale)
                .init(device),
            output: LinearConfig::new(self.d_hidden, self.d_output).init(device),
            d_input: self.d_input,
            depth: self.depth,
            windows: self.windows.clone(),
            solver: self.solver,
            steps_per_window: self.steps_per_window,
            transforms: self.transforms.clone(),
        }
    }
}

impl LogNeuralCde {
    /// The states along windows that are given by the first point and log-signatures.
    ///
    /// # Arguments
    ///
    /// - `start`: the first point of each path.
    /// - `logsignatures`: those of the windows, in any Lyndon basis, which are the same up to depth
    ///   2.
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
        let channels = start.dims()[1];
        let ([batch, windows, _], start) = (logsignatures.dims(), self.initial.forward(start));
        if batch == 0 {
            return no_states(start, windows);
        }
        let field = LogField::new(&self.field, channels, self.depth);
        let controls = field.controls(logsignatures);
        let states = integrate(&field, controls, start, self.solver, self.steps_per_window);
        stacked(states)
    }
}

cde_layer!(LogNeuralCde, last_state, "the last state");
log_driven!(LogNeuralCde);

one_line_display!(LogNeuralCde, |layer, content| {
    let [_, d_hidden] = layer.initial.weight.shape().dims();
    let [_, d_output] = layer.output.weight.shape().dims();
    content
        .add("d_input", &layer.d_input)
        .add("d_hidden", &d_hidden)
        .add("d_output", &d_output)
        .add("depth", &layer.depth)
        .add_debug_attribute("windows", &layer.windows)
        .add_debug_attribute("solver", &layer.solver)
});
