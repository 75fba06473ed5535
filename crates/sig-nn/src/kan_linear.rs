use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::activation::{Activation, ActivationConfig};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor, TensorData};

use crate::activation::activate;
use crate::layer::{assert_dropout, assert_positive, one_line_display};
use crate::scaling::tamed;
use crate::spline::{SplineLinear, spline_linear};

/// Configuration to create a [`KanLinear`] layer using the [init function](KanLinearConfig::init).
#[derive(Config, Debug)]
pub struct KanLinearConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the output features.
    pub d_output: usize,
    /// The number of intervals in the grid range. Default: 3
    #[config(default = 3)]
    pub grid_size: usize,
    /// The degree of the splines. Default: 3, cubic
    #[config(default = 3)]
    pub spline_order: usize,
    /// The range in which the splines add up to 1. They fade out within `spline_order` intervals on
    /// each side. Default: `[-1, 1]`
    #[config(default = "[-1.0, 1.0]")]
    pub grid_range: [f64; 2],
    /// The function of the base branch. Default: [`ActivationConfig::Relu`]
    #[config(default = "ActivationConfig::Relu")]
    pub base_activation: ActivationConfig,
    /// Whether the base branch has a bias. Default: true
    #[config(default = true)]
    pub bias: bool,
    /// Whether a layer norm brings the input onto the grid. Default: true
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
/// one per pair, made of an activation and B-splines on a uniform grid.
///
/// `O = φ(I) W_b + b + B(I) W_s`, where `B` has for each input the `grid_size + spline_order`
/// B-splines on knots `h = (range₁ − range₀) / grid_size` apart
/// ([Liu et al. 2024](https://arxiv.org/abs/2404.19756), in the form of
/// [SigKAN](https://arxiv.org/abs/2406.17890)). With a layer norm, `I` is the normed input.
///
/// Beyond `spline_order` intervals on each side of the grid range all splines are zero.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::KanLinearConfig;
///
/// let device = Device::flex();
/// let layer = KanLinearConfig::new(3, 5).with_grid_size(6).init(&device);
/// let output = layer.forward(Tensor::<2>::ones([8, 3], &device));
/// assert_eq!(output.dims(), [8, 5]);
/// ```
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
    /// The weights of the splines, `[d_input · (grid_size + spline_order), d_output]`, grouped by
    /// input.
    pub spline_weight: Param<Tensor<2>>,
    /// The knots of each input, `[d_input, grid_size + 2 · spline_order + 1]`. They are not
    /// trained, and only the first and the last are read: those between are the same distance
    /// apart.
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
    #[track_caller]
    pub fn init(&self, device: &Device) -> KanLinear {
        let sizes = [
            ("d_input", self.d_input),
            ("d_output", self.d_output),
            ("grid_size", self.grid_size),
        ];
        assert_positive("KanLinear", sizes);
        assert_dropout("KanLinear", self.dropout);
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
    #[track_caller]
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
            Some(norm) => norm.forward(tamed(input)),
            None => input,
        };

        let positions = self.positions(input.clone());
        let base = activate(&self.base_activation, input);
        let bias = |output: Tensor<2>| match &self.bias {
            Some(bias) => output + bias.val().unsqueeze(),
            None => output,
        };
        let output = if self.dropout.prob > 0.0 {
            // Each branch drops out by itself.
            let splines = self.linear(positions, base.zeros_like());
            let base = bias(base.matmul(self.base_weight.val()));
            self.dropout.forward(base) + self.dropout.forward(splines)
        } else {
            bias(self.linear(positions, base))
        };
        shape[D - 1] = d_output;
        output.reshape(shape)
    }

    /// The position of each input among the knots, which lie at the whole numbers.
    fn positions(&self, input: Tensor<2>) -> Tensor<2> {
        let knots = self.knots.val();
        let [inputs, number] = knots.dims();
        // Reshaped, not transposed: with fusion, Burn 0.22.1 takes the difference of two transposed
        // columns for one that is not transposed where it meets a single row.
        let column = |knot| knots.clone().narrow(1, knot, 1).reshape([1, inputs]);
        let (first, last) = (column(0), column(number - 1));
        let per_unit = (last - first.clone()).recip() * (number - 1) as f64;
        (input - first) * per_unit
    }

    /// Base and splines of each input, `[rows, d_input]`, with their weights.
    fn linear(&self, positions: Tensor<2>, base: Tensor<2>) -> Tensor<2> {
        let [_, knots] = self.knots.shape().dims();
        let weight = Tensor::cat(vec![self.base_weight.val(), self.spline_weight.val()], 0);
        let operation = SplineLinear {
            order: self.spline_order,
            count: knots - 1 - self.spline_order,
            outputs: weight.dims()[1],
        };
        spline_linear(positions, base, weight, operation)
    }
}

