use burn::config::Config;
use burn::module::{Content, DisplaySettings, Initializer, Module, ModuleDisplay, Param};
use burn::nn::activation::{Activation, ActivationConfig};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor, TensorData};

use crate::spline::{SplineParams, spline_basis};

/// Configuration to create a [`KanLinear`] layer using the [init function](KanLinearConfig::init).
#[derive(Config, Debug)]
pub struct KanLinearConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the output features.
    pub d_output: usize,
    /// The number of intervals that the grid range is cut into. Default: 3
    #[config(default = 3)]
    pub grid_size: usize,
    /// The degree of the splines. Default: 3, cubic
    #[config(default = 3)]
    pub spline_order: usize,
    /// From where to where the splines add up to 1. They fade out within `spline_order` intervals
    /// on each side. Default: `[-1, 1]`
    #[config(default = "[-1.0, 1.0]")]
    pub grid_range: [f64; 2],
    /// The function of the base branch. Default: [`ActivationConfig::Relu`]
    #[config(default = "ActivationConfig::Relu")]
    pub base_activation: ActivationConfig,
    /// Whether the base branch has a bias. Default: true
    #[config(default = true)]
    pub bias: bool,
    /// Whether the input goes through a layer norm, which brings it onto the grid. Default: true
    #[config(default = true)]
    pub layer_norm: bool,
    /// The probability of dropout, of each branch's output by itself. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// A value required for the numerical stability of the layer norm. Default: 1e-3, as in Keras
    #[config(default = 1e-3)]
    pub epsilon: f64,
}

/// A layer of a Kolmogorov–Arnold network: each output is a sum of learned functions of the inputs,
/// one a pair, made of an activation and B-splines on a uniform grid.
///
/// `O = φ(I) W_b + b + B(I) W_s`, where `B` has for each input the `grid_size + spline_order`
/// B-splines on knots `h = (range₁ − range₀) / grid_size` apart
/// ([Liu et al. 2024](https://arxiv.org/abs/2404.19756), in the form of
/// [SigKAN](https://arxiv.org/abs/2406.17890)). With a layer norm, `I` is the normed input.
///
/// Beyond `spline_order` intervals on each side of the grid range all splines are zero.
///
/// Should be created with [`KanLinearConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct KanLinear {
    /// The norm of the input.
    pub norm: Option<LayerNorm>,
    /// The function of the base branch.
    pub base_activation: Activation,
    /// The weights of the base branch, `[d_input, d_output]`.
    pub base_weight: Param<Tensor<2>>,
    /// The bias, `[d_output]`.
    pub bias: Option<Param<Tensor<1>>>,
    /// The weights of the splines, `[d_input · (grid_size + spline_order), d_output]`, those of an
    /// input together.
    pub spline_weight: Param<Tensor<2>>,
    /// The knots of each input, `[d_input, grid_size + 2 · spline_order + 1]`. They are not trained,
    /// and only the first and the last are read: those between are the same distance apart.
    pub knots: Param<Tensor<2>>,
    /// Dropout of each branch's output.
    pub dropout: Dropout,
    /// The degree of the splines.
    pub spline_order: usize,
}

impl KanLinearConfig {
    /// Initialize a new [`KanLinear`] module: both weights Glorot uniform, the bias zero.
    ///
    /// # Panics
    ///
    /// Panics if `d_input`, `d_output` or `grid_size` is 0, `grid_range` is empty or not finite, or
    /// `dropout` is not in `[0, 1)`.
    pub fn init(&self, device: &Device) -> KanLinear {
        let positive = |name: &str, value: usize| {
            assert!(value > 0, "KanLinear: {name} must be at least 1, got 0");
        };
        positive("d_input", self.d_input);
        positive("d_output", self.d_output);
        positive("grid_size", self.grid_size);
        let [from, to] = self.grid_range;
        assert!(
            from < to && (to - from).is_finite(),
            "KanLinear: grid_range must go from a number to a greater one, got {from} to {to}"
        );

        let splines = self.d_input * (self.grid_size + self.spline_order);
        let glorot = |rows| {
            let shape = [rows, self.d_output];
            let initializer = Initializer::XavierUniform { gain: 1.0 };
            initializer.init_with(shape, Some(rows), Some(self.d_output), device)
        };
        let norm = LayerNormConfig::new(self.d_input).with_epsilon(self.epsilon);
        KanLinear {
            norm: self.layer_norm.then(|| norm.init(device)),
            base_activation: self.base_activation.init(device),
            base_weight: glorot(self.d_input),
            bias: self
                .bias
                .then(|| Initializer::Zeros.init([self.d_output], device)),
            spline_weight: glorot(splines),
            knots: Param::from_data(self.knots(), device).set_require_grad(false),
            dropout: DropoutConfig::new(self.dropout).init(),
            spline_order: self.spline_order,
        }
    }

    /// `t_i = range₀ + (i − spline_order) h`, for each input.
    fn knots(&self) -> TensorData {
        let [from, to] = self.grid_range;
        let step = (to - from) / self.grid_size as f64;
        let knots = self.grid_size + 2 * self.spline_order + 1;
        let row = (0..knots).map(|knot| from + (knot as f64 - self.spline_order as f64) * step);
        let rows: Vec<f64> = (0..self.d_input).flat_map(|_| row.clone()).collect();
        TensorData::new(rows, [self.d_input, knots])
    }
}

impl KanLinear {
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
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let mut shape = input.dims();
        let [d_input, d_output] = self.base_weight.dims();
        assert!(
            D > 0 && shape[D - 1] == d_input,
            "KanLinear: the last axis of the input must have d_input = {d_input} features, got \
             {shape:?}"
        );
        let rows = shape[..D - 1].iter().product();
        let input = input.reshape([rows, d_input]);
        let input = match &self.norm {
            Some(norm) => norm.forward(input),
            None => input,
        };

        let base = self.base_activation.forward(input.clone());
        let base = base.matmul(self.base_weight.val());
        let base = match &self.bias {
            Some(bias) => base + bias.val().unsqueeze(),
            None => base,
        };
        let splines = self.basis(input).matmul(self.spline_weight.val());
        shape[D - 1] = d_output;
        let output = self.dropout.forward(base) + self.dropout.forward(splines);
        output.reshape(shape)
    }

    /// The B-splines of each input, `[rows, d_input]` to `[rows, d_input · count]`.
    fn basis(&self, input: Tensor<2>) -> Tensor<2> {
        let knots = self.knots.val();
        let [_, number] = knots.dims();
        let first = knots.clone().narrow(1, 0, 1).transpose();
        let last = knots.narrow(1, number - 1, 1).transpose();
        let per_unit = (last - first.clone()).recip() * (number - 1) as f64;
        let positions = (input - first) * per_unit;
        let params = SplineParams {
            order: self.spline_order,
            count: number - 1 - self.spline_order,
        };
        spline_basis(positions, params)
    }
}

impl ModuleDisplay for KanLinear {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [d_input, d_output] = self.base_weight.shape().dims();
        let [_, knots] = self.knots.shape().dims();
        content
            .add("d_input", &d_input)
            .add("d_output", &d_output)
            .add("grid_size", &(knots - 1 - 2 * self.spline_order))
            .add("spline_order", &self.spline_order)
            .add("bias", &self.bias.is_some())
            .add("layer_norm", &self.norm.is_some())
            .add("dropout", &self.dropout.prob)
            .optional()
    }
}
