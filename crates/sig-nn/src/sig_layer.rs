use burn::config::Config;
use burn::module::{Content, DisplaySettings, Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use sig_core::{
    Basepoint, SignatureMethod, SignatureOptions, SignatureSpec, Windows, signature_channels,
    signature_stream_with, signature_windows_with, signature_with,
};

use crate::PathTransform;
use crate::check::assert_positive;

/// Configuration to create a [`SigLayer`] using the [init function](SigLayerConfig::init).
#[derive(Config, Debug)]
pub struct SigLayerConfig {
    /// The last level of the signature kept.
    pub depth: usize,
    /// Whether the origin is put in front of every path, so that the signature knows where the
    /// path starts. Default: false
    #[config(default = false)]
    pub basepoint: bool,
    /// Whether the inverse of the signature is returned. Default: false
    #[config(default = false)]
    pub inverse: bool,
    /// Whether the constant 1 of level 0 comes first among the terms. Default: false
    #[config(default = false)]
    pub scalar_term: bool,
    /// How the signature is computed. Default: [`SignatureMethod::Auto`]
    #[config(default = "SignatureMethod::Auto")]
    pub method: SignatureMethod,
    /// What is done to the paths first, in this order. Default: nothing
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
    /// The windows that [`forward_windows`](SigLayer::forward_windows) looks at. Default: none
    pub windows: Option<Windows>,
}

/// The signature of a path as a layer without parameters.
///
/// `O = S(I)`, levels `1..=depth`; see [`sig_core::signature`].
///
/// Should be created with [`SigLayerConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SigLayer {
    /// The last level of the signature kept.
    pub depth: usize,
    /// Whether the origin is put in front of every path.
    pub basepoint: bool,
    /// Whether the inverse of the signature is returned.
    pub inverse: bool,
    /// Whether the constant 1 of level 0 comes first among the terms.
    pub scalar_term: bool,
    /// How the signature is computed.
    #[module(skip)]
    pub method: SignatureMethod,
    /// What is done to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
    /// The windows that [`forward_windows`](Self::forward_windows) looks at.
    #[module(skip)]
    pub windows: Option<Windows>,
}

impl SigLayerConfig {
    /// Initialize a new [`SigLayer`]. It holds nothing on the device, which is taken only so that
    /// all layers are made alike.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, or windows and a basepoint are asked for: a window has none.
    #[track_caller]
    pub fn init(&self, _device: &Device) -> SigLayer {
        assert_positive("SigLayer", [("depth", self.depth)]);
        assert!(
            !(self.basepoint && self.windows.is_some()),
            "SigLayer: a basepoint belongs to a whole path, windows have none; \
             PathTransform::Basepoint puts it in front of the path"
        );
        SigLayer {
            depth: self.depth,
            basepoint: self.basepoint,
            inverse: self.inverse,
            scalar_term: self.scalar_term,
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
        signature_channels(channels, self.depth) + usize::from(self.scalar_term)
    }
}

impl SigLayer {
    /// The signatures of a batch of paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, terms]`, see [`SignatureSpec`]
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or no channels, or the output cannot be allocated.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        signature_with(self.transformed(path), self.depth, &self.options())
    }

    /// The signatures of all prefixes of a batch of paths, which are a path again.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, length − 1, terms]`, or `[batch, length, terms]` with a basepoint
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or no channels, or the output cannot be allocated.
    #[track_caller]
    pub fn forward_stream(&self, path: Tensor<3>) -> Tensor<3> {
        signature_stream_with(self.transformed(path), self.depth, &self.options())
    }

    /// Sizes and offsets of the terms for paths of so many channels, before the transforms.
    ///
    /// # Panics
    ///
    /// Panics if `channels` is 0 or the number of terms cannot be addressed.
    #[track_caller]
    pub fn spec(&self, channels: usize) -> SignatureSpec {
        let channels = channels_after(&self.transforms, channels);
        SignatureSpec::new(channels, self.depth)
    }

    /// The signatures of the [windows](Self::windows) of a batch of paths, after the transforms.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, windows, terms]`
    ///
    /// # Panics
    ///
    /// Panics if the layer has no windows, or one is not within the transformed path.
    #[track_caller]
    pub fn forward_windows(&self, path: Tensor<3>) -> Tensor<3> {
        let windows = self.windows.as_ref();
        let windows =
            windows.expect("SigLayer::forward_windows: the layer was created without windows");
        signature_windows_with(self.transformed(path), self.depth, windows, &self.options())
    }

    #[track_caller]
    fn transformed(&self, path: Tensor<3>) -> Tensor<3> {
        transformed(&self.transforms, path)
    }

    fn options(&self) -> SignatureOptions {
        let basepoint = if self.basepoint {
            Basepoint::Zero
        } else {
            Basepoint::None
        };
        SignatureOptions::new()
            .with_basepoint(basepoint)
            .with_inverse(self.inverse)
            .with_scalar_term(self.scalar_term)
            .with_method(self.method)
    }
}

impl ModuleDisplay for SigLayer {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let content = content
            .add("depth", &self.depth)
            .add("basepoint", &self.basepoint)
            .add("inverse", &self.inverse)
            .add("scalar_term", &self.scalar_term)
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

/// The path after all transforms.
#[track_caller]
pub(crate) fn transformed(transforms: &[PathTransform], mut path: Tensor<3>) -> Tensor<3> {
    for transform in transforms {
        path = transform.forward(path);
    }
    path
}

/// The number of channels after all transforms.
pub(crate) fn channels_after(transforms: &[PathTransform], channels: usize) -> usize {
    let after = |channels, transform: &PathTransform| transform.channels(channels);
    transforms.iter().fold(channels, after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::layer_tests;
    use burn::store::ModuleRecord;

    layer_tests!(SigLayerConfig, "SigLayer: depth must be at least 1, got 0");

    #[test]
    fn forward_and_stream() {
        let device = Device::default();
        let config = SigLayerConfig::new(2);
        let layer = config.init(&device);
        let output = layer.forward(path(&device));
        assert_eq!(output.dims(), [1, config.d_output(2)]);
        assert_eq!(
            output.into_data().try_to_vec::<f32>().unwrap(),
            [1., 1., 0.5, 1., 0., 0.5]
        );

        let stream = layer.forward_stream(path(&device));
        assert_eq!(
            stream.into_data().try_to_vec::<f32>().unwrap(),
            [1., 0., 0.5, 0., 0., 0., 1., 1., 0.5, 1., 0., 0.5]
        );
    }

    #[test]
    fn options_reach_the_signature() {
        let device = Device::default();
        let config = SigLayerConfig::new(2)
            .with_basepoint(true)
            .with_inverse(true)
            .with_scalar_term(true)
            .with_method(SignatureMethod::Sequential);
        let output = config.init(&device).forward(path(&device) + 1.0);
        let output = output.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(output.len(), config.d_output(2));
        let backwards = [[[2., 2.], [2., 1.], [1., 1.], [0., 0.]]];
        let backwards = Tensor::<3>::from_floats(backwards, &device);
        let expected = SigLayerConfig::new(2).init(&device).forward(backwards);
        assert_eq!(output[0], 1.0);
        assert_eq!(
            output[1..],
            expected.into_data().try_to_vec::<f32>().unwrap()
        );
    }

    #[test]
    fn display() {
        let layer = SigLayerConfig::new(3).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "SigLayer {depth: 3, basepoint: false, inverse: false, scalar_term: false, method: Auto}"
        );
    }
}
