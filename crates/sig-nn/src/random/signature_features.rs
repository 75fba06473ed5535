use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use sig_core::backend::{in_graph_of, nothing};
use sig_core::transforms::{cumulative_sum, hold_last};

use super::{RandomFourier, RandomFourierConfig, drawn};
use crate::layer::{assert_positive, one_line_display};

/// Configuration to create a [`RandomSignatureFeatures`] layer using the
/// [init function](RandomSignatureFeaturesConfig::init).
#[derive(Config, Debug)]
pub struct RandomSignatureFeaturesConfig {
    /// The number of channels of the path.
    pub d_input: usize,
    /// The number of features of each level.
    pub features: usize,
    /// The last level. Default: 4
    #[config(default = 4)]
    pub depth: usize,
    /// The number of frequencies of the Fourier features of each level. Default: 100
    #[config(default = 100)]
    pub frequencies: usize,
    /// The bandwidth of the kernel of points. Default: 1
    #[config(default = 1.0)]
    pub bandwidth: f64,
    /// Whether the features of each level have the norm 1. Default: true
    #[config(default = true)]
    pub normalized: bool,
}

/// Random Fourier signature features: their inner products tend to the signature kernel of the path
/// lifted by an RBF kernel, level by level, at a cost that is linear in the length.
///
/// Tensorised random projections ([Tóth, Oberhauser & Szabó 2023](https://arxiv.org/abs/2311.12214)): level
/// `m` has Fourier features `φ_m` and a Gaussian matrix `G_m` of its own, `v_1(t) = G_1 Δφ_1(t)` and
/// `v_m(t) = G_m Δφ_m(t) ⊙ Σ_{s<t} v_{m−1}(s)`; its features are `n^{−½} Σ_t v_m(t)`. Nothing is trained. The
/// constant of level 0 is left out, as of signatures.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::random::RandomSignatureFeaturesConfig;
///
/// let device = Device::flex();
/// device.seed(7);
/// let layer = RandomSignatureFeaturesConfig::new(3, 50).init(&device);
/// assert_eq!(layer.forward(Tensor::ones([8, 20, 3], &device)).dims(), [8, 200]);
/// ```
///
/// Should be created with [`RandomSignatureFeaturesConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct RandomSignatureFeatures {
    /// The Fourier features of each level.
    pub lifts: Vec<RandomFourier>,
    /// The projection of each level, `[2 frequencies, features]`, not trained.
    pub projections: Vec<Param<Tensor<2>>>,
    /// Whether the features of each level have the norm 1.
    pub normalized: bool,
}

impl RandomSignatureFeaturesConfig {
    /// Initialize a new [`RandomSignatureFeatures`] module.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0 or the bandwidth is not positive.
    #[track_caller]
    pub fn init(&self, device: &Device) -> RandomSignatureFeatures {
        let sizes = [
            ("d_input", self.d_input),
            ("features", self.features),
            ("depth", self.depth),
            ("frequencies", self.frequencies),
        ];
        assert_positive("RandomSignatureFeatures", sizes);
        let lift =
            RandomFourierConfig::new(self.d_input, self.frequencies).with_bandwidth(self.bandwidth);
        let shape = [2 * self.frequencies, self.features];
        let levels = 0..self.depth;
        RandomSignatureFeatures {
            lifts: levels.clone().map(|_| lift.init(device)).collect(),
            projections: levels.map(|_| drawn(shape, 1.0, device)).collect(),
            normalized: self.normalized,
        }
    }

    /// The number of features of all levels, `d_input` of the read-out.
    pub fn d_output(&self) -> usize {
        self.depth * self.features
    }
}

impl RandomSignatureFeatures {
    /// The features of paths, level by level.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, depth · features]`
    ///
    /// # Panics
    ///
    /// Panics if the path has no points or not `d_input` channels.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let [batch, length, _] = path.dims();
        assert!(
            length > 0,
            "RandomSignatureFeatures: a path needs at least 1 point, got length = 0 (axis 1)"
        );
        let features = self.projections[0].shape()[1];
        let shape = [batch, self.lifts.len() * features];
        if batch == 0 {
            return nothing(path, shape);
        }
        if length == 1 {
            let zeros = Tensor::zeros(shape, (&path.device(), path.dtype()));
            return in_graph_of(path, zeros);
        }
        let mut levels: Vec<Tensor<2>> = Vec::with_capacity(self.lifts.len());
        let mut before: Option<Tensor<3>> = None;
        for (lift, projection) in self.lifts.iter().zip(&self.projections) {
            let mut level = projected(lift.forward(path.clone()), projection.val());
            if let Some(before) = before {
                level = level * earlier(before);
            }
            let sum = level.clone().sum_dim(1).squeeze_dim::<2>(1);
            levels.push(match self.normalized {
                true => unit(sum),
                false => sum * (1.0 / (features as f64).sqrt()),
            });
            before = Some(level);
        }
        Tensor::cat(levels, 1)
    }

    /// The features of paths of different lengths, padded to one: each row gives what the row alone
    /// gives, whatever the padding holds.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, d_input]`
    /// - output: `[batch, depth · features]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or one is 0
    /// or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        self.forward(hold_last(path, lengths))
    }
}

