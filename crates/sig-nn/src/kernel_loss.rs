use burn::config::Config;
use burn::tensor::Tensor;
use sig_core::signature_kernels::{
    MmdEstimator, Paths, SignatureKernelOptions, expected_signature_score, signature_mmd,
};

/// Configuration to create a [`SignatureMmdLoss`] using the
/// [init function](SignatureMmdLossConfig::init).
#[derive(Config, Debug)]
pub struct SignatureMmdLossConfig {
    /// Which signature kernel, and how: static kernel, scheme, transforms.
    #[config(default = "SignatureKernelOptions::new()")]
    pub kernel: SignatureKernelOptions,
    /// With or without the kernels of paths with themselves.
    #[config(default = "MmdEstimator::Unbiased")]
    pub estimator: MmdEstimator,
}

impl SignatureMmdLossConfig {
    /// Initializes a new loss.
    pub fn init(&self) -> SignatureMmdLoss {
        SignatureMmdLoss {
            kernel: self.kernel.clone(),
            estimator: self.estimator,
        }
    }
}

/// The loss of a generator of paths: the squared maximum mean discrepancy of generated and observed
/// paths by the signature kernel
/// ([Gretton et al. 2012](https://jmlr.org/papers/v13/gretton12a.html)). Without bias it may be
/// negative near its minimum, 0 in the mean.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::nn::SignatureMmdLossConfig;
///
/// let device = Device::flex().autodiff();
/// let paths = || Tensor::<3>::random([8, 10, 2], Distribution::Normal(0.0, 0.3), &device);
/// let generated = paths().require_grad();
/// let loss = SignatureMmdLossConfig::new().init().forward(generated.clone(), paths());
/// assert_eq!(generated.grad(&loss.backward()).unwrap().dims(), [8, 10, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct SignatureMmdLoss {
    /// Which signature kernel.
    pub kernel: SignatureKernelOptions,
    /// With or without the kernels of paths with themselves.
    pub estimator: MmdEstimator,
}

impl SignatureMmdLoss {
    /// The distance of two samples.
    ///
    /// # Arguments
    ///
    /// - `generated`, `observed`: samples, a tensor or [`Paths::ragged`].
    ///
    /// # Shapes
    ///
    /// - generated: `[m, length, channels]`
    /// - observed: `[n, other length, channels]`
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// As [`signature_mmd`].
    #[track_caller]
    pub fn forward(&self, generated: impl Into<Paths>, observed: impl Into<Paths>) -> Tensor<1> {
        signature_mmd(generated, observed, &self.kernel, self.estimator)
    }
}

/// Configuration to create a [`SignatureScoreLoss`] using the
/// [init function](SignatureScoreLossConfig::init).
#[derive(Config, Debug)]
pub struct SignatureScoreLossConfig {
    /// Which signature kernel, and how: static kernel, scheme, transforms.
    #[config(default = "SignatureKernelOptions::new()")]
    pub kernel: SignatureKernelOptions,
    /// The weight of the spread of the generated paths. Only with 1 is the score strictly proper.
    #[config(default = 1.0)]
    pub lambda: f64,
}

impl SignatureScoreLossConfig {
    /// Initializes a new loss.
    pub fn init(&self) -> SignatureScoreLoss {
        SignatureScoreLoss {
            kernel: self.kernel.clone(),
            lambda: self.lambda,
        }
    }
}

/// The loss of a generator of paths: the expected signature kernel score of generated paths
/// ([Issa et al. 2023](https://arxiv.org/abs/2305.16274)). It has the gradients of
/// [`SignatureMmdLoss`] without bias, and computes no kernels of observed paths with each other.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::nn::SignatureScoreLossConfig;
///
/// let device = Device::flex().autodiff();
/// let paths = || Tensor::<3>::random([8, 10, 2], Distribution::Normal(0.0, 0.3), &device);
/// let generated = paths().require_grad();
/// let loss = SignatureScoreLossConfig::new().init().forward(generated.clone(), paths());
/// assert_eq!(generated.grad(&loss.backward()).unwrap().dims(), [8, 10, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct SignatureScoreLoss {
    /// Which signature kernel.
    pub kernel: SignatureKernelOptions,
    /// The weight of the spread of the generated paths.
    pub lambda: f64,
}

impl SignatureScoreLoss {
    /// The mean score over observed paths.
    ///
    /// # Arguments
    ///
    /// - `generated`, `observed`: samples, a tensor or [`Paths::ragged`].
    ///
    /// # Shapes
    ///
    /// - generated: `[m, length, channels]`
    /// - observed: `[n, other length, channels]`
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// As [`expected_signature_score`].
    #[track_caller]
    pub fn forward(&self, generated: impl Into<Paths>, observed: impl Into<Paths>) -> Tensor<1> {
        expected_signature_score(generated, observed, self.lambda, &self.kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    /// Both losses lead to the same generator.
    #[test]
    fn losses_of_generators_have_the_same_gradients() {
        let device = Device::flex().autodiff();
        let paths = |count| {
            let steps = [count, 7, 2];
            Tensor::<3>::random(steps, Distribution::Normal(0.0, 0.3), &device)
        };
        let (generated, observed) = (paths(5).require_grad(), paths(6));
        let mmd = SignatureMmdLossConfig::new().init();
        let score = SignatureScoreLossConfig::new().init();
        let gradient = |loss: Tensor<1>| generated.grad(&loss.backward()).unwrap();
        let of_mmd = gradient(mmd.forward(generated.clone(), observed.clone()));
        let of_score = gradient(score.forward(generated.clone(), observed));
        let off: f32 = (of_mmd - of_score.clone()).abs().max().into_scalar();
        let size: f32 = of_score.abs().max().into_scalar();
        assert!(off < 1e-5 * size, "{off} of {size}");
    }

    #[test]
    fn configurations_are_kept() {
        let config = SignatureScoreLossConfig::new().with_lambda(0.5);
        let text = serde_json::to_string(&config).unwrap();
        let read: SignatureScoreLossConfig = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (read.lambda, read.kernel),
            (0.5, SignatureKernelOptions::new())
        );
    }
}
