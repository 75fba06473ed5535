use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::control::{Drive, each, first_points, no_states, stacked};
use super::hermite;
use super::layer::{cde_layer, last_state};
use super::solver::{ControlledField, Solver, integrate};
use super::vector_field::{Prepared, VectorField, VectorFieldConfig};
use crate::PathTransform;
use crate::layer::{assert_positive, one_line_display};
use crate::path_layer::channels_after;
use crate::ragged::zero_after;

/// Configuration to create a [`NeuralCde`] using the [init function](NeuralCdeConfig::init).
#[derive(Config, Debug)]
pub struct NeuralCdeConfig {
    /// The number of channels of the path, before the transforms.
    pub d_input: usize,
    /// The size of the state.
    pub d_hidden: usize,
    /// The number of outputs.
    pub d_output: usize,
    /// The size of the hidden layers of the vector field. Default: 128
    #[config(default = 128)]
    pub width: usize,
    /// The number of hidden layers of the vector field. Default: 3
    #[config(default = 3)]
    pub hidden_layers: usize,
    /// How the equation is solved. Default: [`Solver::Rk4`]
    #[config(default = "Solver::Rk4")]
    pub solver: Solver,
    /// Steps of the solver per interval between two points. Default: 1
    #[config(default = 1)]
    pub steps_per_interval: usize,
    /// Transforms that are applied to the paths first, in this order, such as time as a channel.
    /// Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
}

/// A neural controlled differential equation along a smooth curve through the points:
/// `dy = f(y) X'(t) dt` with `f = tanh MLP`, `[hidden][channels]`
/// ([Kidger et al. 2020](https://arxiv.org/abs/2005.08926)).
///
/// `X` is the cubic Hermite spline with backward differences: its slope at a point is that of the step
/// before, so the state at a point depends on nothing after it and can be computed online
/// ([Morrill et al. 2022](https://arxiv.org/abs/2106.11028)). The state starts at a linear map of the
/// first point; the output is a linear map of the state.
///
/// A solver step per interval is needed, so long series are slow: take
/// [`LogNeuralCde`](crate::cde::LogNeuralCde) for those. Missing values are filled before, by
/// [`interpolate_missing`](sig_core::transforms::interpolate_missing).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::NeuralCdeConfig;
///
/// let device = Device::flex();
/// let layer = NeuralCdeConfig::new(3, 16, 5).init(&device); // channels, hidden, classes
/// let path = Tensor::ones([8, 20, 3], &device);
/// assert_eq!(layer.forward(path.clone()).dims(), [8, 5]);
/// let times = Tensor::<2>::from_floats([[0., 0.1, 0.5]], &device);
/// let irregular = layer.forward_at(path.narrow(1, 0, 3), times.repeat_dim(0, 8));
/// assert_eq!(irregular.dims(), [8, 5]);
/// ```
///
/// Should be created with [`NeuralCdeConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct NeuralCde {
    /// From the first point to the first state.
    pub initial: Linear,
    /// The network of the vector fields, `[hidden][channels]` on its last axis.
    pub field: VectorField,
    /// From a state to an output.
    pub output: Linear,
    /// The number of channels of the path.
    pub d_input: usize,
    /// How the equation is solved.
    #[module(skip)]
    pub solver: Solver,
    /// Steps of the solver per interval between two points.
    pub steps_per_interval: usize,
    /// Transforms that are applied to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
}

impl NeuralCdeConfig {
    /// Initialize a new [`NeuralCde`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0.
    #[track_caller]
    pub fn init(&self, device: &Device) -> NeuralCde {
        let sizes = [
            ("d_input", self.d_input),
            ("d_hidden", self.d_hidden),
            ("d_output", self.d_output),
            ("steps_per_interval", self.steps_per_interval),
        ];
        assert_positive("NeuralCde", sizes);
        let channels = channels_after(&self.transforms, self.d_input);
        NeuralCde {
            initial: LinearConfig::new(channels, self.d_hidden).init(device),
            field: VectorFieldConfig::new(self.d_hidden, self.d_hidden * channels)
                .with_width(self.width)
                .with_hidden_layers(self.hidden_layers)
                .init(device),
            output: LinearConfig::new(self.d_hidden, self.d_output).init(device),
            d_input: self.d_input,
            solver: self.solver,
            steps_per_interval: self.steps_per_interval,
            transforms: self.transforms.clone(),
        }
    }
}

