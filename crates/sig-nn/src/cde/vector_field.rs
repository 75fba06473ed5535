use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::layer::{assert_positive, one_line_display};

/// Configuration to create a [`VectorField`] using the [init function](VectorFieldConfig::init).
#[derive(Config, Debug)]
pub struct VectorFieldConfig {
    /// The size of the input, the state.
    pub d_input: usize,
    /// The size of the output.
    pub d_output: usize,
    /// The size of the hidden layers. Default: 128
    #[config(default = 128)]
    pub width: usize,
    /// The number of hidden layers. Default: 3
    #[config(default = 3)]
    pub hidden_layers: usize,
    /// Initial weights and biases are divided by this number, so that the field starts near 0.
    /// Default: 1
    #[config(default = 1.0)]
    pub scale: f64,
}

/// The network inside a neural differential equation: linear layers with SiLU between them and tanh
/// at the end, which keeps the field bounded.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::VectorFieldConfig;
///
/// let device = Device::flex();
/// let field = VectorFieldConfig::new(16, 48).init(&device);
/// assert_eq!(field.forward(Tensor::ones([8, 16], &device)).dims(), [8, 48]);
/// ```
///
/// Should be created with [`VectorFieldConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct VectorField {
    /// The linear layers, from the state to the output.
    pub layers: Vec<Linear>,
}

impl VectorFieldConfig {
    /// Initialize a new [`VectorField`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or the scale is not positive.
    #[track_caller]
    pub fn init(&self, device: &Device) -> VectorField {
        let sizes = [
            ("d_input", self.d_input),
            ("d_output", self.d_output),
            ("width", self.width),
        ];
        assert_positive("VectorField", sizes);
        assert!(
            self.scale > 0.0,
            "VectorField: scale must be positive, got {}",
            self.scale
        );
        let mut sizes = vec![self.d_input];
        sizes.extend(std::iter::repeat_n(self.width, self.hidden_layers));
        sizes.push(self.d_output);
        // Burn's own start of linear layers, weights and biases, divided by the scale.
        let start = Initializer::KaimingUniform {
            gain: 1.0 / (3.0f64.sqrt() * self.scale),
            fan_out_only: false,
        };
        let layer = |ends: &[usize]| {
            let config = LinearConfig::new(ends[0], ends[1]);
            config.with_initializer(start.clone()).init(device)
        };
        VectorField {
            layers: sizes.windows(2).map(layer).collect(),
        }
    }
}

impl VectorField {
    /// Applies the forward pass on the input tensor.
    ///
    /// # Shapes
    ///
    /// - state: `[batch, d_input]`
    /// - output: `[batch, d_output]`
    pub fn forward(&self, state: Tensor<2>) -> Tensor<2> {
        self.prepared().forward(state)
    }

    /// The penalty that keeps the field smooth, to be added to the loss with a small factor such as
    /// 1e-6: over all layers, the mean norm of the weights of an output plus the norm of the bias
    /// ([Walker et al. 2024](https://arxiv.org/abs/2402.18512)).
    ///
    /// # Shapes
    ///
    /// - output: `[1]`
    pub fn lipschitz_penalty(&self) -> Tensor<1> {
        // The root of 0 has no slope.
        let norm = |squares: Tensor<1>| (squares + 1e-24).sqrt();
        let of_layer = |layer: &Linear| {
            let squares = layer.weight.val().square().sum_dim(0).squeeze_dim(0);
            let bias = layer
                .bias
                .as_ref()
                .map(|bias| norm(bias.val().square().sum()));
            let weights = norm(squares).mean();
            bias.map_or(weights.clone(), |bias| weights + bias)
        };
        let penalties = self.layers.iter().map(of_layer);
        penalties
            .reduce(|all, one| all + one)
            .expect("a field has a layer")
    }

    /// The numbers of the state, of each hidden layer, and of the output.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![self.layers[0].weight.shape().dims::<2>()[0]];
        let outputs = |layer: &Linear| layer.weight.shape().dims::<2>()[1];
        sizes.extend(self.layers.iter().map(outputs));
        sizes
    }

    /// The weight and the bias of each layer, one after another.
    pub(super) fn flat_weights(&self) -> Tensor<1> {
        let numbers = |layer: &Linear| {
            let weight = layer.weight.val();
            let [_, outputs] = weight.dims();
            let bias = match &layer.bias {
                Some(bias) => bias.val(),
                None => Tensor::zeros([outputs], (&weight.device(), weight.dtype())),
            };
            [weight.flatten(0, 1), bias]
        };
        Tensor::cat(self.layers.iter().flat_map(numbers).collect(), 0)
    }

    /// The weights in the form that is applied many times.
    pub(crate) fn prepared(&self) -> Prepared {
        let layer = |layer: &Linear| Affine {
            weight: layer.weight.val(),
            bias: layer.bias.as_ref().map(|bias| bias.val().unsqueeze_dim(0)),
        };
        let (last, hidden) = self.layers.split_last().expect("a field has a layer");
        Prepared {
            hidden: hidden.iter().map(layer).collect(),
            last: layer(last),
        }
    }
}

one_line_display!(VectorField, |field, content| {
    let sizes: Vec<[usize; 2]> = field
        .layers
        .iter()
        .map(|layer| layer.weight.shape().dims())
        .collect();
    content.add_debug_attribute("layers", &sizes)
});

/// `x W + b`.
struct Affine {
    weight: Tensor<2>,
    /// `[1, outputs]`
    bias: Option<Tensor<2>>,
}

impl Affine {
    fn apply(&self, input: Tensor<2>) -> Tensor<2> {
        let product = input.matmul(self.weight.clone());
        match &self.bias {
            Some(bias) => product + bias.clone(),
            None => product,
        }
    }
}

/// The weights of a [`VectorField`], read once for many evaluations.
pub(crate) struct Prepared {
    hidden: Vec<Affine>,
    last: Affine,
}

impl Prepared {
    pub(super) fn forward(&self, state: Tensor<2>) -> Tensor<2> {
        let hidden = |input: Tensor<2>, layer: &Affine| {
            let input = layer.apply(input);
            input.clone() * sigmoid(input)
        };
        self.last
            .apply(self.hidden.iter().fold(state, hidden))
            .tanh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_start() {
        let device = Device::default();
        let field = VectorFieldConfig::new(3, 6)
            .with_width(4)
            .with_scale(1000.0);
        let field = field.init(&device);
        assert_eq!(
            field.num_params(),
            (3 * 4 + 4) + 2 * (4 * 4 + 4) + (4 * 6 + 6)
        );
        let output = field.forward(Tensor::ones([2, 3], &device)).abs().max();
        assert!(output.into_scalar::<f32>() < 1e-3);
        assert_eq!(
            format!("{field}"),
            "VectorField {layers: [[3, 4], [4, 4], [4, 4], [4, 6]], params: 86}"
        );
    }

    /// Of one layer, by hand: columns (3, 4) and (0, 2), bias (2, 0).
    #[test]
    fn penalty_by_hand() {
        let device = Device::default();
        let mut field = VectorFieldConfig::new(2, 2)
            .with_hidden_layers(0)
            .init(&device);
        let weight = Tensor::<2>::from_floats([[3., 0.], [4., 2.]], &device);
        field.layers[0].weight = burn::module::Param::from_tensor(weight);
        let bias = Tensor::<1>::from_floats([2., 0.], &device);
        field.layers[0].bias = Some(burn::module::Param::from_tensor(bias));
        let penalty = field.lipschitz_penalty().into_scalar::<f32>();
        assert!((penalty - (3.5 + 2.0)).abs() < 1e-6, "{penalty}");
    }
}