/// `G Δφ`, `[batch, length − 1, features]`.
fn projected(lifted: Tensor<3>, projection: Tensor<2>) -> Tensor<3> {
    let ([batch, length, width], [_, features]) = (lifted.dims(), projection.dims());
    let steps = length - 1;
    let increments = lifted.clone().narrow(1, 1, steps) - lifted.narrow(1, 0, steps);
    let increments = increments.reshape([batch * steps, width]);
    increments
        .matmul(projection)
        .reshape([batch, steps, features])
}

/// `Σ_{s<t}` along axis 1.
fn earlier(values: Tensor<3>) -> Tensor<3> {
    let [batch, steps, features] = values.dims();
    let zeros = Tensor::zeros([batch, 1, features], (&values.device(), values.dtype()));
    if steps == 1 {
        return zeros;
    }
    let sums = cumulative_sum(values.narrow(1, 0, steps - 1));
    Tensor::cat(vec![zeros, sums], 1)
}

/// Rows of the norm 1; zeros stay zeros.
fn unit(rows: Tensor<2>) -> Tensor<2> {
    let squares = rows.clone().square().sum_dim(1);
    let still = squares.clone().equal_elem(0);
    rows / squares.mask_fill(still, 1).sqrt()
}

one_line_display!(RandomSignatureFeatures, |layer, content| {
    let [d_input, frequencies] = layer.lifts[0].frequencies.shape().dims();
    content
        .add("d_input", &d_input)
        .add("depth", &layer.lifts.len())
        .add("frequencies", &frequencies)
        .add("features", &layer.projections[0].shape()[1])
        .add("normalized", &layer.normalized)
});

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> [Vec<[f64; 2]>; 2] {
        let path = |seed: f64| {
            let point = |t: usize| [0.0, 1.3].map(|shift| (seed * t as f64 + shift).sin() * 0.7);
            (0..6).map(point).collect()
        };
        [path(0.9), path(1.7)]
    }

    /// The truncated kernel of the RBF lift by its definition: sums over increasing places of products
    /// of second differences.
    fn kernel(x: &[[f64; 2]], y: &[[f64; 2]], levels: usize) -> Vec<f64> {
        let rbf = |a: [f64; 2], b: [f64; 2]| {
            let square = (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
            (-square / 2.0).exp()
        };
        let delta = |i: usize, j: usize| {
            rbf(x[i + 1], y[j + 1]) - rbf(x[i], y[j + 1]) - rbf(x[i + 1], y[j]) + rbf(x[i], y[j])
        };
        let (m, n) = (x.len() - 1, y.len() - 1);
        let mut before = vec![vec![1.0; n]; m];
        let mut all = Vec::new();
        for _ in 0..levels {
            let mut sum = 0.0;
            let mut next = vec![vec![0.0; n]; m];
            for (i, row) in before.iter().enumerate() {
                for (j, earlier) in row.iter().enumerate() {
                    let value = delta(i, j) * earlier;
                    sum += value;
                    let later = next[i + 1..].iter_mut().flat_map(|row| &mut row[j + 1..]);
                    later.for_each(|sum| *sum += value);
                }
            }
            all.push(sum);
            before = next;
        }
        all
    }

    /// Inner products of many features are near the kernel, level by level.
    #[test]
    fn signature_kernel_in_the_limit() {
        let device = Device::default();
        device.seed(11);
        let config = RandomSignatureFeaturesConfig::new(2, 500)
            .with_depth(2)
            .with_frequencies(100)
            .with_normalized(false);
        let [x, y] = paths();
        let want = kernel(&x, &y, 2);
        let tensor = |path: &[[f64; 2]]| {
            let values = path.concat();
            let data = burn::tensor::TensorData::new(values, [1, 6, 2]);
            Tensor::<3>::from_data(data.convert::<f32>(), &device)
        };
        // Draws are averaged: their errors are about the root of 1 / draws.
        let draws = 30;
        let mut means = [0.0; 2];
        for _ in 0..draws {
            let layer = config.init(&device);
            let [of_x, of_y] = [&x, &y].map(|path| layer.forward(tensor(path)));
            let products = (of_x * of_y).reshape([2, 500]).sum_dim(1).into_data();
            for (mean, product) in means.iter_mut().zip(products.iter::<f64>()) {
                *mean += product / f64::from(draws);
            }
        }
        for (mean, want) in means.iter().zip(&want) {
            assert!(
                (mean - want).abs() < 0.1 * want.abs().max(1.0),
                "{means:?}, {want:?}"
            );
        }
    }

    #[test]
    fn levels_have_the_norm_1() {
        let device = Device::default();
        let layer = RandomSignatureFeaturesConfig::new(2, 9)
            .with_depth(3)
            .init(&device);
        let steps = Tensor::<1, burn::tensor::Int>::arange(0..40, &device).float();
        let path = (steps * 1.1).sin().reshape([2, 10, 2]);
        let features = layer.forward(path).reshape([2, 3, 9]);
        let norms = features.square().sum_dim(2).into_data();
        assert!(norms.iter::<f32>().all(|norm| (norm - 1.0).abs() < 1e-5));
        let still = layer.forward(Tensor::ones([1, 5, 2], &device));
        assert_eq!(still.abs().max().into_scalar::<f32>(), 0.0);
    }
}
