//! What `SigDense` and `SigKan` share: the signature of a path decides how much each unit of the
//! layer counts. Both keep the parts as fields of their own, under whose names their weights are
//! saved.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};

use crate::layer::{assert_dropout, assert_positive};
use crate::{
    SigDenseConfig, SigLayer, SigLayerConfig, SignatureScaler, SignatureScalerConfig,
    SignatureScaling, TimeWeighting, TimeWeightingConfig,
};

/// The parts before the network that makes weights of a signature.
pub(crate) struct Parts {
    pub(crate) time_weighting: TimeWeighting,
    pub(crate) signature: SigLayer,
    pub(crate) norm: SignatureScaler,
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
        assert_dropout(layer, config.dropout);
        let (time_weighting, scaling) = if config.reference {
            let time_weighting = TimeWeightingConfig::reference(config.length);
            (time_weighting, SignatureScaling::None)
        } else {
            let time_weighting = TimeWeightingConfig::new(config.length).with_fit(config.fit);
            (time_weighting, config.scaling)
        };
        let signature = SigLayerConfig::new(config.depth).with_method(config.method);
        let terms = signature.d_output(config.d_input);
        let norm = SignatureScalerConfig::new(scaling, config.depth).with_terms(Some(terms));
        Self {
            time_weighting: time_weighting.init(device),
            signature: signature.init(device),
            norm: norm.init(device),
            terms,
        }
    }
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

/// The forward passes and the display of a layer that has, beside the parts, a `weighting`, a
/// `dropout`, and its own `sizes` and `each_point`.
macro_rules! weighted_by_signature {
    ($layer:ident) => {
        impl $layer {
            /// Applies the forward pass on a batch of paths.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, length, d_output]`
            ///
            /// # Panics
            ///
            /// Panics if the last axis of `path` is not `d_input`, its dtype is not that of the
            /// weights, or its length has no weights by the rule of [`fit`](crate::LengthFit).
            #[track_caller]
            pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
                self.assert_input(&path);
                self.weighted(self.time_weighting.weighted(stringify!($layer), path))
            }

            /// Applies the forward pass on a batch of paths of different lengths, padded to one:
            /// each row gives what [`forward`](Self::forward) gives for the row alone, values and
            /// gradients, and zeros behind its last point. The padding has no influence, whatever
            /// it holds, NaN included.
            ///
            /// # Arguments
            ///
            /// - `path`: padded paths; values after the last point of a row are ignored.
            /// - `lengths`: how many points each row has, from 1 to `length`.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, length, d_output]`
            ///
            /// # Panics
            ///
            /// Panics if the last axis of `path` is not `d_input`, there are not as many lengths as
            /// rows, one is 0 or exceeds the length of the paths, or one has no weights by the rule
            /// of [`fit`](crate::LengthFit).
            #[doc(alias = "padding")]
            #[doc(alias = "mask")]
            #[track_caller]
            pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
                self.assert_input(&path);
                let weighting = &self.time_weighting;
                let path = weighting.weighted_ragged(stringify!($layer), path, lengths);
                $crate::ragged::zero_after(self.weighted(path), lengths)
            }

            #[track_caller]
            fn assert_input(&self, path: &Tensor<3>) {
                let ([d_input, _], [_, _, channels]) = (self.sizes(), path.dims());
                assert!(
                    channels == d_input,
                    "{}: axis 2 of the path must have d_input = {d_input} channels, got {channels}",
                    stringify!($layer)
                );
                let weights = self.time_weighting.dtype();
                $crate::layer::assert_dtype(stringify!($layer), "path", path.dtype(), weights);
            }

            /// The output of a path whose points are weighted already.
            #[track_caller]
            fn weighted(&self, path: Tensor<3>) -> Tensor<3> {
                let signature = self.signature.forward(path.clone());
                let [d_input, _] = self.sizes();
                let signature = self.norm.forward(signature, self.signature.spec(d_input));
                let scores = self.weighting.forward(signature);
                let weights = $crate::signature_weights::unit_weights(scores, self.mean_one);
                self.dropout.forward(self.each_point(path)) * weights
            }
        }

        one_line_display!($layer, |layer, content| {
            let [d_input, d_output] = layer.sizes();
            let [length, _] = layer.time_weighting.weight.shape().dims();
            content
                .add("d_input", &d_input)
                .add("d_output", &d_output)
                .add("length", &length)
                .add("depth", &layer.signature.depth)
        });
    };
}
pub(crate) use weighted_by_signature;
