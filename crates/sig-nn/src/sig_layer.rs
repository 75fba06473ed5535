use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use sig_core::algebra::signature_inverse;
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::{
    SignatureMethod, SignatureOptions, SignatureSpec, signature_stream_with, signature_with,
};
use sig_core::windows::{Windows, signature_windows_with};

use crate::layer::one_line_display;
use crate::path_layer::{self, assert_settings, channels_after, path_layer};
use crate::{PathTransform, SignatureScaler, SignatureScaling};

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
    /// How the terms are scaled. Default: [`SignatureScaling::None`]
    #[config(default = "SignatureScaling::None")]
    pub scaling: SignatureScaling,
    /// The number of channels of the paths, before the transforms. Only
    /// [`SignatureScaling::LayerNorm`] needs it, for its parameters. Default: none
    pub channels: Option<usize>,
}

/// The signature of a path as a layer.
///
/// `O = S(I)`, levels `1..=depth`; see [`signature`](sig_core::signatures::signature).
///
/// For paths of different lengths in one batch, padded to one, call
/// [`forward_ragged`](Self::forward_ragged) with the lengths: [`forward`](Self::forward) would let
/// time and running sums go on through the padding.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::SigLayerConfig;
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
    /// What scales the terms.
    pub scaler: SignatureScaler,
}

impl SigLayerConfig {
    /// Initialize a new [`SigLayer`]. It has no parameters but those of its scaling.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, both windows and a basepoint are set, or `channels` is not set with
    /// [`SignatureScaling::LayerNorm`].
    #[track_caller]
    pub fn init(&self, device: &Device) -> SigLayer {
        assert_settings("SigLayer", self.depth, self.basepoint, &self.windows);
        let scaling = (self.scaling, self.depth);
        let terms = |channels| self.scaled_terms(channels);
        let scaler = path_layer::scaler("SigLayer", scaling, self.channels, terms, device);
        SigLayer {
            depth: self.depth,
            basepoint: self.basepoint,
            inverse: self.inverse,
            scalar_term: self.scalar_term,
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
        self.scaled_terms(channels) + usize::from(self.scalar_term)
    }

    #[track_caller]
    fn scaled_terms(&self, channels: usize) -> usize {
        SignatureSpec::new(channels_after(&self.transforms, channels), self.depth).terms()
    }
}

impl SigLayer {
    #[track_caller]
    fn of_path(&self, path: Tensor<3>) -> Tensor<2> {
        signature_with(path, self.depth, &self.options())
    }

    #[track_caller]
    fn of_stream(&self, path: Tensor<3>) -> Tensor<3> {
        signature_stream_with(path, self.depth, &self.options())
    }

    #[track_caller]
    fn of_windows(&self, path: Tensor<3>, windows: &Windows) -> Tensor<3> {
        signature_windows_with(path, self.depth, windows, &self.options())
    }

    #[track_caller]
    fn of_signature(&self, signature: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
        let terms = if self.inverse {
            signature_inverse(signature, spec)
        } else {
            signature
        };
        if !self.scalar_term {
            return terms;
        }
        let one = Tensor::ones([terms.dims()[0], 1], (&terms.device(), terms.dtype()));
        Tensor::cat(vec![one, terms], 1)
    }

    fn labels_of(&self, spec: SignatureSpec) -> Vec<String> {
        let scalar_term = self.scalar_term.then(|| "()".to_string());
        let words = LogSignatureBasis::Expand.labels(spec.channels(), spec.depth());
        scalar_term.into_iter().chain(words).collect()
    }

    /// The terms scaled, but the scalar term.
    #[track_caller]
    fn scaled<const D: usize>(&self, terms: Tensor<D>, channels: usize) -> Tensor<D> {
        if self.scaler.scaling == SignatureScaling::None {
            return terms;
        }
        let spec = SignatureSpec::new(channels, self.depth);
        if !self.scalar_term {
            return self.scaler.forward(terms, spec);
        }
        let last = D as i64 - 1;
        let one = terms.clone().narrow(last, 0, 1);
        let scaled = self
            .scaler
            .forward(terms.narrow(last, 1, spec.terms()), spec);
        Tensor::cat(vec![one, scaled], D - 1)
    }

    fn options(&self) -> SignatureOptions {
        path_layer::options(self.basepoint, self.method)
            .with_inverse(self.inverse)
            .with_scalar_term(self.scalar_term)
    }
}

path_layer!(SigLayer, "signatures", "terms");

one_line_display!(SigLayer, |layer, content| {
    let content = content
        .add("depth", &layer.depth)
        .add("basepoint", &layer.basepoint)
        .add("inverse", &layer.inverse)
        .add("scalar_term", &layer.scalar_term)
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
    fn known_signatures_are_inverted_and_have_a_scalar_term() {
        let device = Device::default();
        let layer = SigLayerConfig::new(2)
            .with_inverse(true)
            .with_scalar_term(true)
            .with_scaling(SignatureScaling::Factorial)
            .init(&device);
        let signature = sig_core::signatures::signature(path(&device), 2);
        let output = layer.forward_signature(signature, layer.spec(2));
        let expected = layer.forward(path(&device)).into_data();
        output
            .into_data()
            .assert_approx_eq::<f32>(&expected, Default::default());
        let labels = ["()", "(0)", "(1)", "(0,0)", "(0,1)", "(1,0)", "(1,1)"];
        assert_eq!(layer.labels(2), labels);
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
