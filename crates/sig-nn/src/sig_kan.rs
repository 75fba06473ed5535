use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::{Device, Tensor};
use sig_core::signatures::SignatureMethod;

use crate::layer::one_line_display;
use crate::signature_weights::{Parts, weighted_by_signature};
use crate::{
    GatedResidualKan, GatedResidualKanConfig, KanLinear, KanLinearConfig, LengthFit,
    SigDenseConfig, SigLayer, SignatureScaler, SignatureScaling, TimeWeighting,
};

/// Configuration to create a [`SigKan`] layer using the [init function](SigKanConfig::init).
#[derive(Config, Debug)]
pub struct SigKanConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The number of units, the channels of the output.
    pub d_output: usize,
    /// The number of weights over time: the points of the longest path. See `fit` for other lengths.
    pub length: usize,
    /// The last level of the signature kept.
    pub depth: usize,
    /// The number of intervals that the grid range of every KAN layer is cut into. Default: 3
    #[config(default = 3)]
    pub grid_size: usize,
    /// The degree of the splines. Default: 3, cubic
    #[config(default = 3)]
    pub spline_order: usize,
    /// The grid range of every KAN layer: of the channels of the path, and of the signature as it
    /// is scaled. Default: `[-1, 1]`
    #[config(default = "[-1.0, 1.0]")]
    pub grid_range: [f64; 2],
    /// The probability of dropout, in all KAN layers, before the gate and of the output before it
    /// is weighted. Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// What to do with paths of another length. Default: [`LengthFit::Truncate`]
    #[config(default = "LengthFit::Truncate")]
    pub fit: LengthFit,
    /// How the signature is scaled before the gating network, whose splines see little beyond their
    /// grid. Default: [`SignatureScaling::LayerNorm`]
    #[config(default = "SignatureScaling::LayerNorm")]
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

/// A [`KanLinear`] layer applied to each point of a path, whose units are weighted by the signature
/// of the whole path: what the path has done decides which features of its points count.
///
/// With the learned time weighting `w` and the units `n`,
/// `O_t = KAN(w_t I_t) ⊙ n · softmax(GRKAN(S(w ⊙ I)))`, where the KAN layer has neither bias nor
/// layer norm and GRKAN is [`GatedResidualKan`]
/// ([Inzirillo & Genet 2024](https://arxiv.org/abs/2406.17890)); the factor `n` keeps the weights
/// at 1 in the mean and is missing with [`reference`](SigKanConfig::reference).
///
/// For paths of different lengths in one batch, padded to one, call
/// [`forward_ragged`](Self::forward_ragged) with the lengths.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::SigKanConfig;
///
/// let device = Device::flex();
/// let layer = SigKanConfig::new(2, 16, 10, 3).init(&device); // channels, units, points, depth
/// let output = layer.forward(Tensor::ones([8, 10, 2], &device));
/// assert_eq!(output.dims(), [8, 10, 16]);
/// ```
///
/// Should be created with [`SigKanConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SigKan {
    /// The weight of each point.
    pub time_weighting: TimeWeighting,
    /// The signature of the weighted path.
    pub signature: SigLayer,
    /// What scales the signature.
    pub norm: SignatureScaler,
    /// From the signature to the weights of the units.
    pub weighting: GatedResidualKan,
    /// The layer that is weighted.
    pub kan: KanLinear,
    /// Dropout of that layer's output.
    pub dropout: Dropout,
    /// Whether the weights are scaled to a mean of 1.
    pub mean_one: bool,
}

impl SigKanConfig {
    /// Initialize a new [`SigKan`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, the number of terms cannot be addressed, `grid_range` is empty or not
    /// finite, or `dropout` is not in `[0, 1)`.
    #[track_caller]
    pub fn init(&self, device: &Device) -> SigKan {
        let shared = SigDenseConfig {
            d_input: self.d_input,
            d_output: self.d_output,
            length: self.length,
            depth: self.depth,
            dropout: self.dropout,
            fit: self.fit,
            scaling: self.scaling,
            method: self.method,
            reference: self.reference,
        };
        let parts = Parts::new("SigKan", &shared, device);
        SigKan {
            time_weighting: parts.time_weighting,
            signature: parts.signature,
            norm: parts.norm,
            weighting: GatedResidualKanConfig::new(parts.terms, self.d_output)
                .with_grid_size(self.grid_size)
                .with_spline_order(self.spline_order)
                .with_grid_range(self.grid_range)
                .with_dropout(self.dropout)
                .init(device),
            kan: KanLinearConfig::new(self.d_input, self.d_output)
                .with_grid_size(self.grid_size)
                .with_spline_order(self.spline_order)
                .with_grid_range(self.grid_range)
                .with_bias(false)
                .with_layer_norm(false)
                .with_dropout(self.dropout)
                .init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            mean_one: !self.reference,
        }
    }
}

impl SigKan {
    fn sizes(&self) -> [usize; 2] {
        self.kan.base_weight.shape().dims()
    }

    fn each_point(&self, path: Tensor<3>) -> Tensor<3> {
        self.kan.forward(path)
    }
}

