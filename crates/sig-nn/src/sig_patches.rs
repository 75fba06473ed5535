use std::ops::Range;

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use sig_core::algebra::signature_combine;
use sig_core::backend::nothing;
use sig_core::signatures::SignatureSpec;
use sig_core::transforms::{time_augment, time_augment_ragged};
use sig_core::windows::{Windows, signature_windows};

use crate::layer::{assert_positive, one_line_display};
use crate::path_layer::scaler;
use crate::ragged::RaggedWindows;
use crate::{SignatureScaler, SignatureScaling};

/// What a patch sees of the path.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum PatchView {
    /// All from the start of the path to the end of the patch.
    Global,
    /// The patch itself.
    Local,
}

/// Configuration to create a [`SigPatches`] layer using the [init function](SigPatchesConfig::init).
#[derive(Config, Debug)]
pub struct SigPatchesConfig {
    /// The last level of the signatures.
    pub depth: usize,
    /// The number of patches.
    pub patches: usize,
    /// What each patch sees; the features of the views stand one after another. Default: global, then
    /// local
    #[config(default = "vec![PatchView::Global, PatchView::Local]")]
    pub views: Vec<PatchView>,
    /// Whether each channel is taken by itself beside time, which has far fewer features where there
    /// are many channels. Default: false
    #[config(default = false)]
    pub univariate: bool,
    /// How the terms are scaled. Default: [`SignatureScaling::None`]
    #[config(default = "SignatureScaling::None")]
    pub scaling: SignatureScaling,
}

/// Multi-view signature patches: a long path as a short sequence of tokens for a transformer, each the
/// signature of a patch and of all that came before.
///
/// The path, with time from 0 to 1 as its last channel, is cut at `b_k = round(k (length − 1) / patches)`.
/// Token `k` holds the signatures over `[0, b_k]` (global) and `[b_{k−1}, b_k]` (local) of the Rough
/// Transformer ([Moreno-Pino et al. 2024](https://arxiv.org/abs/2405.20799)). Patches share their end
/// points, so no increment is lost, and the last global view sees the whole path. Attention over tokens
/// costs nothing that grows with the length.
///
/// A global view grows with time. With [`SignatureScaling::LayerNorm`] behind a linear layer that does
/// not matter; see [`scaling`](crate::scaling).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::SigPatchesConfig;
///
/// let device = Device::flex();
/// let config = SigPatchesConfig::new(2, 10); // depth, patches
/// let tokens = config.init(&device).forward(Tensor::ones([8, 1000, 3], &device));
/// assert_eq!(config.d_output(3), 40); // two views of 20 terms: 3 channels and time
/// assert_eq!(tokens.dims(), [8, 10, 40]);
/// ```
///
/// Should be created with [`SigPatchesConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SigPatches {
    /// The last level of the signatures.
    pub depth: usize,
    /// The number of patches.
    pub patches: usize,
    /// What each patch sees.
    #[module(skip)]
    pub views: Vec<PatchView>,
    /// Whether each channel is taken by itself beside time.
    pub univariate: bool,
    /// What scales the terms.
    pub scaler: SignatureScaler,
}

impl SigPatchesConfig {
    /// Initialize a new [`SigPatches`] module. It has no parameters but those of its scaling.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, there are no views, or the scaling is [`SignatureScaling::LayerNorm`],
    /// which would depend on the channels: put a `LayerNorm` behind the layer.
    #[track_caller]
    pub fn init(&self, device: &Device) -> SigPatches {
        const LAYER: &str = "SigPatches";
        let sizes = [
            ("depth", self.depth),
            ("patches", self.patches),
            ("the number of views", self.views.len()),
        ];
        assert_positive(LAYER, sizes);
        assert!(
            self.scaling != SignatureScaling::LayerNorm,
            "{LAYER}: SignatureScaling::LayerNorm is a layer of its own here; put burn's LayerNorm of \
             d_output features behind the patches"
        );
        let scaling = (self.scaling, self.depth);
        SigPatches {
            depth: self.depth,
            patches: self.patches,
            views: self.views.clone(),
            univariate: self.univariate,
            scaler: scaler(LAYER, scaling, None, |_| 0, device),
        }
    }

