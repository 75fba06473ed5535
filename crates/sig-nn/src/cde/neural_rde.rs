use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::windows::Windows;

use super::control::{each, no_states, stacked};
use super::layer::{cde_layer, last_state, log_driven};
use super::solver::{ControlledField, Solver, integrate};
use super::vector_field::{Prepared, VectorField, VectorFieldConfig};
use crate::PathTransform;
use crate::layer::{assert_positive, one_line_display};
use crate::path_layer::channels_after;

/// Configuration to create a [`NeuralRde`] using the [init function](NeuralRdeConfig::init).
#[derive(Config, Debug)]
pub struct NeuralRdeConfig {
    /// The number of channels of the path, before the transforms.
    pub d_input: usize,
    /// The size of the state.
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
    /// The size of the hidden layers of the vector field. Default: 128
    #[config(default = 128)]
    pub width: usize,
    /// The number of hidden layers of the vector field, at least 1. Default: 3
    #[config(default = 3)]
    pub hidden_layers: usize,
    /// How the equation is solved. Default: [`Solver::Heun`]
    #[config(default = "Solver::Heun")]
    pub solver: Solver,
    /// Steps of the solver per window. Default: 1
    #[config(default = 1)]
    pub steps_per_window: usize,
    /// Transforms that are applied to the paths first, in this order, such as time as a channel.
    /// Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
}

/// A neural rough differential equation: the log-ODE method whose field learns a column for each
/// coordinate of the log-signature.
///
/// `dy/ds = G(y) l` for a unit of `s` per window, with the log-signature `l` in brackets and
/// `G(y) = reshape(A · tanh MLP(y) + b)`, `[hidden][n]`
/// ([Morrill et al. 2021](https://arxiv.org/abs/2009.08295)). The columns of brackets are learned
/// apart from those of channels, so any depth is possible; in
/// [`LogNeuralCde`](crate::cde::LogNeuralCde) they are the brackets of the channels' fields, with
/// fewer parameters. The state starts at a linear map of the first point; the output is a linear map
/// of the state.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::NeuralRdeConfig;
///
/// let device = Device::flex();
/// let layer = NeuralRdeConfig::new(3, 16, 5).with_depth(3).init(&device);
/// assert_eq!(layer.forward(Tensor::ones([8, 101, 3], &device)).dims(), [8, 5]);
/// ```
///
/// Should be created with [`NeuralRdeConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct NeuralRde {
    /// From the first point to the first state.
    pub initial: Linear,
    /// The network of the vector field.
    pub field: VectorField,
    /// From the network to the columns, `[hidden][n]` on its last axis.
    pub columns: Linear,
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

impl NeuralRdeConfig {
    /// Initialize a new [`NeuralRde`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0 or the number of coordinates cannot be addressed.
    #[track_caller]
    pub fn init(&self, device: &Device) -> NeuralRde {
        let sizes = [
            ("d_input", self.d_input),
            ("d_hidden", self.d_hidden),
            ("d_output", self.d_output),
            ("depth", self.depth),
            ("hidden_layers", self.hidden_layers),
            ("steps_per_window", self.steps_per_window),
        ];
        assert_positive("NeuralRde", sizes);
        let channels = channels_after(&self.transforms, self.d_input);
        let coordinates = LogSignatureBasis::Brackets.terms(channels, self.depth);
        NeuralRde {
            initial: LinearConfig::new(channels, self.d_hidden).init(device),
            field: VectorFieldConfig::new(self.d_hidden, self.width)
                .with_width(self.width)
                .with_hidden_layers(self.hidden_layers - 1)
                .init(device),
            columns: LinearConfig::new(self.width, self.d_hidden * coordinates).init(device),
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

impl NeuralRde {
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
        let ([batch, windows, _], start) = (logsignatures.dims(), self.initial.forward(start));
        if batch == 0 {
            return no_states(start, windows);
        }
        let field = Columns {
            field: self.field.prepared(),
            columns: &self.columns,
        };
        let controls = each(logsignatures).into_iter();
        let controls = controls.map(|row| row.unsqueeze_dim(2));
        let states = integrate(&field, controls, start, self.solver, self.steps_per_window);
        stacked(states)
    }
}

/// `G(y) l` for coordinates `[batch, n, 1]`.
struct Columns<'a> {
    field: Prepared,
    columns: &'a Linear,
}

impl ControlledField for Columns<'_> {
    type Control = Tensor<3>;

    fn derivative(&self, state: Tensor<2>, control: &Tensor<3>, _at: f64) -> Tensor<2> {
        let ([batch, hidden], [_, n, _]) = (state.dims(), control.dims());
        let columns = self.columns.forward(self.field.forward(state));
        let columns = columns.reshape([batch, hidden, n]);
        columns.matmul(control.clone()).squeeze_dim(2)
    }
}

cde_layer!(NeuralRde, last_state, "the last state");
log_driven!(NeuralRde);

one_line_display!(NeuralRde, |layer, content| {
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
