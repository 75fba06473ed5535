use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use sig_core::backend::nothing;

use super::drawn;
use crate::layer::{assert_positive, one_line_display};

/// Configuration to create a [`RandomFourier`] layer using the
/// [init function](RandomFourierConfig::init).
#[derive(Config, Debug)]
pub struct RandomFourierConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The number of frequencies; the output has two channels for each.
    pub features: usize,
    /// The bandwidth `ℓ` of the kernel. Default: 1
    #[config(default = 1.0)]
    pub bandwidth: f64,
}

/// Random Fourier features of each point: `√(1/n) (cos Wx, sin Wx)`, whose inner products tend to the
/// RBF kernel `exp(−|x − y|² / 2ℓ²)` ([Rahimi & Recht 2007](https://papers.nips.cc/paper/3182)).
///
/// In front of a signature, a [`RandomCde`](super::RandomCde) or a `PathDevelopment` it makes them those
/// of the path in a richer space. Nothing is trained.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::random::RandomFourierConfig;
///
/// let device = Device::flex();
/// let lift = RandomFourierConfig::new(3, 10).init(&device);
/// assert_eq!(lift.forward(Tensor::ones([8, 20, 3], &device)).dims(), [8, 20, 20]);
/// ```
///
/// Should be created with [`RandomFourierConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct RandomFourier {
    /// The frequencies `W`, `[channels, features]`, not trained.
    pub frequencies: Param<Tensor<2>>,
}

impl RandomFourierConfig {
    /// Initialize a new [`RandomFourier`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0 or the bandwidth is not positive.
    #[track_caller]
    pub fn init(&self, device: &Device) -> RandomFourier {
        const LAYER: &str = "RandomFourier";
        assert_positive(
            LAYER,
            [("d_input", self.d_input), ("features", self.features)],
        );
        assert!(
            self.bandwidth > 0.0,
            "{LAYER}: bandwidth must be positive, got {}",
            self.bandwidth
        );
        let shape = [self.d_input, self.features];
        RandomFourier {
            frequencies: drawn(shape, 1.0 / self.bandwidth, device),
        }
    }
}

impl RandomFourier {
    /// The features of each point.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, length, 2 features]`
    ///
    /// # Panics
    ///
    /// Panics if the path has not `d_input` channels.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        let ([batch, length, channels], [d_input, features]) =
            (path.dims(), self.frequencies.shape().dims());
        assert!(
            channels == d_input,
            "RandomFourier: axis 2 of the path must have d_input = {d_input} channels, got {channels}"
        );
        if batch * length == 0 {
            return nothing(path, [batch, length, 2 * features]);
        }
        let phases = path.reshape([batch * length, channels]);
        let phases = phases.matmul(self.frequencies.val());
        let waves = Tensor::cat(vec![phases.clone().cos(), phases.sin()], 1);
        let waves = waves * (1.0 / (features as f64).sqrt());
        waves.reshape([batch, length, 2 * features])
    }
}

one_line_display!(RandomFourier, |layer, content| {
    let [d_input, features] = layer.frequencies.shape().dims();
    content.add("d_input", &d_input).add("features", &features)
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Inner products of many features are near the kernel.
    #[test]
    fn kernel_in_the_limit() {
        let device = Device::default();
        device.seed(3);
        let layer = RandomFourierConfig::new(2, 20_000)
            .with_bandwidth(0.8)
            .init(&device);
        let points = Tensor::<3>::from_floats([[[0.3, -0.2], [1.0, 0.4]]], &device);
        let [x, y] = [0, 1].map(|i| layer.forward(points.clone()).narrow(1, i, 1));
        let kernel = (x * y).sum().into_scalar::<f32>();
        let want = (-(0.7f32.powi(2) + 0.6f32.powi(2)) / (2.0 * 0.64)).exp();
        assert!((kernel - want).abs() < 0.03, "{kernel}, {want}");
    }
}
