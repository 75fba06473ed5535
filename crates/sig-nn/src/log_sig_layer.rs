use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use sig_core::logsignatures::{
    LogSignatureBasis, LogSignatureOptions, logsignature_stream_with, logsignature_with,
};
use sig_core::signatures::{SignatureMethod, SignatureSpec};
use sig_core::windows::{Windows, logsignature_windows};

use crate::layer::one_line_display;
use crate::path_layer::{
    self, assert_settings, channels_after, expect_windows, transformed, transformed_ragged,
};
use crate::ragged::RaggedWindows;
use crate::{PathTransform, SignatureScaler, SignatureScalerConfig, SignatureScaling};

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
/// `O = log S(I)`, levels `1..=depth`; see [`sig_core::logsignatures::logsignature`].
///
/// For paths of different lengths in one batch, padded to one, call
/// [`forward_ragged`](Self::forward_ragged) with the lengths: [`forward`](Self::forward) would let
/// time and running sums go on through the padding.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use sig_nn::{LogSigLayerConfig, PathTransform};
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
        let norm = self.scaling == SignatureScaling::LayerNorm;
        assert!(
            !norm || self.channels.is_some(),
            "LogSigLayer: SignatureScaling::LayerNorm needs the number of channels, \
             LogSigLayerConfig::with_channels"
        );
        let terms = self.channels.filter(|_| norm);
        let terms = terms.map(|channels| self.d_output(channels));
        let scaler = SignatureScalerConfig::new(self.scaling, self.depth).with_terms(terms);
        LogSigLayer {
            depth: self.depth,
            basis: self.basis,
            basepoint: self.basepoint,
            method: self.method,
            transforms: self.transforms.clone(),
            windows: self.windows.clone(),
            scaler: scaler.init(device),
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
    /// The log-signatures of a batch of paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, n]`, see [`LogSignatureBasis::terms`]
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or no channels, or the signature cannot be allocated.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        self.of_path(transformed(&self.transforms, path))
    }

    /// The log-signatures of a batch of paths of different lengths, padded to one: each row gives what
    /// [`forward`](Self::forward) gives for the row alone, values and gradient, whatever the padding
    /// holds, NaN included. Every transform acts on a row as if it were alone; time, for example,
    /// ends at the row's own last point.
    ///
    /// # Arguments
    ///
    /// - `path`: points, in order, with anything behind the last point of a row.
    /// - `lengths`: how many points each row has, from 1 to `length`.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, n]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or one is
    /// 0 or exceeds the length of the paths.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use sig_nn::{LogSigLayerConfig, PathTransform};
    ///
    /// let device = Device::flex();
    /// let time = PathTransform::TimeAugment { end_time: 1.0 };
    /// let layer = LogSigLayerConfig::new(2).with_transforms(vec![time]).init(&device);
    /// let nan = f32::NAN;
    /// let path = [[0., 0.], [1., 0.], [1., 1.], [nan, nan], [nan, nan]];
    /// let path = Tensor::<3>::from_floats([path], &device);
    /// let terms = layer.forward_ragged(path, &[3]).into_data();
    /// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 1., 0.5, 0.25, -0.25]);
    /// ```
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        self.of_path(transformed_ragged(&self.transforms, path, lengths).0)
    }

    /// The log-signatures of all prefixes of a batch of paths, which are a path again.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, length − 1, n]`, or `[batch, length, n]` with a basepoint
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or no channels, or the signatures cannot be allocated.
    #[track_caller]
    pub fn forward_stream(&self, path: Tensor<3>) -> Tensor<3> {
        let path = transformed(&self.transforms, path);
        let channels = path.dims()[2];
        self.scaled(
            logsignature_stream_with(path, self.depth, &self.options()),
            channels,
        )
    }

    /// The log-signatures of the [windows](Self::windows) of a batch of paths, after the
    /// transforms.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, windows, n]`
    ///
    /// # Panics
    ///
    /// Panics if the layer has no windows, or one is not within the transformed path.
    #[track_caller]
    pub fn forward_windows(&self, path: Tensor<3>) -> Tensor<3> {
        let windows = expect_windows("LogSigLayer::forward_windows", &self.windows);
        self.of_windows(transformed(&self.transforms, path), windows)
    }

    /// The log-signatures of the [windows](Self::windows) of a batch of paths of different lengths, padded
    /// to one: each row gives what [`forward_windows`](Self::forward_windows) gives for the row
    /// alone, with zeros behind its last window.
    ///
    /// Each row has the windows of its own length: longer rows have more sliding and expanding ones,
    /// and dyadic windows halve each row by itself.
    ///
    /// # Arguments
    ///
    /// - `path`: points, in order, with anything behind the last point of a row.
    /// - `lengths`: how many points each row has, from 1 to `length`.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, windows, n]` with the windows of the longest row, and how many windows
    ///   each row has
    ///
    /// # Panics
    ///
    /// Panics if the layer has no windows, a window is not within the transformed row, there are not
    /// as many lengths as rows, or one is 0 or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_windows_ragged(
        &self,
        path: Tensor<3>,
        lengths: &[usize],
    ) -> (Tensor<3>, Vec<usize>) {
        let windows = expect_windows("LogSigLayer::forward_windows_ragged", &self.windows);
        let (path, lengths) = transformed_ragged(&self.transforms, path, lengths);
        let rows = RaggedWindows::new(windows, &lengths);
        let all = self.of_windows(path, &rows.windows);
        rows.of_rows(all)
    }

    #[track_caller]
    fn of_path(&self, path: Tensor<3>) -> Tensor<2> {
        let channels = path.dims()[2];
        self.scaled(
            logsignature_with(path, self.depth, &self.options()),
            channels,
        )
    }

    #[track_caller]
    fn of_windows(&self, path: Tensor<3>, windows: &Windows) -> Tensor<3> {
        let channels = path.dims()[2];
        self.scaled(
            logsignature_windows(path, self.depth, windows, self.basis),
            channels,
        )
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
    fn display() {
        let layer = LogSigLayerConfig::new(3).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "LogSigLayer {depth: 3, basis: Words, basepoint: false, method: Auto}"
        );
    }
}