impl NeuralCde {
    /// [`forward`](Self::forward) for points at given times, which matter where steps differ.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - times: `[batch, length]`, not decreasing
    /// - output: `[batch, d_output]`
    ///
    /// Where two neighbouring times are equal the path jumps, and the curve starts anew with the slope 0.
    /// The times are not checked, since that would read them from the device: times that decrease give a
    /// curve with wrong slopes, NaN among them gives NaN.
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), if the transforms change the number of points, or the
    /// shape of the times is another.
    #[track_caller]
    pub fn forward_at(&self, path: Tensor<3>, times: Tensor<2>) -> Tensor<2> {
        self.assert_path(&path);
        let path = PathTransform::forward_all(&self.transforms, path);
        let [batch, length, _] = path.dims();
        assert!(
            times.dims() == [batch, length],
            "NeuralCde: times must have the shape [batch, length] = {:?} of the transformed path, got \
             {:?}",
            [batch, length],
            times.dims()
        );
        self.summarised(Drive {
            start: first_points(&path),
            controls: hermite::controls(path, Some(times)),
            counts: None,
        })
    }

    /// The states along a spline that is given by the first point and its intervals: increments, then
    /// the increments that the slopes at their starts would give.
    fn states(&self, start: Tensor<2>, controls: Tensor<3>) -> Tensor<3> {
        let field = AlongSpline {
            field: self.field.prepared(),
            channels: start.dims()[1],
        };
        let ([batch, windows, _], start) = (controls.dims(), self.initial.forward(start));
        if batch == 0 {
            return no_states(start, windows);
        }
        let controls = each(controls);
        let states = integrate(
            &field,
            controls,
            start,
            self.solver,
            self.steps_per_interval,
        );
        stacked(states)
    }

    #[track_caller]
    fn drive(&self, path: Tensor<3>) -> Drive {
        self.assert_path(&path);
        let path = PathTransform::forward_all(&self.transforms, path);
        Drive {
            start: first_points(&path),
            controls: hermite::controls(path, None),
            counts: None,
        }
    }

    #[track_caller]
    fn drive_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Drive {
        self.assert_path(&path);
        let (path, lengths) = PathTransform::forward_all_ragged(&self.transforms, path, lengths);
        let counts: Vec<usize> = lengths.iter().map(|points| points - 1).collect();
        // Behind its last point a row rests; its slope there must not move it.
        Drive {
            start: first_points(&path),
            controls: zero_after(hermite::controls(path, None), &counts),
            counts: Some(counts),
        }
    }
}

struct AlongSpline {
    field: Prepared,
    channels: usize,
}

impl ControlledField for AlongSpline {
    type Control = Tensor<2>;

    fn derivative(&self, state: Tensor<2>, control: &Tensor<2>, at: f64) -> Tensor<2> {
        let [batch, hidden] = state.dims();
        let fields = self.field.forward(state);
        let fields = fields.reshape([batch, hidden, self.channels]);
        let velocity = hermite::velocity(control.clone(), at).unsqueeze_dim(2);
        fields.matmul(velocity).squeeze_dim(2)
    }
}

cde_layer!(NeuralCde, last_state, "the last state");

one_line_display!(NeuralCde, |layer, content| {
    let [_, d_hidden] = layer.initial.weight.shape().dims();
    let [_, d_output] = layer.output.weight.shape().dims();
    content
        .add("d_input", &layer.d_input)
        .add("d_hidden", &d_hidden)
        .add("d_output", &d_output)
        .add_debug_attribute("solver", &layer.solver)
});
