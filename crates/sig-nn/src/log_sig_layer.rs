use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use sig_core::logsignatures::{
    LogSignatureBasis, LogSignatureOptions, logsignature_stream_with, logsignature_with,
    signature_to_logsignature,
};
use sig_core::signatures::{SignatureMethod, SignatureSpec};
use sig_core::windows::{Windows, logsignature_windows};

use crate::layer::one_line_display;
use crate::path_layer::{self, assert_settings, channels_after, path_layer};
use crate::{PathTransform, SignatureScaler, SignatureScaling};

/// Configuration to create a [`LogSigLayer`] using the [init function](LogSigLayerConfig::init).
#[derive(Config, Debug)]
pub struct LogSigLayerConfig {
    /// The last level of the log-signature.
    pub depth: usize,
    /// The basis of the output's coordinates. Default: [`LogSignatureBasis::Words`]
    #[config(default = "LogSignatureBasis::Words")]
    pub basis: LogSignatureBasis,
    /// Whether the origin is put in front of every path, so that the log-signature depends on where
    /// the path starts. Default: false
    #[config(default = false)]
    pub basepoint: bool,
    /// How the signature whose logarithm is taken is computed. Default: [`SignatureMethod::Auto`]
    #[config(default = "SignatureMethod::Auto")]
    pub method: SignatureMethod,
    /// Transforms that are applied to the paths first, in this order. Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
    /// The windows of [`forward_windows`](LogSigLayer::forward_windows). Default: none
    pub windows: Option<Windows>,
    /// How the terms are scaled. Default: [`SignatureScaling::None`]
    #[config(default = "SignatureScaling::None")]
    pub scaling: SignatureScaling,
    /// The number of channels of the paths, before the transforms. Only
    /// [`SignatureScaling::LayerNorm`] needs it, for its parameters. Default: none
    pub channels: Option<usize>,
}

/// The log-signature of a path as a layer: the information of the signature in
/// far fewer features.
///
/// `O = log S(I)`, levels `1..=depth`; see [`logsignature`](sig_core::logsignatures::logsignature).
///
/// For paths of different lengths in one batch, padded to one, call
/// [`forward_ragged`](Self::forward_ragged) with the lengths: [`forward`](Self::forward) would let
/// time and running sums go on through the padding.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::{LogSigLayerConfig, PathTransform};
///
/// let device = Device::flex();
/// let time = PathTransform::TimeAugment { end_time: 1.0 };
/// let config = LogSigLayerConfig::new(3).with_transforms(vec![time]);
/// assert_eq!(config.d_output(2), 14); // of 2 channels and time
/// let features = config.init(&device).forward(Tensor::ones([8, 20, 2], &device));
/// assert_eq!(features.dims(), [8, 14]);
/// ```
///
/// Should be created with [`LogSigLayerConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LogSigLayer {
    /// The last level of the log-signature.
    pub depth: usize,
    /// The basis of the output's coordinates.
    #[module(skip)]
    pub basis: LogSignatureBasis,
    /// Whether the origin is put in front of every path.
    pub basepoint: bool,
    /// How the signature whose logarithm is taken is computed.
    #[module(skip)]
    pub method: SignatureMethod,
    /// Transforms that are applied to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
    /// The windows of [`forward_windows`](Self::forward_windows).
    #[module(skip)]
    pub windows: Option<Windows>,
    /// What scales the terms.
    pub scaler: SignatureScaler,
}

impl LogSigLayerConfig {
    /// Initialize a new [`LogSigLayer`]. It has no parameters but those of its scaling.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, both windows and a basepoint are set, or `channels` is not set with
    /// [`SignatureScaling::LayerNorm`].
    #[track_caller]
    pub fn init(&self, device: &Device) -> LogSigLayer {
        assert_settings("LogSigLayer", self.depth, self.basepoint, &self.windows);
        let scaling = (self.scaling, self.depth);
        let terms = |channels| self.d_output(channels);
        let scaler = path_layer::scaler("LogSigLayer", scaling, self.channels, terms, device);
        LogSigLayer {
            depth: self.depth,
            basis: self.basis,
            basepoint: self.basepoint,
            method: self.method,
            transforms: self.transforms.clone(),
            windows: self.windows.clone(),
            scaler,
        }
    }

