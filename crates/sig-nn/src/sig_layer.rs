use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use sig_core::signatures::{
    SignatureMethod, SignatureOptions, SignatureSpec, signature_stream_with, signature_with,
};
use sig_core::windows::{Windows, signature_windows_with};

use crate::PathTransform;
use crate::layer::one_line_display;
use crate::path_layer::{self, assert_settings, channels_after, transformed};

/// Configuration to create a [`SigLayer`] using the [init function](SigLayerConfig::init).
#[derive(Config, Debug)]
pub struct SigLayerConfig {
    /// The last level of the signature.
    pub depth: usize,
    /// Whether the origin is put in front of every path, so that the signature depends on where the
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
    /// Transforms that are applied to the paths first, in this order. Default: none
    #[config(default = "Vec::new()")]
    pub transforms: Vec<PathTransform>,
    /// The windows of [`forward_windows`](SigLayer::forward_windows). Default: none
    pub windows: Option<Windows>,
}

/// The signature of a path as a layer without parameters.
///
/// `O = S(I)`, levels `1..=depth`; see [`sig_core::signatures::signature`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use sig_nn::SigLayerConfig;
///
/// let device = Device::flex();
/// let config = SigLayerConfig::new(3).with_basepoint(true); // depth 3
/// assert_eq!(config.d_output(2), 14); // of 2 channels
/// let terms = config.init(&device).forward(Tensor::ones([8, 20, 2], &device));
/// assert_eq!(terms.dims(), [8, 14]);
/// ```
///
/// Should be created with [`SigLayerConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SigLayer {
    /// The last level of the signature.
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
    /// Transforms that are applied to the paths first.
    #[module(skip)]
    pub transforms: Vec<PathTransform>,
    /// The windows of [`forward_windows`](Self::forward_windows).
    #[module(skip)]
    pub windows: Option<Windows>,
}

impl SigLayerConfig {
    /// Initialize a new [`SigLayer`]. It has no parameters; `device` is accepted for consistency
    /// with other layers.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, or both windows and a basepoint are set.
    #[track_caller]
    pub fn init(&self, _device: &Device) -> SigLayer {
        assert_settings("SigLayer", self.depth, self.basepoint, &self.windows);
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

    /// The size of the output features, `d_input` of the next layer.
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
        SignatureSpec::new(channels, self.depth).terms() + usize::from(self.scalar_term)
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
        let path = transformed(&self.transforms, path);
        signature_with(path, self.depth, &self.options())
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
        let path = transformed(&self.transforms, path);
        signature_stream_with(path, self.depth, &self.options())
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
        let path = transformed(&self.transforms, path);
        signature_windows_with(path, self.depth, windows, &self.options())
    }

    /// Sizes and offsets of the terms.
    ///
    /// # Arguments
    ///
    /// - `channels`: the number of channels of the paths, before the transforms.
    ///
    /// # Panics
    ///
    /// Panics if `channels` is 0 or the number of terms cannot be addressed.
    #[track_caller]
    pub fn spec(&self, channels: usize) -> SignatureSpec {
        SignatureSpec::new(channels_after(&self.transforms, channels), self.depth)
    }

    fn options(&self) -> SignatureOptions {
        path_layer::options(self.basepoint, self.method)
            .with_inverse(self.inverse)
            .with_scalar_term(self.scalar_term)
    }
}

one_line_display!(SigLayer, |layer, content| {
    let content = content
        .add("depth", &layer.depth)
        .add("basepoint", &layer.basepoint)
        .add("inverse", &layer.inverse)
        .add("scalar_term", &layer.scalar_term)
        .add_debug_attribute("method", &layer.method);
    path_layer::show(content, &layer.transforms, &layer.windows)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::layer_tests;

    layer_tests!(
        SigLayer,
        SigLayerConfig,
        "SigLayer: depth must be at least 1, got 0"
    );

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
