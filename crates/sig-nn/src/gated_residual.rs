use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::nn::activation::{ActivationConfig, EluConfig};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor};

use crate::activation::elu;
use crate::gate::dense;
use crate::layer::{assert_dropout, linear, one_line_display};
use crate::scaling::tamed;
use crate::{Gate, GateConfig, KanLinear, KanLinearConfig};

/// Configuration to create a [`GatedResidualNetwork`] layer using the
/// [init function](GatedResidualNetworkConfig::init).
#[derive(Config, Debug)]
pub struct GatedResidualNetworkConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the hidden and output features.
    pub d_output: usize,
    /// The probability of dropout before the gate. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// A value required for the numerical stability of the layer norm. Default: 1e-3, as in Keras
    #[config(default = 1e-3)]
    pub epsilon: f64,
}

/// Configuration to create a [`GatedResidualKan`] layer using the
/// [init function](GatedResidualKanConfig::init).
#[derive(Config, Debug)]
pub struct GatedResidualKanConfig {
    /// The size of the input features.
    pub d_input: usize,
    /// The size of the hidden and output features.
    pub d_output: usize,
    /// The number of intervals in the grid range of both hidden layers. Default: 3
    #[config(default = 3)]
    pub grid_size: usize,
    /// The degree of the splines. Default: 3, cubic
    #[config(default = 3)]
    pub spline_order: usize,
    /// The grid range of both hidden layers. Default: `[-1, 1]`
    #[config(default = "[-1.0, 1.0]")]
    pub grid_range: [f64; 2],
    /// Whether the hidden layers have a bias. Default: false
    #[config(default = false)]
    pub bias: bool,
    /// The probability of dropout, in the hidden layers and before the gate. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// A value required for the numerical stability of the layer norm. Default: 1e-3, as in Keras
    #[config(default = 1e-3)]
    pub epsilon: f64,
}

/// A small network that can fall back to a linear map: its non-linear branch ends in a [`Gate`]
/// and is added to a linear skip connection.
///
/// `O = LayerNorm(I W_s + b_s + Gate(Dropout(Linear(elu(Linear(I))))))`
///
/// After [Lim et al. 2021](https://arxiv.org/abs/1912.09363), with the skip connection always a
/// linear map, as in [SigKAN](https://arxiv.org/abs/2406.17890). With [`KanLinear`] as hidden
/// layers it is a [`GatedResidualKan`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::GatedResidualNetworkConfig;
///
/// let device = Device::flex();
/// let network = GatedResidualNetworkConfig::new(6, 4).init(&device);
/// assert_eq!(network.forward(Tensor::<2>::ones([8, 6], &device)).dims(), [8, 4]);
/// ```
///
/// Should be created with [`GatedResidualNetworkConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct GatedResidualNetwork<H: HiddenLayer = Linear> {
    /// First layer of the non-linear branch.
    pub hidden_1: H,
    /// Second layer of the non-linear branch.
    pub hidden_2: H,
    /// Dropout between the second layer and the gate.
    pub dropout: Dropout,
    /// The gate of the non-linear branch.
    pub gate: Gate,
    /// The skip connection.
    pub skip: Linear,
    /// The norm of the sum.
    pub norm: LayerNorm,
}

/// A [`GatedResidualNetwork`] whose two hidden layers are [`KanLinear`].
///
/// `O = LayerNorm(I W_s + b_s + Gate(Dropout(KAN_relu(KAN_elu(I)))))`, each `KAN` named by its base
/// activation and without a layer norm of its own
/// ([Inzirillo & Genet 2024](https://arxiv.org/abs/2406.17890)).
///
/// Should be created with [`GatedResidualKanConfig`].
pub type GatedResidualKan = GatedResidualNetwork<KanLinear>;

/// A hidden layer of a [`GatedResidualNetwork`]: [`Linear`] or [`KanLinear`].
pub trait HiddenLayer: Module + ModuleDisplay {
    /// The network's name with such layers.
    const NETWORK: &'static str;

    /// Both hidden layers, with what activates the first.
    #[track_caller]
    fn forward_both<const D: usize>(first: &Self, second: &Self, input: Tensor<D>) -> Tensor<D>;
}

impl HiddenLayer for Linear {
    const NETWORK: &'static str = "GatedResidualNetwork";

    fn forward_both<const D: usize>(first: &Self, second: &Self, input: Tensor<D>) -> Tensor<D> {
        linear(second, elu(linear(first, input), 1.0))
    }
}

