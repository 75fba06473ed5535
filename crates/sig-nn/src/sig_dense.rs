use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear};
use burn::tensor::{Device, Tensor};
use sig_core::signatures::SignatureMethod;

use crate::gate::dense;
use crate::layer::one_line_display;
use crate::signature_weights::{Parts, weighted_by_signature};
use crate::{
    GatedResidualNetwork, GatedResidualNetworkConfig, LengthFit, SigLayer, SignatureScaler,
    SignatureScaling, TimeWeighting,
};

/// Configuration to create a [`SigDense`] layer using the [init function](SigDenseConfig::init).
#[derive(Config, Debug)]
pub struct SigDenseConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The number of units, the channels of the output.
    pub d_output: usize,
    /// The number of weights over time: the points of the longest path. See `fit` for other lengths.
    pub length: usize,
    /// The last level of the signature kept.
    pub depth: usize,
    /// The probability of dropout, in the gating network and of the linear layer's output. Default:
    /// 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// What to do with paths of another length. Default: [`LengthFit::Truncate`]
    #[config(default = "LengthFit::Truncate")]
    pub fit: LengthFit,
    /// How the signature is scaled before the gating network. Default:
    /// [`SignatureScaling::Factorial`]
    #[config(default = "SignatureScaling::Factorial")]
    pub scaling: SignatureScaling,
    /// How the signature is computed. Default: [`SignatureMethod::Auto`]
    #[config(default = "SignatureMethod::Auto")]
    pub method: SignatureMethod,
    /// Reproduces the reference implementation, sigkan 0.2, to the letter: the time weighting
    /// starts Glorot uniform, so with random signs; the length is fixed; the signature is not
    /// scaled; the weights over the units sum to 1. It overrides `fit` and `scaling`, and lets
    /// weights trained there be used here. Default: false
    #[config(default = false)]
    pub reference: bool,
}

/// A linear layer applied to each point of a path, whose units are weighted by the signature of the
/// whole path: what the path has done decides which features of its points count.
///
/// With the learned time weighting `w` and the units `n`,
/// `O_t = (w_t I_t W + b) ⊙ n · softmax(GRN(S(w ⊙ I)))`
/// ([Inzirillo & Genet 2024](https://arxiv.org/abs/2406.17890)); the factor `n` keeps the weights
/// at 1 in the mean and is missing with [`reference`](SigDenseConfig::reference).
///
/// For paths of different lengths in one batch, padded to one, call
/// [`forward_ragged`](Self::forward_ragged) with the lengths.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::SigDenseConfig;
///
/// let device = Device::flex();
/// let layer = SigDenseConfig::new(2, 16, 10, 3).init(&device); // channels, units, points, depth
/// let output = layer.forward(Tensor::ones([8, 10, 2], &device));
/// assert_eq!(output.dims(), [8, 10, 16]);
/// ```
///
/// Should be created with [`SigDenseConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SigDense {
    /// The weight of each point.
    pub time_weighting: TimeWeighting,
    /// The signature of the weighted path.
    pub signature: SigLayer,
    /// What scales the signature.
    pub norm: SignatureScaler,
    /// From the signature to the weights of the units.
    pub weighting: GatedResidualNetwork,
    /// The layer that is weighted.
    pub linear: Linear,
    /// Dropout of that layer's output.
    pub dropout: Dropout,
    /// Whether the weights are scaled to a mean of 1.
    pub mean_one: bool,
}

impl SigDenseConfig {
    /// Initialize a new [`SigDense`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, the number of terms cannot be addressed, or `dropout` is not in
    /// `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> SigDense {
        let parts = Parts::new("SigDense", self, device);
        SigDense {
            time_weighting: parts.time_weighting,
            signature: parts.signature,
            norm: parts.norm,
            weighting: GatedResidualNetworkConfig::new(parts.terms, self.d_output)
                .with_dropout(self.dropout)
                .init(device),
            linear: dense(self.d_input, self.d_output, device),
            dropout: DropoutConfig::new(self.dropout).init(),
            mean_one: !self.reference,
        }
    }
}