weighted_by_signature!(SigKan);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::SCALINGS;
    use burn::store::ModuleRecord;
    use burn::tensor::{Distribution, TensorData};

    fn path(shape: [usize; 3]) -> Tensor<3> {
        Tensor::random(shape, Distribution::Default, &Device::default())
    }

    #[test]
    fn parameter_count_of_the_reference() {
        let config = SigKanConfig::new(5, 7, 10, 2);
        let layer = config.clone().with_reference(true).init(&Device::default());
        assert_eq!(layer.num_params(), 2831);
        let knots = |kan: &KanLinear| kan.knots.num_params();
        let weighting = &layer.weighting;
        let knots = knots(&layer.kan) + knots(&weighting.hidden_1) + knots(&weighting.hidden_2);
        assert_eq!(knots, 420);
        // The layer norm of the 30 terms.
        assert_eq!(config.init(&Device::default()).num_params(), 2831 + 60);
    }

    #[test]
    fn shorter_paths_and_interpolation() {
        let config = SigKanConfig::new(3, 4, 6, 2);
        let layer = config.init(&Device::default());
        assert_eq!(layer.forward(path([2, 4, 3])).dims(), [2, 4, 4]);
        let layer = config
            .with_fit(LengthFit::Interpolate)
            .init(&Device::default());
        assert_eq!(layer.forward(path([2, 9, 3])).dims(), [2, 9, 4]);
    }

    #[test]
    #[should_panic(expected = "SigKan: the path has length 4 (axis 1) and there are 6 weights")]
    fn the_reference_has_one_length() {
        let layer = SigKanConfig::new(3, 4, 6, 2)
            .with_reference(true)
            .init(&Device::default());
        layer.forward(path([2, 4, 3]));
    }

    #[test]
    #[should_panic(expected = "axis 2 of the path must have d_input = 3 channels, got 2")]
    fn wrong_channels() {
        SigKanConfig::new(3, 4, 6, 2)
            .init(&Device::default())
            .forward(path([2, 6, 2]));
    }

    #[test]
    #[should_panic(expected = "SigKan: depth must be at least 1, got 0")]
    fn depth_zero() {
        SigKanConfig::new(3, 4, 6, 0).init(&Device::default());
    }

    #[test]
    fn every_scaling_keeps_the_weights_at_a_mean_of_one() {
        let device = Device::default();
        for scaling in SCALINGS {
            let mut layer = SigKanConfig::new(2, 3, 4, 3)
                .with_scaling(scaling)
                .init(&device);
            // All splines together are 1 on the grid, for each of the two channels.
            let kan = &mut layer.kan;
            kan.base_weight = kan.base_weight.clone().map(|weight| weight * 0.0);
            kan.spline_weight = kan.spline_weight.clone().map(|weight| weight * 0.0 + 0.5);
            let mean = layer.forward(path([5, 4, 2])).mean_dim(2).into_data();
            mean.assert_approx_eq::<f32>(
                &TensorData::ones::<f32, _>([5, 4, 1]),
                Default::default(),
            );
        }
    }

    #[test]
    fn large_signatures_still_teach_the_splines() {
        let device = Device::default().autodiff();
        let path = path([2, 6, 3]).mul_scalar(100.0).to_device(&device);
        let reaches = |reference| {
            let mut layer = SigKanConfig::new(3, 4, 6, 2)
                .with_reference(reference)
                .init(&device);
            layer.time_weighting.weight =
                layer.time_weighting.weight.map(|weight| weight * 0.0 + 1.0);
            let loss = layer.forward(path.clone()).slice([0..2, 0..6, 0..1]).sum();
            let gradients = loss.backward();
            let weights = &layer.weighting.hidden_1.spline_weight;
            let gradient = weights.grad(&gradients).unwrap();
            gradient
                .not_equal_elem(0.0)
                .int()
                .sum()
                .into_scalar::<i64>()
        };
        assert!(reaches(false) > 2 * reaches(true));
    }

    #[test]
    fn record_round_trip() {
        let device = Device::default();
        let config = SigKanConfig::new(3, 4, 6, 2).with_grid_range([-2.0, 3.0]);
        let layer = config.init(&device);
        let path = path([2, 6, 3]);
        let before = layer.forward(path.clone()).into_data();
        let bytes = layer.into_record().into_bytes().unwrap();
        let loaded = SigKanConfig::new(3, 4, 6, 2)
            .init(&device)
            .load_record(ModuleRecord::from_bytes(bytes).unwrap());
        // The knots are of the record.
        loaded.forward(path).into_data().assert_eq(&before, true);
    }

    #[test]
    fn config_round_trip() {
        let config = SigKanConfig::new(3, 4, 6, 2).with_scaling(SignatureScaling::None);
        let file = tempfile::NamedTempFile::new().unwrap();
        config.save(file.path()).unwrap();
        let loaded = SigKanConfig::load(file.path()).unwrap();
        assert_eq!(loaded.scaling, SignatureScaling::None);
        assert_eq!(loaded.d_output, 4);
    }

    #[test]
    fn display() {
        let layer = SigKanConfig::new(5, 7, 10, 2).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "SigKan {d_input: 5, d_output: 7, length: 10, depth: 2, params: 2891}"
        );
    }
}