impl HiddenLayer for KanLinear {
    const NETWORK: &'static str = "GatedResidualKan";

    fn forward_both<const D: usize>(first: &Self, second: &Self, input: Tensor<D>) -> Tensor<D> {
        second.forward(first.forward(input))
    }
}

impl GatedResidualNetworkConfig {
    /// Initialize a new [`GatedResidualNetwork`] module.
    ///
    /// # Panics
    ///
    /// Panics if `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> GatedResidualNetwork {
        let hidden = [self.d_input, self.d_output].map(|from| dense(from, self.d_output, device));
        self.around(hidden, device)
    }

    /// The network around its hidden layers.
    #[track_caller]
    fn around<H: HiddenLayer>(&self, hidden: [H; 2], device: &Device) -> GatedResidualNetwork<H> {
        assert_dropout(H::NETWORK, self.dropout);
        let [hidden_1, hidden_2] = hidden;
        let norm = LayerNormConfig::new(self.d_output).with_epsilon(self.epsilon);
        GatedResidualNetwork {
            hidden_1,
            hidden_2,
            dropout: DropoutConfig::new(self.dropout).init(),
            gate: GateConfig::new(self.d_output, self.d_output).init(device),
            skip: dense(self.d_input, self.d_output, device),
            norm: norm.init(device),
        }
    }
}

impl GatedResidualKanConfig {
    /// Initialize a new [`GatedResidualKan`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, `grid_range` is empty or not finite, or `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> GatedResidualKan {
        let hidden = |d_input, base_activation| {
            KanLinearConfig::new(d_input, self.d_output)
                .with_grid_size(self.grid_size)
                .with_spline_order(self.spline_order)
                .with_grid_range(self.grid_range)
                .with_base_activation(base_activation)
                .with_bias(self.bias)
                .with_layer_norm(false)
                .with_dropout(self.dropout)
                .init(device)
        };
        let hidden_1 = hidden(self.d_input, EluConfig::new().into());
        let hidden_2 = hidden(self.d_output, ActivationConfig::Relu);
        GatedResidualNetworkConfig::new(self.d_input, self.d_output)
            .with_dropout(self.dropout)
            .with_epsilon(self.epsilon)
            .around([hidden_1, hidden_2], device)
    }
}

impl<H: HiddenLayer> GatedResidualNetwork<H> {
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
        let hidden = H::forward_both(&self.hidden_1, &self.hidden_2, input.clone());
        let hidden = self.dropout.forward(hidden);
        let sum = linear(&self.skip, input) + self.gate.forward(hidden);
        self.norm.forward(tamed(sum))
    }
}

one_line_display!([H: HiddenLayer] GatedResidualNetwork<H>, |network, content| {
    let [d_input, d_output] = network.skip.weight.shape().dims();
    content
        .set_top_level_type(H::NETWORK)
        .add("d_input", &d_input)
        .add("d_output", &d_output)
        .add("dropout", &network.dropout.prob)
});

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Distribution;

    #[test]
    fn display() {
        let device = Device::default();
        let network = GatedResidualNetworkConfig::new(7, 6).init(&device);
        assert_eq!(
            format!("{network}"),
            "GatedResidualNetwork {d_input: 7, d_output: 6, dropout: 0, params: 234}"
        );
        let network = GatedResidualKanConfig::new(7, 6).init(&device);
        assert_eq!(
            format!("{network}"),
            "GatedResidualKan {d_input: 7, d_output: 6, dropout: 0, params: 820}"
        );
    }

    fn any_rank<H: HiddenLayer>(network: &GatedResidualNetwork<H>) {
        let input = Tensor::<3>::random([4, 5, 3], Distribution::Default, &Device::default());
        let output = network.forward(input.clone());
        assert_eq!(output.dims(), [4, 5, 2]);
        let row = network.forward(input.slice([1..2, 2..3]).reshape([1, 3]));
        let same = output.slice([1..2, 2..3]).reshape([1, 2]);
        row.into_data()
            .assert_approx_eq::<f32>(&same.into_data(), Default::default());
    }

    #[test]
    fn any_rank_of_either() {
        let device = Device::default();
        any_rank(&GatedResidualNetworkConfig::new(3, 2).init(&device));
        any_rank(&GatedResidualKanConfig::new(3, 2).init(&device));
    }
}
