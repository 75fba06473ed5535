use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig1d;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use sig_core::backend::nothing;
use sig_core::transforms::time_augment;

use crate::layer::{assert_dtype, assert_positive, one_line_display};

/// Configuration to create an [`Augment`] layer using the [init function](AugmentConfig::init).
#[derive(Config, Debug)]
pub struct AugmentConfig {
    /// Channels of the path.
    pub channels: usize,
    /// Channels after each layer of the network; with no layers nothing is learned.
    pub layers: Vec<usize>,
    /// The number of points in the kernel of the first layer: a point and those before it. The
    /// other layers look at one point. Default: 1
    #[config(default = 1)]
    pub kernel_size: usize,
    /// Whether the path itself is kept as channels. Default: true
    #[config(default = true)]
    pub original: bool,
    /// Whether time from 0 to 1 is a channel. Default: true
    #[config(default = true)]
    pub time: bool,
}

/// A small network along a path, whose output is a path again: learned channels for a signature.
///
/// `O_t = [I_t, t, f(I_{t−k+1}, …, I_t)]` with `f` a stack of layers with ReLU between them, as
/// signatory's `Augment` without stride, padding and dilation
/// ([Bonnier, Kidger, Perez Arribas, Salvi & Lyons 2019](https://arxiv.org/abs/1905.08494)). With a
/// kernel of more than one point the output starts at the first point that has as many; time is 0
/// at the first point of the output and 1 at the last.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::AugmentConfig;
///
/// let device = Device::flex();
/// let config = AugmentConfig::new(2, vec![8, 3]); // 2 channels; 3 are learned
/// assert_eq!(config.d_output(), 2 + 1 + 3); // the path, time, the learned channels
/// let path = config.init(&device).forward(Tensor::ones([4, 20, 2], &device));
/// assert_eq!(path.dims(), [4, 20, 6]);
/// ```
///
/// Should be created with [`AugmentConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Augment {
    /// The layers, the first with the kernel.
    pub layers: Vec<Conv1d>,
    /// Channels of the path.
    pub channels: usize,
    /// The number of points in the kernel of the first layer.
    pub kernel_size: usize,
    /// Whether the path itself is kept as channels.
    pub original: bool,
    /// Whether time is a channel.
    pub time: bool,
}

impl AugmentConfig {
    /// Initialize a new [`Augment`] layer.
    ///
    /// # Panics
    ///
    /// Panics if there are no channels or a layer has none, the kernel has no points, or nothing is
    /// asked for: no layers and neither path nor time.
    #[track_caller]
    pub fn init(&self, device: &Device) -> Augment {
        assert!(
            self.channels > 0 && self.layers.iter().all(|&channels| channels > 0),
            "Augment: channels and layers must be at least 1, got {} and {:?}",
            self.channels,
            self.layers
        );
        assert_positive("Augment", [("kernel_size", self.kernel_size)]);
        assert!(
            self.d_output() > 0,
            "Augment: without layers the original or time must be kept"
        );
        let inputs = [self.channels].into_iter().chain(self.layers.clone());
        let layers = inputs.zip(&self.layers).enumerate();
        let layers = layers.map(|(index, (from, &to))| {
            let kernel = if index == 0 { self.kernel_size } else { 1 };
            Conv1dConfig::new(from, to, kernel)
                .with_padding(PaddingConfig1d::Valid)
                .init(device)
        });
        Augment {
            layers: layers.collect(),
            channels: self.channels,
            kernel_size: self.kernel_size,
            original: self.original,
            time: self.time,
        }
    }

    /// Channels of the output.
    pub fn d_output(&self) -> usize {
        let own = self.layers.last().copied();
        width(self.channels, self.original, self.time, own)
    }
}

/// Channels of the output of a layer whose last convolution has `own`.
fn width(channels: usize, original: bool, time: bool, own: Option<usize>) -> usize {
    let original = if original { channels } else { 0 };
    original + usize::from(time) + own.unwrap_or(0)
}

impl Augment {
    /// Applies the forward pass on the input tensor.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, length − kernel_size + 1, d_output]`
    ///
    /// # Panics
    ///
    /// Panics if the path has fewer points than the kernel, other channels than the layer was made
    /// for, or another dtype than the weights.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        let [batch, length, channels] = path.dims();
        assert!(
            channels == self.channels,
            "Augment: the path must have {} channels (axis 2), got {channels}",
            self.channels
        );
        if let Some(first) = self.layers.first() {
            assert_dtype("Augment", "path", path.dtype(), first.weight.val().dtype());
        }
        // Points before the first that has all points of the kernel.
        let lost = self.kernel_size - 1;
        assert!(
            length > lost,
            "Augment: the length of the path (axis 1) must be at least kernel_size = {}, got {length}",
            self.kernel_size
        );
        if batch == 0 {
            // A convolution takes no empty batch.
            let own = self.layers.last().map(|last| last.weight.dims()[0]);
            let width = width(channels, self.original, self.time, own);
            return nothing(path, [0, length - lost, width]);
        }
        let kept = path.clone().narrow(1, lost, length - lost);
        let mut parts = Vec::new();
        if self.time {
            let timed = time_augment(kept, 1.0);
            let first = if self.original { 0 } else { channels };
            parts.push(timed.narrow(2, first, channels + 1 - first));
        } else if self.original {
            parts.push(kept);
        }
        if !self.layers.is_empty() {
            parts.push(self.network(path));
        }
        Tensor::cat(parts, 2)
    }

    /// The layers with ReLU between them.
    fn network(&self, path: Tensor<3>) -> Tensor<3> {
        let mut hidden = path.swap_dims(1, 2);
        for (index, layer) in self.layers.iter().enumerate() {
            hidden = layer.forward(if index == 0 { hidden } else { relu(hidden) });
        }
        hidden.swap_dims(1, 2)
    }
}

