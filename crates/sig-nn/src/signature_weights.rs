//! What `SigDense` and `SigKan` share: the signature of a path decides how much each unit of the
//! layer counts. Both keep the parts as fields of their own, under whose names their weights are
//! saved.

use burn::nn::LayerNorm;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use crate::layer::assert_positive;
use crate::{
    SigDenseConfig, SigLayer, SigLayerConfig, SignatureScaling, TimeWeighting, TimeWeightingConfig,
};

/// The parts before the network that makes weights of a signature.
pub(crate) struct Parts {
    pub(crate) time_weighting: TimeWeighting,
    pub(crate) signature: SigLayer,
    pub(crate) norm: Option<LayerNorm>,
    pub(crate) factorial: bool,
    /// The number of terms of the signature.
    pub(crate) terms: usize,
}

impl Parts {
    /// The parts by the settings of `SigDense`, all of which `SigKan` has, too. Panics name
    /// `layer`.
    #[track_caller]
    pub(crate) fn new(layer: &str, config: &SigDenseConfig, device: &Device) -> Self {
        let sizes = [
            ("d_input", config.d_input),
            ("d_output", config.d_output),
            ("length", config.length),
            ("depth", config.depth),
        ];
        assert_positive(layer, sizes);
        let (time_weighting, scaling) = if config.reference {
            let time_weighting = TimeWeightingConfig::reference(config.length);
            (time_weighting, SignatureScaling::None)
        } else {
            let time_weighting = TimeWeightingConfig::new(config.length).with_fit(config.fit);
            (time_weighting, config.scaling)
        };
        let signature = SigLayerConfig::new(config.depth).with_method(config.method);
        let terms = signature.d_output(config.d_input);
        Self {
            time_weighting: time_weighting.init(device),
            signature: signature.init(device),
            norm: scaling.norm(terms, device),
            factorial: scaling == SignatureScaling::Factorial,
            terms,
        }
    }
}

/// Panics, in the name of a layer, if a path has other channels than the layer.
#[track_caller]
pub(crate) fn assert_channels(layer: &str, path: &Tensor<3>, d_input: usize) {
    let [_, _, channels] = path.dims();
    assert!(
        channels == d_input,
        "{layer}: axis 2 of the path must have d_input = {d_input} channels, got {channels}"
    );
}

/// The softmax of scores `[batch, d_output]` as weights of units, `[batch, 1, d_output]`;
/// `mean_one` makes their mean 1 instead of their sum.
pub(crate) fn unit_weights(scores: Tensor<2>, mean_one: bool) -> Tensor<3> {
    let [_, d_output] = scores.dims();
    let mut weights = softmax(scores, 1);
    if mean_one {
        weights = weights * d_output as f64;
    }
    weights.unsqueeze_dim(1)
}
