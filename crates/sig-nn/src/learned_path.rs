use burn::config::Config;
use burn::module::{Content, DisplaySettings, Initializer, Module, ModuleDisplay, Param};
use burn::tensor::{Device, Tensor, TensorData};
use sig_core::signature;

use crate::check::{assert_positive, spec};

/// Configuration to create a [`LearnedPath`] using the [init function](LearnedPathConfig::init).
#[derive(Config, Debug)]
pub struct LearnedPathConfig {
    /// Paths learned at once. Default: 1
    #[config(default = 1)]
    pub batch: usize,
    /// Points of each path.
    pub length: usize,
    /// Channels of each path.
    pub channels: usize,
    /// The last level of the signature.
    pub depth: usize,
    /// How the points start. Default: uniform in [−1, 1]
    #[config(default = "Initializer::Uniform { min: -1.0, max: 1.0 }")]
    pub initializer: Initializer,
}

/// Paths whose points are parameters: what is learned is a path that has a given signature, which
/// [`InversionLoss`] compares it with.
///
/// `O = S(x)`
///
/// Should be created with [`LearnedPathConfig`], or from points with
/// [`from_points`](LearnedPath::from_points).
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
        spec("LearnedPath", self.channels, self.depth);
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
        spec("LearnedPath", channels, depth);
        Self {
            points: Param::from_tensor(points),
            depth,
        }
    }

    /// The signatures of the paths as they are.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, terms]`
    pub fn forward(&self) -> Tensor<2> {
        signature(self.points.val(), self.depth)
    }
}

impl ModuleDisplay for LearnedPath {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [batch, length, channels] = self.points.shape().dims();
        content
            .add("batch", &batch)
            .add("length", &length)
            .add("channels", &channels)
            .add("depth", &self.depth)
            .optional()
    }
}

/// How far signatures are from those looked for: the logarithm of the mean square of their
/// differences, each term weighted by its level, which balances that level `k` shrinks as `1/k!`.
///
/// `L = log mean_{b,w} (|w| · (S_{b,w} − T_{b,w}))²`
///
/// It is the loss of the notebook on inversion of signax; for two channels its weight
/// `⌊log₂(i + 1)⌋` of term `i` is the level.
#[derive(Clone, Debug)]
pub struct InversionLoss {
    target: Tensor<2>,
    weights: Tensor<2>,
}

impl InversionLoss {
    /// The loss of signatures against a target.
    ///
    /// # Shapes
    ///
    /// - target: `[batch, terms]`
    ///
    /// # Panics
    ///
    /// Panics if the terms are not those of a signature of so many channels and that depth.
    #[track_caller]
    pub fn new(target: Tensor<2>, channels: usize, depth: usize) -> Self {
        let spec = spec("InversionLoss", channels, depth);
        let [_, terms] = target.dims();
        assert!(
            terms == spec.terms(),
            "InversionLoss: target must have {} terms (axis 1; {channels} channels at depth \
             {depth}), got {terms}",
            spec.terms()
        );
        let level = |k: usize| core::iter::repeat_n(k as f64, spec.level_terms(k));
        let weights: Vec<f64> = (1..=depth).flat_map(level).collect();
        let weights = TensorData::new(weights, [1, terms]).convert_dtype(target.dtype());
        let weights = Tensor::from_data(weights, (&target.device(), target.dtype()));
        Self { target, weights }
    }

    /// The loss.
    ///
    /// # Shapes
    ///
    /// - signature: `[batch, terms]`
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// Panics if the shape is not that of the target.
    #[track_caller]
    pub fn forward(&self, signature: Tensor<2>) -> Tensor<1> {
        self.squares(signature).mean().log()
    }

    /// The loss of each path by itself, `log mean_w (|w| · (S_{b,w} − T_{b,w}))²`: the gradient of the sum
    /// moves each as if it were alone.
    ///
    /// # Shapes
    ///
    /// - signature: `[batch, terms]`
    /// - output: `[batch]`
    ///
    /// # Panics
    ///
    /// Panics if the shape is not that of the target.
    #[track_caller]
    pub fn forward_no_reduction(&self, signature: Tensor<2>) -> Tensor<1> {
        self.squares(signature).mean_dim(1).squeeze_dim(1).log()
    }

    /// The weighted squares of the differences, `[batch, terms]`.
    #[track_caller]
    fn squares(&self, signature: Tensor<2>) -> Tensor<2> {
        assert!(
            signature.dims() == self.target.dims(),
            "InversionLoss: the signature must have the shape of the target, {:?}, got {:?}",
            self.target.dims(),
            signature.dims()
        );
        let error = (signature - self.target.clone()) * self.weights.clone();
        error.clone() * error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::optim::{AdamConfig, GradientsParams};
    use burn::store::ModuleRecord;

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
    fn weight_is_the_level() {
        let device = Device::default();
        let target = Tensor::<2>::zeros([1, 6], &device);
        let loss = InversionLoss::new(target, 2, 2);
        let ones = Tensor::<2>::ones([1, 6], &device);
        let value = loss.forward(ones).into_scalar::<f32>();
        let expected = ((2.0 + 4.0 * 4.0) / 6.0f32).ln();
        assert!((value - expected).abs() < 1e-6, "{value}, {expected}");
    }

    #[test]
    fn each_path_by_itself() {
        let device = Device::default();
        let loss = InversionLoss::new(Tensor::zeros([2, 6], &device), 2, 2);
        let signatures = Tensor::from_floats([[1.0; 6], [2.0; 6]], &device);
        let each = loss.forward_no_reduction(signatures).into_data();
        let alone = ((2.0 + 4.0 * 4.0) / 6.0f32).ln();
        let expected = TensorData::from([alone, alone + 4f32.ln()]);
        each.assert_approx_eq::<f32>(&expected, Default::default());
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
        let device = Device::default();
        let config = LearnedPathConfig::new(4, 2, 3);
        let path = config.init(&device);
        let bytes = path.clone().into_record().into_bytes().unwrap();
        let loaded = config
            .init(&device)
            .load_record(ModuleRecord::from_bytes(bytes).unwrap());
        let (loaded, path) = (loaded.points.val(), path.points.val());
        loaded.into_data().assert_eq(&path.into_data(), true);
    }

    #[test]
    #[should_panic(expected = "target must have 6 terms (axis 1; 2 channels at depth 2), got 5")]
    fn target_of_another_size() {
        InversionLoss::new(Tensor::zeros([1, 5], &Device::default()), 2, 2);
    }

    #[test]
    #[should_panic(expected = "the shape of the target, [1, 6], got [2, 6]")]
    fn signature_of_another_batch() {
        let device = Device::default();
        let loss = InversionLoss::new(Tensor::zeros([1, 6], &device), 2, 2);
        loss.forward(Tensor::zeros([2, 6], &device));
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
