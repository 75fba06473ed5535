//! Distances of samples: the maximum mean discrepancy and scores.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::compute::{diagonal, pair};
use super::paths::Rest;
use super::{
    Paths, SignatureKernelOptions, signature_kernel_gram, signature_kernel_gram_symmetric,
};
use crate::series::in_f32;

/// How the squared maximum mean discrepancy is estimated from samples of `m` and `n` paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MmdEstimator {
    /// Without the kernels of paths with themselves: its mean is the true value, which is 0 for equal
    /// distributions, so that it may be negative.
    #[default]
    Unbiased,
    /// With them: never negative, up to rounding, and 0 for equal samples.
    Biased,
}

/// The squared maximum mean discrepancy of two samples of paths: the squared distance of their mean
/// signatures, `E k(x, x') − 2 E k(x, y) + E k(y, y')`
/// ([Gretton et al. 2012](https://jmlr.org/papers/v13/gretton12a.html)). It tells distributions on
/// paths apart, and its gradient is exact with respect to both samples.
///
/// # Arguments
///
/// - `x`, `y`: samples, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how.
/// - `estimator`: with or without the kernels of paths with themselves.
///
/// # Shapes
///
/// - x: `[m, length, channels]`
/// - y: `[n, other length, channels]`
/// - output: `[1]`
///
/// # Panics
///
/// As [`signature_kernel_gram`], and if a sample has no paths, or only one for
/// [`MmdEstimator::Unbiased`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::signature_kernels::{MmdEstimator, SignatureKernelOptions, signature_mmd};
///
/// let device = Device::flex();
/// let x = Tensor::<3>::random([6, 10, 2], Distribution::Normal(0.0, 0.3), &device);
/// let options = SignatureKernelOptions::new();
/// let same: f32 = signature_mmd(x.clone(), x, &options, MmdEstimator::Biased).into_scalar();
/// assert!(same.abs() < 1e-4);
/// ```
#[doc(alias = "maximum mean discrepancy")]
#[track_caller]
pub fn signature_mmd(
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
    estimator: MmdEstimator,
) -> Tensor<1> {
    const OPERATION: &str = "signature_mmd";
    let [x, y] = pair(OPERATION, x, y, options, Rest::First);
    check_sample(OPERATION, "x", x.dims()[0], estimator);
    check_sample(OPERATION, "y", y.dims()[0], estimator);
    let options = untransformed(options);
    in_f32([x, y], |[x, y]| {
        let between = signature_kernel_gram(x.clone(), y.clone(), &options).mean();
        let [x, y] = [x, y].map(|sample| {
            let gram = signature_kernel_gram_symmetric(sample, &options);
            within(gram, estimator)
        });
        x + y - between * 2.0
    })
}

/// The squared maximum mean discrepancy of two samples from the Gram matrix of all their paths, as
/// [`signature_mmd`].
///
/// # Arguments
///
/// - `gram`: the kernels of the paths of both samples, those of the first sample first.
/// - `first`: the number of paths of the first sample.
/// - `estimator`: with or without the kernels of paths with themselves.
///
/// # Shapes
///
/// - gram: `[m + n, m + n]`
/// - output: `[1]`
///
/// # Panics
///
/// If the matrix is not square, or a sample has no paths, or only one for
/// [`MmdEstimator::Unbiased`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signature_kernels::{MmdEstimator, signature_mmd_from_gram};
///
/// let gram = Tensor::<2>::from_floats([[2., 1.], [1., 3.]], &Device::flex());
/// let mmd: f32 = signature_mmd_from_gram(gram, 1, MmdEstimator::Biased).into_scalar();
/// assert_eq!(mmd, 3.0); // 2 − 2 · 1 + 3
/// ```
#[track_caller]
pub fn signature_mmd_from_gram(
    gram: Tensor<2>,
    first: usize,
    estimator: MmdEstimator,
) -> Tensor<1> {
    const OPERATION: &str = "signature_mmd_from_gram";
    let [rows, columns] = gram.dims();
    assert!(
        rows == columns,
        "{OPERATION}: gram must be square, got [{rows}, {columns}]"
    );
    assert!(
        first <= rows,
        "{OPERATION}: first is {first}, of a gram of {rows} paths"
    );
    check_sample(OPERATION, "the first sample", first, estimator);
    check_sample(OPERATION, "the second sample", rows - first, estimator);
    in_f32([gram], |[gram]| {
        let between = gram.clone().slice([0..first, first..rows]).mean();
        let [x, y] = [0..first, first..rows].map(|range| {
            let gram = gram.clone().slice([range.clone(), range]);
            within(gram, estimator)
        });
        x + y - between * 2.0
    })
}