    /// The features of a token.
    ///
    /// # Arguments
    ///
    /// - `channels`: the number of channels of the paths, without time.
    ///
    /// # Panics
    ///
    /// Panics if `channels` or `depth` is 0 or the number of terms cannot be addressed.
    #[track_caller]
    pub fn d_output(&self, channels: usize) -> usize {
        let (paths, spec) = spec(channels, self.depth, self.univariate);
        self.views.len() * paths * spec.terms()
    }
}

/// How many paths are made of one, and the signature of each.
#[track_caller]
fn spec(channels: usize, depth: usize, univariate: bool) -> (usize, SignatureSpec) {
    match univariate {
        true => (channels, SignatureSpec::new(2, depth)),
        false => (1, SignatureSpec::new(channels + 1, depth)),
    }
}

impl SigPatches {
    /// The tokens of a batch of paths.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, patches, d_output]`
    ///
    /// # Panics
    ///
    /// Panics if the path has no channels or fewer steps than there are patches.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        let [batch, length, channels] = path.dims();
        let windows = Windows::Intervals(self.cut(length));
        let paths = self.apart(time_augment(path, 1.0));
        let local = signature_windows(paths, self.depth, &windows);
        self.tokens(local, batch, channels)
    }

    /// The tokens of a batch of paths of different lengths, padded to one: each row is cut into its
    /// own patches and gives what the row alone gives, values and gradients, whatever the padding
    /// holds.
    ///
    /// # Arguments
    ///
    /// - `path`: padded paths; values after the last point of a row are ignored.
    /// - `lengths`: how many points each row has.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, patches, d_output]`
    ///
    /// # Panics
    ///
    /// Panics if a row has fewer steps than there are patches, there are not as many lengths as rows,
    /// or one exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        let [batch, _, channels] = path.dims();
        if batch == 0 && lengths.is_empty() {
            return self.forward(path);
        }
        let timed = time_augment_ragged(path, lengths, 1.0);
        let (paths, _) = spec(channels, self.depth, self.univariate);
        let mut cuts = Vec::with_capacity(batch * paths);
        for &points in lengths {
            let cut = self.cut(points);
            cuts.extend(std::iter::repeat_n(cut, paths));
        }
        let rows = RaggedWindows::of_each_row(&cuts);
        let all = signature_windows(self.apart(timed), self.depth, &rows.windows);
        let (local, _) = rows.of_rows(all);
        self.tokens(local, batch, channels)
    }

    /// The patches of a path of so many points.
    #[track_caller]
    fn cut(&self, length: usize) -> Vec<Range<usize>> {
        let (steps, patches) = (length.saturating_sub(1), self.patches);
        assert!(
            steps >= patches,
            "SigPatches: {patches} patches need a path of at least {} points (axis 1), got {length}",
            patches + 1
        );
        // Rounded to the nearest, a half up.
        let end = |k: usize| (2 * k * steps + patches) / (2 * patches);
        (0..patches).map(|k| end(k)..end(k + 1) + 1).collect()
    }

    /// Paths with time, or one of each channel with time, `[batch channels, length, 2]`.
    fn apart(&self, timed: Tensor<3>) -> Tensor<3> {
        if !self.univariate {
            return timed;
        }
        let [batch, length, all] = timed.dims();
        let channels = all - 1;
        if batch == 0 {
            return nothing(timed, [0, length, 2]);
        }
        let values = timed.clone().narrow(2, 0, channels).swap_dims(1, 2);
        let times = timed.narrow(2, channels, 1).swap_dims(1, 2);
        let times = times.expand([batch, channels, length]);
        let pairs = Tensor::<3>::stack::<4>(vec![values, times], 3);
        pairs.reshape([batch * channels, length, 2])
    }

    /// From the signatures of the patches `[batch paths, patches, terms]`.
    #[track_caller]
    fn tokens(&self, local: Tensor<3>, batch: usize, channels: usize) -> Tensor<3> {
        let (paths, spec) = spec(channels, self.depth, self.univariate);
        let global = self.views.contains(&PatchView::Global);
        let global = global.then(|| joined(local.clone(), spec));
        let view = |view: &PatchView| match view {
            PatchView::Local => local.clone(),
            PatchView::Global => global.clone().expect("it was computed above"),
        };
        let views = self.views.iter().map(view);
        let views = views.map(|terms| {
            let terms = self.scaler.forward(terms, spec);
            let terms = terms.reshape([batch, paths, self.patches, spec.terms()]);
            let terms = terms.swap_dims(1, 2);
            terms.reshape([batch, self.patches, paths * spec.terms()])
        });
        Tensor::cat(views.collect(), 2)
    }
}

