use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor};
use sig_core::signatures::{SignatureSpec, signature};

use crate::layer::{assert_positive, one_line_display};

/// Configuration to create a [`LearnedPath`] using the [init function](LearnedPathConfig::init).
#[derive(Config, Debug)]
pub struct LearnedPathConfig {
    /// The number of paths. Default: 1
    #[config(default = 1)]
    pub batch: usize,
    /// The number of points of each path.
    pub length: usize,
    /// The number of channels of each path.
    pub channels: usize,
    /// The last level of the signature.
    pub depth: usize,
    /// How the points are initialized. Default: uniform in [−1, 1]
    #[config(default = "Initializer::Uniform { min: -1.0, max: 1.0 }")]
    pub initializer: Initializer,
}

/// Paths whose points are parameters, to learn a path that has a given signature: minimise
/// [`InversionLoss`](crate::InversionLoss) between the two signatures.
///
/// `O = S(x)`
///
/// Should be created with [`LearnedPathConfig`], or from points with
/// [`from_points`](LearnedPath::from_points).
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::LearnedPathConfig;
///
/// let device = Device::flex();
/// let path = LearnedPathConfig::new(10, 2, 3).with_batch(4).init(&device); // points, channels, depth
/// assert_eq!(path.forward().dims(), [4, 14]); // the signatures
/// ```
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct LearnedPath {
    /// The points, `[batch, length, channels]`.
    pub points: Param<Tensor<3>>,
    /// The last level of the signature.
    pub depth: usize,
}

impl LearnedPathConfig {
    /// Initialize a new [`LearnedPath`] module.
    ///
    /// # Panics
    ///
    /// Panics if `length`, `channels` or `depth` is 0 or the number of terms cannot be addressed.
    #[track_caller]
    pub fn init(&self, device: &Device) -> LearnedPath {
        assert_positive("LearnedPath", [("length", self.length)]);
        SignatureSpec::new_for("LearnedPath", self.channels, self.depth);
        let shape = [self.batch, self.length, self.channels];
        let points = self.initializer.init_with(
            shape,
            Some(self.length * self.channels),
            Some(self.length * self.channels),
            device,
        );
        LearnedPath {
            points,
            depth: self.depth,
        }
    }
}

impl LearnedPath {
    /// Paths that start at the given points, in their dtype.
    ///
    /// # Shapes
    ///
    /// - points: `[batch, length, channels]`
    ///
    /// # Panics
    ///
    /// Panics if there are no points or channels, `depth` is 0 or the number of terms cannot be
    /// addressed.
    #[track_caller]
    pub fn from_points(points: Tensor<3>, depth: usize) -> Self {
        let [_, length, channels] = points.dims();
        assert!(
            length > 0,
            "LearnedPath: length must be at least 1, got 0 (axis 1 of the points)"
        );
        SignatureSpec::new_for("LearnedPath", channels, depth);
        Self {
            points: Param::from_tensor(points),
            depth,
        }
    }

    /// The signatures of the paths.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, terms]`
    pub fn forward(&self) -> Tensor<2> {
        signature(self.points.val(), self.depth)
    }
}

one_line_display!(LearnedPath, |path, content| {
    let [batch, length, channels] = path.points.shape().dims();
    content
        .add("batch", &batch)
        .add("length", &length)
        .add("channels", &channels)
        .add("depth", &path.depth)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InversionLoss;
    use crate::layer_tests;
    use burn::optim::{AdamConfig, GradientsParams};

    #[test]
    fn learns_a_path_from_its_signature() {
        let device = Device::default().autodiff();
        let points = [[[0.0, 0.0], [1.0, 0.2], [0.8, 1.0]]];
        let target = signature(Tensor::<3>::from_floats(points, &device), 3);
        let loss = InversionLoss::new(target, 2, 3);
        let start = [[[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]];
        let mut path = LearnedPath::from_points(Tensor::from_floats(start, &device), 3);
        let mut adam = AdamConfig::new().init();
        let value = |path: &LearnedPath| loss.forward(path.forward()).into_scalar::<f32>();
        let before = value(&path);
        for _ in 0..150 {
            let gradients = loss.forward(path.forward()).backward();
            let gradients = GradientsParams::from_grads(gradients, &path);
            path = adam.step(1e-2, path, gradients);
        }
        let after = value(&path);
        assert!(after < before - 4.0, "{before} to {after}");
    }

    #[test]
    fn starts_within_its_bounds() {
        let path = LearnedPathConfig::new(50, 2, 2)
            .with_batch(3)
            .init(&Device::default());
        assert_eq!(path.points.dims(), [3, 50, 2]);
        let points = path.points.val().into_data().try_to_vec::<f32>().unwrap();
        assert!(points.iter().all(|x| x.abs() <= 1.0));
        assert!(points.iter().any(|x| x.abs() > 0.5));
    }

    #[test]
    fn record_round_trip() {
        let init = || LearnedPathConfig::new(4, 2, 3).init(&Device::default());
        layer_tests::record_round_trip(init, |path| path.points.val());
    }

    #[test]
    #[should_panic(expected = "LearnedPath: length must be at least 1")]
    fn no_points() {
        LearnedPathConfig::new(0, 2, 2).init(&Device::default());
    }

    #[test]
    fn display() {
        let path = LearnedPathConfig::new(8, 2, 12).init(&Device::default());
        assert_eq!(
            format!("{path}"),
            "LearnedPath {batch: 1, length: 8, channels: 2, depth: 12, params: 16}"
        );
    }
}
