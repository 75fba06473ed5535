//! Whether two samples of paths are of one distribution.

use burn::tensor::DType;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::{Paths, SignatureKernelOptions, signature_kernel_gram_symmetric};

/// What [`signature_two_sample_test`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoSampleTest {
    /// The squared maximum mean discrepancy of the samples, without bias.
    pub statistic: f64,
    /// The statistic of each random split of the paths of both samples.
    pub permuted: Vec<f64>,
    /// How likely a statistic at least as large is where both samples are of one distribution.
    pub p_value: f64,
}

/// Tests whether two samples of paths are of one distribution, by permutations: the
/// [maximum mean discrepancy](super::signature_mmd) of the samples is compared with that of random
/// splits of all paths into two samples of the same sizes
/// ([Gretton et al. 2012](https://jmlr.org/papers/v13/gretton12a.html)). Of equal distributions, the
/// p-value is at most `α` with a probability of at most `α`.
///
/// # Arguments
///
/// - `x`, `y`: samples, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how.
/// - `permutations`: the number of random splits, at least 1. The smallest p-value is
///   `1 / (permutations + 1)`.
/// - `seed`: of the random splits.
///
/// # Shapes
///
/// - x: `[m, length, channels]`
/// - y: `[n, other length, channels]`
///
/// # Returns
///
/// The statistic, those of the splits, and the p-value. The Gram matrix of all paths is computed
/// once, on the device; the splits are summed on the CPU in f64. There are no gradients.
///
/// # Panics
///
/// As [`signature_kernel_gram_symmetric`], and if a sample has fewer than two paths, there are no
/// permutations, or a kernel is NaN or infinite: a path has a missing value, or the steps of the
/// paths are so large that their kernels overflow.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_two_sample_test};
///
/// let device = Device::flex();
/// let steps = |scale| Tensor::<3>::random([20, 16, 1], Distribution::Normal(0.0, scale), &device);
/// let (x, y) = (steps(0.1).cumsum(1), steps(0.5).cumsum(1));
/// let (permutations, seed) = (99, 7);
/// let test = signature_two_sample_test(x, y, &SignatureKernelOptions::new(), permutations, seed);
/// assert!(test.p_value <= 0.05);
/// ```
#[track_caller]
pub fn signature_two_sample_test(
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
    permutations: usize,
    seed: u64,
) -> TwoSampleTest {
    const OPERATION: &str = "signature_two_sample_test";
    let (x, y) = (x.into(), y.into());
    let first = x.count();
    for (name, count) in [("x", first), ("y", y.count())] {
        assert!(
            count > 1,
            "{OPERATION}: {name} needs at least 2 paths (axis 0), got {count}"
        );
    }
    assert!(
        permutations > 0,
        "{OPERATION}: at least 1 permutation is needed, got 0"
    );
    let pooled = x.detach().pooled(y.detach(), options, OPERATION);
    let options = options.clone().with_transforms([]);
    let gram = signature_kernel_gram_symmetric(pooled, &options);
    let count = gram.dims()[0];
    let gram = gram.into_data().convert_dtype(DType::F64);
    let gram = gram.try_to_vec::<f64>().expect("converted to f64");
    if let Some(at) = gram.iter().position(|kernel| !kernel.is_finite()) {
        let name = |path: usize| match path.checked_sub(first) {
            None => format!("path {path} of x"),
            Some(path) => format!("path {path} of y"),
        };
        panic!(
            "{OPERATION}: the kernel of {} and {} is {}: fill missing values, and if it overflows, scale \
             the paths or take StaticKernel::Rbf",
            name(at / count),
            name(at % count),
            gram[at]
        );
    }

    let mut places: Vec<usize> = (0..count).collect();
    let statistic = mmd(&gram, &places[..first], count);
    let mut random = StdRng::seed_from_u64(seed);
    let mut split = || {
        places.shuffle(&mut random);
        mmd(&gram, &places[..first], count)
    };
    let permuted: Vec<f64> = (0..permutations).map(|_| split()).collect();
    let as_large = permuted.iter().filter(|&&other| other >= statistic).count();
    TwoSampleTest {
        statistic,
        p_value: (1 + as_large) as f64 / (1 + permutations) as f64,
        permuted,
    }
}

/// Without bias, of the sample at some places and that at the others.
fn mmd(gram: &[f64], first: &[usize], count: usize) -> f64 {
    let mut sums = vec![0.0; count];
    for &row in first {
        let row = &gram[row * count..][..count];
        sums.iter_mut()
            .zip(row)
            .for_each(|(sum, kernel)| *sum += kernel);
    }
    let own = |place: usize| gram[place * (count + 1)];
    let total: f64 = gram.iter().sum();
    let own_total: f64 = (0..count).map(own).sum();
    let own_first: f64 = first.iter().map(|&place| own(place)).sum();
    let within: f64 = first.iter().map(|&place| sums[place]).sum();
    let between = sums.iter().sum::<f64>() - within;
    let other = total - within - 2.0 * between;
    let (m, n) = (first.len() as f64, (count - first.len()) as f64);
    (within - own_first) / (m * (m - 1.0)) + (other - (own_total - own_first)) / (n * (n - 1.0))
        - 2.0 * between / (m * n)
}