/// The signatures up to the end of each patch, by Chen's identity.
fn joined(local: Tensor<3>, spec: SignatureSpec) -> Tensor<3> {
    let patches = local.dims()[1];
    let mut all: Vec<Tensor<2>> = Vec::with_capacity(patches);
    for patch in 0..patches {
        let own = local.clone().narrow(1, patch, 1).squeeze_dim(1);
        all.push(match all.last() {
            Some(before) => signature_combine(before.clone(), own, spec),
            None => own,
        });
    }
    Tensor::stack(all, 1)
}

one_line_display!(SigPatches, |layer, content| {
    content
        .add("depth", &layer.depth)
        .add("patches", &layer.patches)
        .add_debug_attribute("views", &layer.views)
        .add("univariate", &layer.univariate)
});

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, TensorData, Tolerance};
    use sig_core::signatures::{signature, signature_stream};

    fn path(shape: [usize; 3]) -> Tensor<3> {
        let values = Distribution::Normal(0.0, 0.5);
        Tensor::random(shape, values, &Device::default())
    }

    fn close(got: TensorData, want: TensorData) {
        got.assert_approx_eq::<f32>(&want, Tolerance::absolute(1e-5));
    }

    /// Global patches are the signatures of prefixes, local ones those of their slices, and their ends
    /// are the rounded ones.
    #[test]
    fn patches_are_signatures_of_slices() {
        let device = Device::default();
        let layer = SigPatchesConfig::new(3, 4).init(&device);
        let path = path([2, 11, 2]);
        let tokens = layer.forward(path.clone());
        let timed = time_augment(path, 1.0);
        let stream = signature_stream(timed.clone(), 3);
        for (k, [start, end]) in [[0, 3], [3, 5], [5, 8], [8, 10]].into_iter().enumerate() {
            let token = tokens.clone().narrow(1, k, 1).squeeze_dim::<2>(1);
            let global = stream.clone().narrow(1, end - 1, 1).squeeze_dim::<2>(1);
            close(
                token.clone().narrow(1, 0, 39).into_data(),
                global.into_data(),
            );
            let slice = timed.clone().narrow(1, start, end - start + 1);
            close(
                token.narrow(1, 39, 39).into_data(),
                signature(slice, 3).into_data(),
            );
        }
    }

    /// By itself a channel has the features it has as the only one.
    #[test]
    fn univariate_patches() {
        let device = Device::default();
        let config = SigPatchesConfig::new(2, 3).with_univariate(true);
        let layer = config.init(&device);
        let path = path([2, 8, 3]);
        let tokens = layer.forward(path.clone());
        assert_eq!(tokens.dims(), [2, 3, config.d_output(3)]);
        for channel in 0..3 {
            let one = layer.forward(path.clone().narrow(2, channel, 1));
            for view in 0..2 {
                let got = tokens.clone().narrow(2, view * 18 + channel * 6, 6);
                close(
                    got.into_data(),
                    one.clone().narrow(2, view * 6, 6).into_data(),
                );
            }
        }
    }

    #[test]
    #[should_panic(expected = "4 patches need a path of at least 5 points (axis 1), got 4")]
    fn too_few_points() {
        let device = Device::default();
        SigPatchesConfig::new(2, 4)
            .init(&device)
            .forward(path([1, 4, 2]));
    }
}
