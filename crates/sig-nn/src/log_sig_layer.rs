use burn::config::Config;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use sig_core::{
    Basepoint, LogSignatureBasis, LogSignatureOptions, SignatureMethod, SignatureOptions, Windows,
    logsignature_stream_with, logsignature_windows, logsignature_with,
};

use crate::PathTransform;
use crate::check::assert_positive;
use crate::sig_layer::{channels_after, transformed};

/// Configuration to create a [`LogSigLayer`] using the [init function](LogSigLayerConfig::init).
#[derive(Config, Debug)]
pub struct LogSigLayerConfig {
    /// The last level of the log-signature kept.
    pub depth: usize,
    /// What the output holds coordinates in. Default: [`LogSignatureBasis::Words`]
    #[config(default = "LogSignatureBasis::Words")]
    pub basis: LogSignatureBasis,
    /// Whether the origin is put in front of every path, so that the log-signature knows where the
    /// path starts. Default: false
    #[config(default = false)]
    pub basepoint: bool,
    /// How the signature it is the logarithm of is computed. Default: [`SignatureMethod::Auto`]
    #[config(default = "SignatureMethod::Auto")]
    pub method: SignatureMethod,
    /// What is done to the paths first, in this order. Default: nothing
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
    /// The windows that [`forward_windows`](LogSigLayer::forward_windows) looks at. Default: none
    pub windows: Option<Windows>,
}

/// The log-signature of a path as a layer without parameters: far fewer features than the
/// signature's, that say the same.
///
/// `O = log S(I)`, levels `1..=depth`; see [`sig_core::logsignature`].
///
/// Should be created with [`LogSigLayerConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LogSigLayer {
    /// The last level of the log-signature kept.
    pub depth: usize,
    /// What the output holds coordinates in.
    #[module(skip)]
    pub basis: LogSignatureBasis,
    /// Whether the origin is put in front of every path.
    pub basepoint: bool,
    /// How the signature it is the logarithm of is computed.
    #[module(skip)]
    pub method: SignatureMethod,
    /// What is done to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
    /// The windows that [`forward_windows`](Self::forward_windows) looks at.
    #[module(skip)]
    pub windows: Option<Windows>,
}

impl LogSigLayerConfig {
    /// Initialize a new [`LogSigLayer`]. It holds nothing on the device, which is taken only so that
    /// all layers are made alike.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, or windows and a basepoint are asked for: a window has none.
    #[track_caller]
    pub fn init(&self, _device: &Device) -> LogSigLayer {
        assert_positive("LogSigLayer", [("depth", self.depth)]);
        assert!(
            !(self.basepoint && self.windows.is_some()),
            "LogSigLayer: a basepoint belongs to a whole path, windows have none; \
             PathTransform::Basepoint puts it in front of the path"
        );
        LogSigLayer {
            depth: self.depth,
            basis: self.basis,
            basepoint: self.basepoint,
            method: self.method,
            transforms: self.transforms.clone(),
            windows: self.windows.clone(),
        }
    }

    /// The size of the output features for paths of so many channels: `d_input` of the next layer.
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
        logsignature_with(self.transformed(path), self.depth, &self.options())
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
        logsignature_stream_with(self.transformed(path), self.depth, &self.options())
    }

    /// The log-signatures of the [windows](Self::windows) of a batch of paths, after the transforms.
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
        let windows = self.windows.as_ref();
        let windows =
            windows.expect("LogSigLayer::forward_windows: the layer was created without windows");
        logsignature_windows(self.transformed(path), self.depth, windows, self.basis)
    }

    #[track_caller]
    fn transformed(&self, path: Tensor<3>) -> Tensor<3> {
        transformed(&self.transforms, path)
    }

    fn options(&self) -> LogSignatureOptions {
        let basepoint = if self.basepoint {
            Basepoint::Zero
        } else {
            Basepoint::None
        };
        let signature = SignatureOptions::new()
            .with_basepoint(basepoint)
            .with_method(self.method);
        LogSignatureOptions::new()
            .with_basis(self.basis)
            .with_signature(signature)
    }
}

impl ModuleDisplay for LogSigLayer {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let content = content
            .add("depth", &self.depth)
            .add_debug_attribute("basis", &self.basis)
            .add("basepoint", &self.basepoint)
            .add_debug_attribute("method", &self.method);
        let content = match self.transforms.is_empty() {
            true => content,
            false => content.add_debug_attribute("transforms", &self.transforms),
        };
        match &self.windows {
            None => content,
            Some(windows) => content.add_debug_attribute("windows", windows),
        }
        .optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::layer_tests;
    use burn::store::ModuleRecord;

    layer_tests!(
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