    /// The size of the output features, `d_input` of the next layer: the last axis of what all
    /// functions of the layer give, of streams and windows, too.
    ///
    /// # Arguments
    ///
    /// - `channels`: the number of channels of the paths.
    ///
    /// # Panics
    ///
    /// Panics if `channels` or `depth` is 0 or the number of terms cannot be addressed.
    #[track_caller]
    pub fn d_output(&self, channels: usize) -> usize {
        let channels = channels_after(&self.transforms, channels);
        self.basis.terms(channels, self.depth)
    }
}

impl LogSigLayer {
    #[track_caller]
    fn of_path(&self, path: Tensor<3>) -> Tensor<2> {
        logsignature_with(path, self.depth, &self.options())
    }

    #[track_caller]
    fn of_stream(&self, path: Tensor<3>) -> Tensor<3> {
        logsignature_stream_with(path, self.depth, &self.options())
    }

    #[track_caller]
    fn of_windows(&self, path: Tensor<3>, windows: &Windows) -> Tensor<3> {
        logsignature_windows(path, self.depth, windows, self.basis)
    }

    #[track_caller]
    fn of_signature(&self, signature: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
        signature_to_logsignature(signature, spec, self.basis)
    }

    fn labels_of(&self, spec: SignatureSpec) -> Vec<String> {
        self.basis.labels(spec.channels(), spec.depth())
    }

    #[track_caller]
    fn scaled<const D: usize>(&self, coordinates: Tensor<D>, channels: usize) -> Tensor<D> {
        let spec = SignatureSpec::new(channels, self.depth);
        self.scaler.forward_log(coordinates, spec, self.basis)
    }

    fn options(&self) -> LogSignatureOptions {
        LogSignatureOptions::new()
            .with_basis(self.basis)
            .with_signature(path_layer::options(self.basepoint, self.method))
    }
}

path_layer!(LogSigLayer, "log-signatures", "n");

one_line_display!(LogSigLayer, |layer, content| {
    let content = content
        .add("depth", &layer.depth)
        .add_debug_attribute("basis", &layer.basis)
        .add("basepoint", &layer.basepoint)
        .add_debug_attribute("method", &layer.method);
    path_layer::show(
        content,
        layer.scaler.scaling,
        &layer.transforms,
        &layer.windows,
    )
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::layer_tests;

    layer_tests!(
        LogSigLayer,
        LogSigLayerConfig,
        "LogSigLayer: depth must be at least 1, got 0"
    );

    #[test]
    fn forward_and_stream() {
        let device = Device::default();
        let config = LogSigLayerConfig::new(2);
        let layer = config.init(&device);
        let output = layer.forward(path(&device));
        assert_eq!(output.dims(), [1, config.d_output(2)]);
        assert_eq!(
            output.into_data().try_to_vec::<f32>().unwrap(),
            [1., 1., 0.5]
        );

        let stream = layer.forward_stream(path(&device));
        assert_eq!(
            stream.into_data().try_to_vec::<f32>().unwrap(),
            [1., 0., 0., 1., 1., 0.5]
        );
    }

    #[test]
    fn options_reach_the_logsignature() {
        let device = Device::default();
        let config = LogSigLayerConfig::new(2)
            .with_basepoint(true)
            .with_basis(LogSignatureBasis::Expand)
            .with_method(SignatureMethod::Sequential);
        let output = config.init(&device).forward(path(&device) + 1.0);
        assert_eq!(output.dims(), [1, config.d_output(2)]);
        let output = output.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(output, [2., 2., 0., 0.5, -0.5, 0.]);
    }

    #[test]
    fn labels_of_the_basis() {
        let layer = LogSigLayerConfig::new(2).with_basis(LogSignatureBasis::Hall);
        let labels = layer.init(&Device::default()).labels(2);
        assert_eq!(labels, ["0", "1", "[0,1]"]);
    }

    #[test]
    fn display() {
        let layer = LogSigLayerConfig::new(3).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "LogSigLayer {depth: 3, basis: Words, basepoint: false, method: Auto}"
        );
    }
}