/// The signature kernel score of a sample for each of several observed paths `y`,
/// `λ E k(x, x') − 2 E k(x, y)`, the first mean without kernels of paths with themselves
/// ([Issa et al. 2023](https://arxiv.org/abs/2305.16274)). Lower is better; for `λ = 1` the mean over
/// observations is least where the sample is of their distribution.
///
/// # Arguments
///
/// - `sample`: simulated paths, a tensor or [`Paths::ragged`].
/// - `y`: observed paths, likewise.
/// - `lambda`: the weight of the spread of the sample, mostly 1.
/// - `options`: which kernel, and how.
///
/// # Shapes
///
/// - sample: `[m, length, channels]`
/// - y: `[n, other length, channels]`
/// - output: `[n]`
///
/// # Panics
///
/// As [`signature_kernel_gram`], and if the sample has fewer than two paths or `lambda` is not finite.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_score};
///
/// let device = Device::flex();
/// let paths = |count| Tensor::<3>::random([count, 10, 2], Distribution::Normal(0.0, 0.3), &device);
/// let scores = signature_score(paths(8), paths(3), 1.0, &SignatureKernelOptions::new());
/// assert_eq!(scores.dims(), [3]);
/// ```
#[track_caller]
pub fn signature_score(
    sample: impl Into<Paths>,
    y: impl Into<Paths>,
    lambda: f64,
    options: &SignatureKernelOptions,
) -> Tensor<1> {
    score("signature_score", sample.into(), y.into(), lambda, options)
}

/// The mean of the [scores](signature_score) of a sample over observed paths: a strictly proper loss
/// for generators of paths, of which the kernels of observations with each other are no part.
///
/// # Arguments
///
/// As [`signature_score`].
///
/// # Shapes
///
/// - sample: `[m, length, channels]`
/// - y: `[n, other length, channels]`
/// - output: `[1]`
///
/// # Panics
///
/// As [`signature_score`], and if there are no observed paths.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, expected_signature_score};
///
/// let device = Device::flex();
/// let paths = |count| Tensor::<3>::random([count, 10, 2], Distribution::Normal(0.0, 0.3), &device);
/// let score = expected_signature_score(paths(8), paths(3), 1.0, &SignatureKernelOptions::new());
/// assert_eq!(score.dims(), [1]);
/// ```
#[track_caller]
pub fn expected_signature_score(
    sample: impl Into<Paths>,
    y: impl Into<Paths>,
    lambda: f64,
    options: &SignatureKernelOptions,
) -> Tensor<1> {
    const OPERATION: &str = "expected_signature_score";
    let y = y.into();
    assert!(
        y.count() > 0,
        "{OPERATION}: y needs at least 1 path, got batch = 0 (axis 0)"
    );
    score(OPERATION, sample.into(), y, lambda, options).mean()
}

#[track_caller]
fn score(
    operation: &str,
    sample: Paths,
    y: Paths,
    lambda: f64,
    options: &SignatureKernelOptions,
) -> Tensor<1> {
    assert!(
        lambda.is_finite(),
        "{operation}: lambda must be finite, got {lambda}"
    );
    let [sample, y] = pair(operation, sample, y, options, Rest::First);
    check_sample(
        operation,
        "the sample",
        sample.dims()[0],
        MmdEstimator::Unbiased,
    );
    let options = untransformed(options);
    in_f32([sample, y], |[sample, y]| {
        let gram = signature_kernel_gram(sample.clone(), y, &options);
        let fit = gram.mean_dim(0).squeeze_dim::<1>(0) * -2.0;
        let spread = signature_kernel_gram_symmetric(sample, &options);
        within(spread, MmdEstimator::Unbiased) * lambda + fit
    })
}

fn untransformed(options: &SignatureKernelOptions) -> SignatureKernelOptions {
    options.clone().with_transforms([])
}

/// The mean kernel of two paths of one sample.
fn within(gram: Tensor<2>, estimator: MmdEstimator) -> Tensor<1> {
    let count = gram.dims()[0];
    match estimator {
        MmdEstimator::Biased => gram.mean(),
        MmdEstimator::Unbiased => {
            let own = diagonal(gram.clone()).sum();
            (gram.sum() - own) * (1.0 / (count * (count - 1)) as f64)
        }
    }
}

#[track_caller]
fn check_sample(operation: &str, name: &str, count: usize, estimator: MmdEstimator) {
    let least = match estimator {
        MmdEstimator::Unbiased => 2,
        MmdEstimator::Biased => 1,
    };
    assert!(
        count >= least,
        "{operation}: {name} needs at least {least} path{} (axis 0), got {count}",
        if least == 1 { "" } else { "s" }
    );
}