impl SigDense {
    fn sizes(&self) -> [usize; 2] {
        self.linear.weight.shape().dims()
    }

    /// The linear layer at each point of paths, as one product of all points with the weights: one
    /// product per path takes longer, most of all for the gradient of the weights.
    fn each_point(&self, path: Tensor<3>) -> Tensor<3> {
        let ([batch, length, channels], [_, d_output]) = (path.dims(), self.sizes());
        let points = self
            .linear
            .forward(path.reshape([batch * length, channels]));
        points.reshape([batch, length, d_output])
    }
}

weighted_by_signature!(SigDense);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::{self, SCALINGS};
    use burn::tensor::{Distribution, TensorData};

    fn path(shape: [usize; 3]) -> Tensor<3> {
        Tensor::random(shape, Distribution::Default, &Device::default())
    }

    #[test]
    fn parameter_count_of_the_reference() {
        for reference in [false, true] {
            let config = SigDenseConfig::new(5, 7, 10, 2).with_reference(reference);
            assert_eq!(config.init(&Device::default()).num_params(), 668);
        }
    }

    #[test]
    fn shorter_paths_and_interpolation() {
        let config = SigDenseConfig::new(3, 4, 6, 2);
        let layer = config.init(&Device::default());
        assert_eq!(layer.forward(path([2, 4, 3])).dims(), [2, 4, 4]);
        let layer = config
            .with_fit(LengthFit::Interpolate)
            .init(&Device::default());
        assert_eq!(layer.forward(path([2, 9, 3])).dims(), [2, 9, 4]);
    }

    #[test]
    #[should_panic(expected = "SigDense: the path has length 4 (axis 1) and there are 6 weights")]
    fn the_reference_has_one_length() {
        let layer = SigDenseConfig::new(3, 4, 6, 2)
            .with_reference(true)
            .init(&Device::default());
        layer.forward(path([2, 4, 3]));
    }

    #[test]
    #[should_panic(expected = "axis 2 of the path must have d_input = 3 channels, got 2")]
    fn wrong_channels() {
        SigDenseConfig::new(3, 4, 6, 2)
            .init(&Device::default())
            .forward(path([2, 6, 2]));
    }

    #[test]
    #[should_panic(expected = "SigDense: depth must be at least 1, got 0")]
    fn depth_zero() {
        SigDenseConfig::new(3, 4, 6, 0).init(&Device::default());
    }

    #[test]
    fn every_scaling_keeps_the_weights_at_a_mean_of_one() {
        let device = Device::default();
        for scaling in SCALINGS {
            let mut layer = SigDenseConfig::new(2, 3, 4, 3)
                .with_scaling(scaling)
                .init(&device);
            layer.linear.weight = layer.linear.weight.map(|weight| weight * 0.0);
            layer.linear.bias = layer.linear.bias.map(|bias| bias.map(|bias| bias + 1.0));
            let mean = layer.forward(path([5, 4, 2])).mean_dim(2).into_data();
            mean.assert_approx_eq::<f32>(
                &TensorData::ones::<f32, _>([5, 4, 1]),
                Default::default(),
            );
        }
    }

    #[test]
    fn record_round_trip() {
        let config = SigDenseConfig::new(3, 4, 6, 2).with_scaling(SignatureScaling::LayerNorm);
        let path = path([2, 6, 3]);
        let init = || config.init(&Device::default());
        layer_tests::record_round_trip(init, |layer| layer.forward(path.clone()));
    }

    #[test]
    fn config_round_trip() {
        let config = SigDenseConfig::new(3, 4, 6, 2).with_scaling(SignatureScaling::LayerNorm);
        let file = tempfile::NamedTempFile::new().unwrap();
        config.save(file.path()).unwrap();
        let loaded = SigDenseConfig::load(file.path()).unwrap();
        assert_eq!(loaded.scaling, SignatureScaling::LayerNorm);
        assert_eq!(loaded.d_output, 4);
    }

    #[test]
    fn display() {
        let layer = SigDenseConfig::new(5, 7, 10, 2).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "SigDense {d_input: 5, d_output: 7, length: 10, depth: 2, params: 668}"
        );
    }
}
