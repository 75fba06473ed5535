//! What `SigLayer` and `LogSigLayer` share: transforms, basepoint, windows, scaling.

use burn::module::Content;
use burn::tensor::Device;
use sig_core::signatures::{SignatureMethod, SignatureOptions, SignatureSpec};
use sig_core::windows::Windows;

use crate::layer::assert_positive;
use crate::{PathTransform, SignatureScaler, SignatureScalerConfig, SignatureScaling};

/// Panics, in the name of a layer, if its settings exclude each other.
#[track_caller]
pub(crate) fn assert_settings(
    layer: &str,
    depth: usize,
    basepoint: bool,
    windows: &Option<Windows>,
) {
    assert_positive(layer, [("depth", depth)]);
    assert!(
        !(basepoint && windows.is_some()),
        "{layer}: a basepoint belongs to a whole path, windows have none; in place of \
         with_basepoint(true) take with_transforms(vec![PathTransform::Basepoint]), which puts it in front \
         of the path"
    );
}

/// The number of channels after all transforms.
pub(crate) fn channels_after(transforms: &[PathTransform], channels: usize) -> usize {
    let after = |channels, transform: &PathTransform| transform.channels(channels);
    transforms.iter().fold(channels, after)
}

/// Panics, in the name of a call, if signatures have another depth than the layer.
#[track_caller]
pub(crate) fn assert_depth(call: &str, spec: SignatureSpec, depth: usize) {
    assert!(
        spec.depth() == depth,
        "{call}: the layer has depth {depth}, the signatures have depth {}",
        spec.depth()
    );
}

/// The windows of a layer, or a panic in its name.
#[track_caller]
pub(crate) fn expect_windows<'a>(layer: &str, windows: &'a Option<Windows>) -> &'a Windows {
    match windows {
        Some(windows) => windows,
        None => panic!("{layer}: the layer was created without windows; with_windows sets them"),
    }
}

/// The options of a signature with the origin in front of every path or not.
pub(crate) fn options(basepoint: bool, method: SignatureMethod) -> SignatureOptions {
    SignatureOptions::new()
        .with_basepoint(basepoint)
        .with_method(method)
}

/// What scales the terms of a layer, or a panic in its name if that depends on channels that are not
/// set; `terms` gives their number.
#[track_caller]
pub(crate) fn scaler(
    layer: &str,
    (scaling, depth): (SignatureScaling, usize),
    channels: Option<usize>,
    terms: impl FnOnce(usize) -> usize,
    device: &Device,
) -> SignatureScaler {
    let norm = scaling == SignatureScaling::LayerNorm;
    assert!(
        !norm || channels.is_some(),
        "{layer}: SignatureScaling::LayerNorm needs the number of channels, \
         {layer}Config::with_channels"
    );
    SignatureScalerConfig::new(scaling, depth)
        .with_terms(channels.filter(|_| norm).map(terms))
        .init(device)
}

