use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use sig_core::backend::{in_graph_of, nothing};
use sig_core::transforms::hold_last;

use super::drawn;
use crate::cde::control::{each, stacked};
use crate::layer::{assert_positive, one_line_display};

/// Where the activation of a [`RandomCde`] stands.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum RandomForm {
    /// `z ← z + Σ_i σ(A_i z + b_i) dx^i`, the randomised signature
    /// ([Cuchiero et al. 2021](https://arxiv.org/abs/2010.14615)).
    Outer,
    /// `z ← z + Σ_i (A_i σ(z) + b_i) dx^i` ([2025](https://arxiv.org/abs/2512.23670)).
    Inner,
}

/// The activation of a [`RandomCde`].
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum RandomActivation {
    /// None.
    Identity,
    /// The hyperbolic tangent.
    Tanh,
    /// The positive part.
    Relu,
}

impl RandomActivation {
    fn apply(self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Identity => input,
            Self::Tanh => input.tanh(),
            Self::Relu => relu(input),
        }
    }
}

/// Configuration to create a [`RandomCde`] using the [init function](RandomCdeConfig::init).
#[derive(Config, Debug)]
pub struct RandomCdeConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The number of features, the size of the state.
    pub features: usize,
    /// Where the activation stands. Default: [`RandomForm::Outer`]
    #[config(default = "RandomForm::Outer")]
    pub form: RandomForm,
    /// The activation. Default: [`RandomActivation::Tanh`]
    #[config(default = "RandomActivation::Tanh")]
    pub activation: RandomActivation,
    /// The matrices are normal with this deviation over the root of `features`. Default: 1
    #[config(default = 1.0)]
    pub matrix_scale: f64,
    /// The deviation of the biases. Default: 0
    #[config(default = 0.0)]
    pub bias_scale: f64,
}

/// A differential equation with random coefficients: its state after the path is a list of features of
/// which a linear read-out can approximate any continuous function of paths, as of the signature.
///
/// It steps along the increments, in one of two [forms](RandomForm). Nothing is trained. Add time as a
/// channel in front, and standardise the path: the state grows exponentially with its length.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::random::RandomCdeConfig;
///
/// let device = Device::flex();
/// device.seed(7);
/// let layer = RandomCdeConfig::new(3, 64).init(&device);
/// assert_eq!(layer.forward(Tensor::ones([8, 20, 3], &device)).dims(), [8, 64]);
/// ```
///
/// Should be created with [`RandomCdeConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct RandomCde {
    /// The matrices `A`, `[channels, features, features]`, not trained.
    pub matrices: Param<Tensor<3>>,
    /// The biases `b`, `[channels, features]`, not trained.
    pub biases: Param<Tensor<2>>,
    /// The first state, `[features]`, not trained.
    pub initial: Param<Tensor<1>>,
    /// Where the activation stands.
    #[module(skip)]
    pub form: RandomForm,
    /// The activation.
    #[module(skip)]
    pub activation: RandomActivation,
}

impl RandomCdeConfig {
    /// Initialize a new [`RandomCde`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or a scale is negative or not finite.
    #[track_caller]
    pub fn init(&self, device: &Device) -> RandomCde {
        let (channels, n) = (self.d_input, self.features);
        assert_positive("RandomCde", [("d_input", channels), ("features", n)]);
        for (name, scale) in [
            ("matrix_scale", self.matrix_scale),
            ("bias_scale", self.bias_scale),
        ] {
            assert!(
                scale >= 0.0 && scale.is_finite(),
                "RandomCde: {name} must be at least 0 and finite, got {scale}"
            );
        }
        let deviation = self.matrix_scale / (n as f64).sqrt();
        RandomCde {
            matrices: drawn([channels, n, n], deviation, device),
            biases: drawn([channels, n], self.bias_scale, device),
            initial: drawn([n], 1.0, device),
            form: self.form,
            activation: self.activation,
        }
    }
}

impl RandomCde {
    /// The state after the path.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, features]`
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or not `d_input` channels.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let (start, coefficients) = (self.start(&path), self.coefficients());
        if path.dims()[0] == 0 {
            return start;
        }
        let step = |state, increment| self.step(&coefficients, state, increment);
        increments(path).into_iter().fold(start, step)
    }

    /// The state after paths of different lengths, padded to one: each row gives what the row alone
    /// gives, whatever the padding holds.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, features]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or one is 0
    /// or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        self.forward(hold_last(path, lengths))
    }

    /// The states at all points, the first one before the path moves.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, length, features]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward).
    #[track_caller]
    pub fn forward_stream(&self, path: Tensor<3>) -> Tensor<3> {
        let start = self.start(&path);
        let ([batch, length, _], [_, features]) = (path.dims(), start.dims());
        if batch == 0 {
            return nothing(start, [0, length, features]);
        }
        let mut states = vec![start];
        let coefficients = self.coefficients();
        for increment in increments(path) {
            let last = states.last().expect("the first state is there").clone();
            states.push(self.step(&coefficients, last, increment));
        }
        stacked(states)
    }

    /// The first state of each path.
    #[track_caller]
    fn start(&self, path: &Tensor<3>) -> Tensor<2> {
        let ([batch, length, channels], [d_input, features]) =
            (path.dims(), self.biases.shape().dims());
        assert!(
            channels == d_input && length > 0,
            "RandomCde: the path must have at least 1 point (axis 1) and d_input = {d_input} channels \
             (axis 2), got {:?}",
            [batch, length, channels]
        );
        if batch == 0 {
            return nothing(path.clone(), [0, features]);
        }
        let initial: Tensor<2> = self.initial.val().unsqueeze_dim(0);
        let initial = initial.expand([batch, features]);
        match length {
            1 => in_graph_of(path.clone(), initial),
            _ => initial,
        }
    }

    /// All matrices side by side, `[features, channels features]`, and the biases.
    fn coefficients(&self) -> (Tensor<2>, Tensor<2>) {
        let [channels, n, _] = self.matrices.shape().dims();
        let matrices = self.matrices.val().permute([2, 0, 1]);
        let matrices = matrices.reshape([n, channels * n]);
        (matrices, self.biases.val().reshape([1, channels * n]))
    }

    fn step(
        &self,
        (matrices, biases): &(Tensor<2>, Tensor<2>),
        state: Tensor<2>,
        increment: Tensor<2>,
    ) -> Tensor<2> {
        let ([batch, n], [_, channels]) = (state.dims(), increment.dims());
        let affine = |input: Tensor<2>| input.matmul(matrices.clone()) + biases.clone();
        let fields = match self.form {
            RandomForm::Outer => self.activation.apply(affine(state.clone())),
            RandomForm::Inner => affine(self.activation.apply(state.clone())),
        };
        let fields = fields.reshape([batch, channels, n]);
        state + increment.unsqueeze_dim(1).matmul(fields).squeeze_dim(1)
    }
}

/// The increments of paths, one by one.
fn increments(path: Tensor<3>) -> Vec<Tensor<2>> {
    let steps = path.dims()[1] - 1;
    if steps == 0 {
        return Vec::new();
    }
    each(path.clone().narrow(1, 1, steps) - path.narrow(1, 0, steps))
}

one_line_display!(RandomCde, |layer, content| {
    let [d_input, features] = layer.biases.shape().dims();
    content
        .add("d_input", &d_input)
        .add("features", &features)
        .add_debug_attribute("form", &layer.form)
        .add_debug_attribute("activation", &layer.activation)
});