one_line_display!(KanLinear, |layer, content| {
    let [d_input, d_output] = layer.base_weight.shape().dims();
    let [_, knots] = layer.knots.shape().dims();
    content
        .add("d_input", &d_input)
        .add("d_output", &d_output)
        .add("grid_size", &(knots - 1 - 2 * layer.spline_order))
        .add("spline_order", &layer.spline_order)
        .add("bias", &layer.bias.is_some())
        .add("layer_norm", &layer.norm.is_some())
        .add("dropout", &layer.dropout.prob)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests;
    use burn::tensor::Distribution;

    fn init(config: KanLinearConfig) -> KanLinear {
        config.init(&Device::default())
    }

    #[test]
    fn knots_of_the_reference() {
        let layer = init(KanLinearConfig::new(2, 1));
        let knots = layer.knots.val().into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(knots.len(), 20);
        for (knot, index) in knots[10..].iter().zip(0u8..) {
            let expected = -3.0 + f32::from(index) * 2.0 / 3.0;
            assert!((knot - expected).abs() < 1e-6, "{knots:?}");
        }
        assert!(!layer.knots.is_require_grad());
    }

    #[test]
    fn any_rank_and_no_rows() {
        let device = Device::default();
        let layer = init(KanLinearConfig::new(3, 2));
        let input = Tensor::<3>::random([4, 5, 3], Distribution::Default, &device);
        let output = layer.forward(input.clone());
        assert_eq!(output.dims(), [4, 5, 2]);
        let row = layer.forward(input.slice([1..2, 2..3]).reshape([3]));
        let same = output.slice([1..2, 2..3]).reshape([2]);
        row.into_data()
            .assert_approx_eq::<f32>(&same.into_data(), Default::default());
        let none = Tensor::<2>::zeros([0, 3], &device);
        assert_eq!(layer.forward(none).dims(), [0, 2]);
    }

    #[test]
    fn a_grid_of_its_own_for_each_input() {
        let device = Device::default();
        let plain = KanLinearConfig::new(1, 1)
            .with_bias(false)
            .with_layer_norm(false);
        let wide = init(plain.clone().with_grid_range([-10.0, 30.0]));
        let mut moved = init(plain);
        moved.base_weight = moved.base_weight.map(|weight| weight * 0.0);
        moved.spline_weight = wide.spline_weight.clone();
        let before = moved.forward(Tensor::<2>::from_floats([[0.5]], &device));
        moved.knots = wide.knots.clone();
        // Both are three quarters along their grids.
        let after = moved.forward(Tensor::<2>::from_floats([[20.0]], &device));
        after
            .into_data()
            .assert_approx_eq::<f32>(&before.into_data(), Default::default());
    }

    #[test]
    #[should_panic(expected = "must have d_input = 3 features, got [2, 4]")]
    fn wrong_features() {
        let input = Tensor::<2>::zeros([2, 4], &Device::default());
        init(KanLinearConfig::new(3, 2)).forward(input);
    }

    #[test]
    #[should_panic(expected = "grid_range must go from a number to a greater one, got 1 to 1")]
    fn empty_grid() {
        init(KanLinearConfig::new(3, 2).with_grid_range([1.0, 1.0]));
    }

    #[test]
    fn record_round_trip() {
        let config = KanLinearConfig::new(3, 2).with_grid_size(4);
        let input = Tensor::<2>::random([5, 3], Distribution::Default, &Device::default());
        let init = || init(config.clone());
        layer_tests::record_round_trip(init, |layer| layer.forward(input.clone()));
    }

    #[test]
    fn display() {
        assert_eq!(
            format!("{}", init(KanLinearConfig::new(3, 5))),
            "KanLinear {d_input: 3, d_output: 5, grid_size: 3, spline_order: 3, bias: true, \
             layer_norm: true, dropout: 0, params: 146}"
        );
    }
}