/// The forward passes of a layer that has `depth`, `transforms`, `windows`, `labels_of` and, for
/// transformed paths, `of_path`, `of_stream`, `of_windows`, `of_signature` and `scaled`.
macro_rules! path_layer {
    ($layer:ident, $what:literal, $terms:literal) => {
        impl $layer {
            /// Channels, after the transforms, and depth of the signatures.
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

            /// What each output feature belongs to, as text: a word such as `(0,1)`, or a
            /// bracket in a basis of brackets. Letters are channels after the transforms.
            ///
            /// # Arguments
            ///
            /// - `channels`: the number of channels of the paths, before the transforms.
            ///
            /// # Panics
            ///
            /// Panics as [`spec`](Self::spec).
            ///
            /// ```
            #[doc = concat!("use sig_nn::{", stringify!($layer), "Config, PathTransform};")]
            ///
            /// let time = vec![PathTransform::TimeAugment { end_time: 1.0 }];
            #[doc = concat!("let config = ", stringify!($layer), "Config::new(2).with_transforms(time);")]
            /// let labels = config.init(&Default::default()).labels(1);
            /// assert_eq!(labels.len(), config.d_output(1));
            /// assert!(labels.contains(&"(0,1)".to_string())); // first the channel, then time
            /// ```
            #[track_caller]
            pub fn labels(&self, channels: usize) -> Vec<String> {
                self.labels_of(self.spec(channels))
            }

            #[doc = concat!("The ", $what, " of a batch of paths.")]
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, channels]`
            #[doc = concat!("- output: `[batch, ", $terms, "]`")]
            ///
            /// # Panics
            ///
            /// Panics if the path has no points or no channels, or the output cannot be allocated.
            #[track_caller]
            pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
                let path = $crate::PathTransform::forward_all(&self.transforms, path);
                let channels = path.dims()[2];
                self.scaled(self.of_path(path), channels)
            }

            #[doc = concat!("The ", $what, " of paths whose signatures are known, such as those of a")]
            /// [`SignatureQueue`](sig_core::streaming::SignatureQueue): what
            /// [`forward`](Self::forward) gives for a path that has this signature after the
            /// transforms and the basepoint. So a layer that was trained on whole paths reads live
            /// points.
            ///
            /// # Arguments
            ///
            /// - `signature`: the signatures, without scalar term.
            /// - `spec`: their channels and depth.
            ///
            /// # Shapes
            ///
            /// - signature: `[batch, spec.terms()]`
            #[doc = concat!("- output: `[batch, ", $terms, "]`")]
            ///
            /// # Panics
            ///
            /// Panics if `spec` has another depth than the layer, or the last axis of `signature` is
            /// not `spec.terms()`.
            ///
            /// ```
            /// use burn::tensor::{Device, Tensor};
            /// use sig_core::streaming::SignatureQueue;
            #[doc = concat!("use sig_nn::", stringify!($layer), "Config;")]
            ///
            /// let device = Device::flex();
            #[doc = concat!("let layer = ", stringify!($layer), "Config::new(2).init(&device);")]
            /// let mut queue = SignatureQueue::<f32>::new(2, 2); // 2 channels, depth 2
            /// queue.push_batch(&[0., 0., 1., 0., 1., 1.]);
            /// let signature = Tensor::<1>::from_floats(queue.signature().as_slice(), &device);
            /// let live = layer.forward_signature(signature.unsqueeze(), queue.spec());
            ///
            /// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
            /// live.into_data().assert_eq(&layer.forward(path).into_data(), true);
            /// ```
            #[doc(alias = "streaming")]
            #[track_caller]
            pub fn forward_signature(&self, signature: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
                const CALL: &str = concat!(stringify!($layer), "::forward_signature");
                path_layer::assert_depth(CALL, spec, self.depth);
                self.scaled(self.of_signature(signature, spec), spec.channels())
            }

            #[doc = concat!("The ", $what, " of a batch of paths of different lengths, padded to one:")]
            /// each row gives what [`forward`](Self::forward) gives for the row alone, values and
            /// gradient, whatever the padding holds, NaN included. Every transform acts on a row as
            /// if it were alone; time, for example, ends at the row's own last point.
            ///
            /// # Arguments
            ///
            /// - `path`: padded paths; values after the last point of a row are ignored.
            /// - `lengths`: how many points each row has, from 1 to `length`.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, channels]`
            #[doc = concat!("- output: `[batch, ", $terms, "]`")]
            ///
            /// # Panics
            ///
            /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows,
            /// or one is 0 or exceeds the length of the paths.
            ///
            /// ```
            /// use burn::tensor::{Device, Tensor};
            #[doc = concat!("use sig_nn::{", stringify!($layer), "Config, PathTransform};")]
            ///
            /// let device = Device::flex();
            /// let time = vec![PathTransform::TimeAugment { end_time: 1.0 }];
            #[doc = concat!(
                "let layer = ", stringify!($layer), "Config::new(2).with_transforms(time).init(&device);"
            )]
            /// let path = Tensor::<3>::from_floats([[[0.], [2.], [f32::NAN]], [[0.], [2.], [5.]]], &device);
            /// let terms = layer.forward_ragged(path, &[2, 3]).into_data().try_to_vec::<f32>().unwrap();
            /// assert_eq!(terms[..2], [2., 1.]); // the way and the time of the first row
            /// ```
            #[doc(alias = "padding")]
            #[doc(alias = "mask")]
            #[track_caller]
            pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
                let (path, _) = $crate::PathTransform::forward_all_ragged(&self.transforms, path, lengths);
                let channels = path.dims()[2];
                self.scaled(self.of_path(path), channels)
            }

            #[doc = concat!("The ", $what, " of all prefixes of a batch of paths, which are a path again.")]
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, channels]`
            #[doc = concat!(
                "- output: `[batch, length − 1, ", $terms, "]`, or `[batch, length, ", $terms,
                "]` with a basepoint, of the length after the transforms"
            )]
            ///
            /// # Panics
            ///
            /// Panics if the path has no points or no channels, or the output cannot be allocated.
            #[track_caller]
            pub fn forward_stream(&self, path: Tensor<3>) -> Tensor<3> {
                let path = $crate::PathTransform::forward_all(&self.transforms, path);
                let channels = path.dims()[2];
                self.scaled(self.of_stream(path), channels)
            }

            #[doc = concat!("The ", $what, " of the [windows](Self::windows) of a batch of paths, after")]
            /// the transforms.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, channels]`
            #[doc = concat!("- output: `[batch, windows, ", $terms, "]`")]
            ///
            /// # Panics
            ///
            /// Panics if the layer has no windows, or one is not within the transformed path.
            #[track_caller]
            pub fn forward_windows(&self, path: Tensor<3>) -> Tensor<3> {
                const CALL: &str = concat!(stringify!($layer), "::forward_windows");
                let windows = path_layer::expect_windows(CALL, &self.windows);
                let path = $crate::PathTransform::forward_all(&self.transforms, path);
                let channels = path.dims()[2];
                self.scaled(self.of_windows(path, windows), channels)
            }

            #[doc = concat!("The ", $what, " of the [windows](Self::windows) of a batch of paths of")]
            /// different lengths, padded to one: each row gives what
            /// [`forward_windows`](Self::forward_windows) gives for the row alone, with zeros behind
            /// its last window.
            ///
            /// Each row has the windows of its own length: longer rows have more sliding and
            /// expanding ones, and dyadic windows halve each row by itself.
            ///
            /// # Arguments
            ///
            /// - `path`: padded paths; values after the last point of a row are ignored.
            /// - `lengths`: how many points each row has, from 1 to `length`.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, channels]`
            #[doc = concat!("- output: `[batch, windows, ", $terms, "]` with the windows of the longest row,")]
            ///   and how many windows each row has
            ///
            /// # Panics
            ///
            /// Panics if the layer has no windows, a window is not within the transformed row, there
            /// are not as many lengths as rows, or one is 0 or exceeds the length of the paths.
            #[doc(alias = "padding")]
            #[doc(alias = "mask")]
            #[track_caller]
            pub fn forward_windows_ragged(
                &self,
                path: Tensor<3>,
                lengths: &[usize],
            ) -> (Tensor<3>, Vec<usize>) {
                const CALL: &str = concat!(stringify!($layer), "::forward_windows_ragged");
                let windows = path_layer::expect_windows(CALL, &self.windows);
                if path.dims()[0] == 0 && lengths.is_empty() {
                    return (self.forward_windows(path), Vec::new());
                }
                let (path, lengths) =
                    $crate::PathTransform::forward_all_ragged(&self.transforms, path, lengths);
                let rows = $crate::ragged::RaggedWindows::new(windows, &lengths);
                let channels = path.dims()[2];
                rows.of_rows(self.scaled(self.of_windows(path, &rows.windows), channels))
            }
        }
    };
}
pub(crate) use path_layer;

/// The display of scaling, transforms and windows, where there are any.
pub(crate) fn show(
    mut content: Content,
    scaling: SignatureScaling,
    transforms: &Vec<PathTransform>,
    windows: &Option<Windows>,
) -> Content {
    if scaling != SignatureScaling::None {
        content = content.add_debug_attribute("scaling", &scaling);
    }
    if !transforms.is_empty() {
        content = content.add_debug_attribute("transforms", transforms);
    }
    match windows {
        Some(windows) => content.add_debug_attribute("windows", windows),
        None => content,
    }
}