one_line_display!(Augment, |augment, content| {
    let channels = |layer: &Conv1d| layer.weight.dims()[0];
    let layers: Vec<usize> = augment.layers.iter().map(channels).collect();
    content
        .add_debug_attribute("layers", &layers)
        .add("kernel_size", &augment.kernel_size)
        .add("original", &augment.original)
        .add("time", &augment.time)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests;
    use burn::tensor::Distribution;

    fn path(device: &Device) -> Tensor<3> {
        Tensor::random([2, 5, 3], Distribution::Uniform(-1.0, 1.0), device)
    }

    #[test]
    fn path_then_time_then_network() {
        let device = Device::default();
        let config = AugmentConfig::new(3, vec![8, 2]).with_kernel_size(2);
        let layer = config.init(&device);
        let path = path(&device);
        let output = layer.forward(path.clone());
        assert_eq!(output.dims(), [2, 4, 6]);
        assert_eq!(config.d_output(), 6);
        let kept = output.clone().narrow(2, 0, 3).into_data();
        kept.assert_eq(&path.clone().narrow(1, 1, 4).into_data(), true);
        let time = output.clone().narrow(0, 0, 1).narrow(2, 3, 1).into_data();
        let time = time.try_to_vec::<f32>().unwrap();
        let expected = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];
        assert!(time.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6));
        // A point of the network sees the points before it and no later one.
        let changed = path
            .clone()
            .slice_assign([0..2, 3..4, 0..3], Tensor::ones([2, 1, 3], &device));
        let changed = layer.forward(changed);
        let early = |tensor: Tensor<3>| tensor.narrow(1, 0, 2).into_data();
        early(changed.clone()).assert_eq(&early(output.clone()), true);
        let later = (changed - output)
            .narrow(1, 2, 2)
            .abs()
            .sum()
            .into_scalar::<f32>();
        assert!(later > 0.0);
    }

    #[test]
    fn what_is_kept() {
        let device = Device::default();
        let dims = |config: AugmentConfig| config.init(&device).forward(path(&device)).dims();
        let none = AugmentConfig::new(3, vec![]);
        assert_eq!(dims(none.clone()), [2, 5, 4]);
        assert_eq!(dims(none.clone().with_original(false)), [2, 5, 1]);
        assert_eq!(dims(none.with_kernel_size(3)), [2, 3, 4]);
        let network = AugmentConfig::new(3, vec![4]).with_original(false);
        assert_eq!(dims(network.clone()), [2, 5, 5]);
        assert_eq!(dims(network.clone().with_time(false)), [2, 5, 4]);
        let empty = Tensor::<3>::zeros([0, 5, 3], &device);
        assert_eq!(network.init(&device).forward(empty).dims(), [0, 5, 5]);
    }

    #[test]
    fn gradients_reach_path_and_weights() {
        let device = Device::default().autodiff();
        let layer = AugmentConfig::new(3, vec![4, 2]).init(&device);
        let path = path(&device).require_grad();
        let gradients = layer.forward(path.clone()).powi_scalar(2).sum().backward();
        assert!(path.grad(&gradients).is_some());
        for layer in &layer.layers {
            assert!(layer.weight.grad(&gradients).is_some());
        }
    }

    #[test]
    fn record_round_trip() {
        let device = Device::default();
        let path = path(&device);
        let init = || AugmentConfig::new(3, vec![4, 2]).init(&device);
        layer_tests::record_round_trip(init, |layer| layer.forward(path.clone()));
    }

    #[test]
    #[should_panic(expected = "must be at least kernel_size = 3, got 2")]
    fn path_shorter_than_the_kernel() {
        let device = Device::default();
        let config = AugmentConfig::new(3, vec![4]).with_kernel_size(3);
        let layer = config.init(&device);
        layer.forward(Tensor::zeros([1, 2, 3], &device));
    }

    #[test]
    #[should_panic(expected = "the path must have 2 channels (axis 2), got 3")]
    fn other_channels_without_layers() {
        let device = Device::default();
        AugmentConfig::new(2, vec![])
            .init(&device)
            .forward(path(&device));
    }

    #[test]
    #[should_panic(expected = "the path must have the dtype of the weights, F32, got F64")]
    fn other_dtype() {
        let device = Device::default();
        let path = path(&device).cast(burn::tensor::FloatDType::F64);
        AugmentConfig::new(3, vec![4]).init(&device).forward(path);
    }

    #[test]
    #[should_panic(expected = "without layers the original or time must be kept")]
    fn nothing_asked_for() {
        let config = AugmentConfig::new(3, vec![])
            .with_original(false)
            .with_time(false);
        config.init(&Device::default());
    }

    #[test]
    fn display() {
        let layer = AugmentConfig::new(3, vec![8, 2]).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "Augment {layers: [8, 2], kernel_size: 1, original: true, time: true, params: 50}"
        );
    }
}
