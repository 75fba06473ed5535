//! The terms of signatures and log-signatures brought to one size.
//!
//! Level `k` of a path of length `l` is at most `l^k / k!`: for short paths it vanishes as `k` grows,
//! for raw data with values of 10⁴ it reaches 10²⁰ at level 5. A linear layer, or splines on a grid,
//! learn from features of about one size. [`SignatureScaling`] says how the levels are brought to
//! it; the layers take it as an option, `with_scaling`, and [`SignatureScaler`] is the module by
//! itself.
//!
//! | scaling | what it does to a term of level `k` | parameters | use it for |
//! |---|---|---|---|
//! | [`None`](SignatureScaling::None) | nothing | | comparisons with other libraries |
//! | [`Factorial`](SignatureScaling::Factorial) | `k! x` | | standardised data |
//! | [`Learned`](SignatureScaling::Learned) | `w_k k! x` | one per level | standardised data whose levels differ in use |
//! | [`LayerNorm`](SignatureScaling::LayerNorm) | mean 0 and variance 1 over all terms | two per term | splines; raw data |
//! | [`SignedLog`](SignatureScaling::SignedLog) | `sign(x) ln(1 + \|k! x\|)` | | raw data, heavy tails |
//!
//! For factors of your own see [`signature_scale_levels`].
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sig::signatures::{SignatureSpec, signature};
//! use burn_sig::nn::{SignatureScalerConfig, SignatureScaling};
//!
//! let device = Device::flex();
//! let scaler = SignatureScalerConfig::new(SignatureScaling::Factorial, 3).init(&device);
//! let path = Tensor::<3>::from_floats([[[0.], [1.], [3.]]], &device);
//! let terms = scaler.forward(signature(path, 3), SignatureSpec::new(1, 3)).into_data();
//! assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 9., 27.]);
//! ```

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::module::layer_norm;
use burn::tensor::{DType, Device, FloatDType, Tensor, TensorData};
use sig_core::algebra::signature_scale_levels;
use sig_core::logsignatures::{LogSignatureBasis, logsignature_scale_levels};
use sig_core::signatures::SignatureSpec;

use crate::layer::{assert_dtype, assert_positive, one_line_display};

/// How the terms of a signature are brought to one size; see [the table](crate::scaling).
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum SignatureScaling {
    /// The terms stay as they are.
    None,
    /// Level `k` is multiplied by `k!`.
    Factorial,
    /// Level `k` is multiplied by `k!` and a learned factor, which starts at 1.
    Learned,
    /// A layer norm over all terms, with learned scale and offset.
    LayerNorm,
    /// The signed logarithm of the terms times `k!`: `sign(x) ln(1 + |x|)`.
    SignedLog,
}

/// Configuration to create a [`SignatureScaler`] using the
/// [init function](SignatureScalerConfig::init).
#[derive(Config, Debug)]
pub struct SignatureScalerConfig {
    /// How the terms are scaled.
    pub scaling: SignatureScaling,
    /// The last level of the signature.
    pub depth: usize,
    /// The number of terms, or of coordinates of a log-signature. Only
    /// [`SignatureScaling::LayerNorm`] needs it. Default: none
    pub terms: Option<usize>,
}

/// Scales the terms of signatures or the coordinates of log-signatures, in one of the ways of
/// [`SignatureScaling`].
///
/// Should be created with [`SignatureScalerConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct SignatureScaler {
    /// How the terms are scaled.
    #[module(skip)]
    pub scaling: SignatureScaling,
    /// The scale of each term, with [`SignatureScaling::LayerNorm`].
    pub gamma: Option<Param<Tensor<1>>>,
    /// The offset of each term, with [`SignatureScaling::LayerNorm`].
    pub beta: Option<Param<Tensor<1>>>,
    /// The factor of each level, with [`SignatureScaling::Learned`].
    pub factors: Option<Param<Tensor<1>>>,
}

impl SignatureScalerConfig {
    /// Initialize a new [`SignatureScaler`] module.
    ///
    /// # Panics
    ///
    /// Panics if `depth` is 0, or `terms` is not set with [`SignatureScaling::LayerNorm`].
    #[track_caller]
    pub fn init(&self, device: &Device) -> SignatureScaler {
        assert_positive("SignatureScaler", [("depth", self.depth)]);
        let (mut gamma, mut beta, mut factors) = (None, None, None);
        match self.scaling {
            SignatureScaling::LayerNorm => {
                let Some(terms) = self.terms else {
                    panic!(
                        "SignatureScaler: SignatureScaling::LayerNorm needs the number of terms, \
                         SignatureScalerConfig::with_terms"
                    )
                };
                gamma = Some(Initializer::Ones.init([terms], device));
                beta = Some(Initializer::Zeros.init([terms], device));
            }
            SignatureScaling::Learned => {
                factors = Some(Initializer::Ones.init([self.depth], device));
            }
            _ => {}
        }
        SignatureScaler {
            scaling: self.scaling,
            gamma,
            beta,
            factors,
        }
    }
}

impl SignatureScaler {
    /// Scales signatures or a stream of them, without scalar term.
    ///
    /// # Arguments
    ///
    /// - `signature`: the signatures.
    /// - `spec`: their channels and depth.
    ///
    /// # Shapes
    ///
    /// - signature: `[..., terms]`
    /// - output: `[..., terms]`
    ///
    /// # Panics
    ///
    /// Panics if the last axis is not that of such a signature, or the scaler was made for another
    /// depth or number of terms.
    #[track_caller]
    pub fn forward<const D: usize>(&self, signature: Tensor<D>, spec: SignatureSpec) -> Tensor<D> {
        let signature = match self.level_factors(&signature, spec.depth()) {
            Some(factors) => signature_scale_levels(signature, factors, spec),
            None => signature,
        };
        self.finished(signature)
    }

    /// Scales log-signatures or a stream of them.
    ///
    /// # Arguments
    ///
    /// - `logsignature`: the log-signatures.
    /// - `spec`: their channels and depth.
    /// - `basis`: their basis.
    ///
    /// # Shapes
    ///
    /// - logsignature: `[..., n]`, see [`LogSignatureBasis::terms`]
    /// - output: `[..., n]`
    ///
    /// # Panics
    ///
    /// Panics if the last axis is not that of such a log-signature, or the scaler was made for
    /// another depth or number of terms.
    #[track_caller]
    pub fn forward_log<const D: usize>(
        &self,
        logsignature: Tensor<D>,
        spec: SignatureSpec,
        basis: LogSignatureBasis,
    ) -> Tensor<D> {
        let logsignature = match self.level_factors(&logsignature, spec.depth()) {
            Some(factors) => logsignature_scale_levels(logsignature, factors, spec, basis),
            None => logsignature,
        };
        self.finished(logsignature)
    }

    /// What each level is multiplied by: `k!`, and what was learned.
    #[track_caller]
    fn level_factors<const D: usize>(&self, terms: &Tensor<D>, depth: usize) -> Option<Tensor<1>> {
        if matches!(
            self.scaling,
            SignatureScaling::None | SignatureScaling::LayerNorm
        ) {
            return None;
        }
        let factorial = |product: &mut f64, level: usize| {
            *product *= level as f64;
            Some(*product)
        };
        let factorials: Vec<f64> = (1..=depth).scan(1.0, factorial).collect();
        let factorials = TensorData::new(factorials, [depth]).convert_dtype(terms.dtype());
        let factorials = Tensor::from_data(factorials, (&terms.device(), terms.dtype()));
        let Some(learned) = &self.factors else {
            return Some(factorials);
        };
        let learned = learned.val();
        let [levels] = learned.dims();
        assert!(
            levels == depth,
            "SignatureScaler: made for depth {levels}, got a signature of depth {depth}"
        );
        assert_dtype(
            "SignatureScaler",
            "signature",
            terms.dtype(),
            learned.dtype(),
        );
        Some(factorials * learned)
    }

    /// What is done to the terms together.
    #[track_caller]
    fn finished<const D: usize>(&self, terms: Tensor<D>) -> Tensor<D> {
        match (self.scaling, &self.gamma) {
            (SignatureScaling::SignedLog, _) => signed_log(terms),
            (_, Some(gamma)) => self.normed(terms, gamma.val()),
            _ => terms,
        }
    }

    /// The layer norm, in f32 where the squares of f16 would overflow.
    #[track_caller]
    fn normed<const D: usize>(&self, terms: Tensor<D>, gamma: Tensor<1>) -> Tensor<D> {
        let (shape, [expected]) = (terms.dims(), gamma.dims());
        assert!(
            shape[D - 1] == expected,
            "SignatureScaler: made for {expected} terms, got {} (the last axis of {shape:?}); has the path \
             as many channels as the layer was made for?",
            shape[D - 1]
        );
        assert_dtype("SignatureScaler", "signature", terms.dtype(), gamma.dtype());
        let dtype: FloatDType = terms.dtype().into();
        let within = match terms.dtype() {
            DType::F16 => FloatDType::F32,
            _ => dtype,
        };
        let beta = self.beta.as_ref().map(|beta| beta.val().cast(within));
        layer_norm(tamed(terms.cast(within)), gamma.cast(within), beta, 1e-5).cast(dtype)
    }
}

/// `sign(x) ln(1 + |x|)`, with the slope 1 at 0: what is of size 10²⁰ becomes 46, what is small stays.
///
/// # Shapes
///
/// - input: any
/// - output: that of the input
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let terms = Tensor::<1>::from_floats([-1e20, 0., 1e-3], &Device::flex());
/// let terms = burn_sig::nn::scaling::signed_log(terms).into_data().try_to_vec::<f32>().unwrap();
/// assert!((terms[0] + 46.05).abs() < 0.01 && terms[1] == 0. && (terms[2] - 1e-3).abs() < 1e-6);
/// ```
pub fn signed_log<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let negative = input.clone().lower_elem(0);
    let size = input.clone().mask_where(negative.clone(), -input);
    let log = size.log1p();
    log.clone().mask_where(negative, -log)
}

/// Rows of numbers whose squares may be infinite, to be normed: those beyond ±2²⁰ are multiplied by
/// a number, which the norm does not see, others stay as they are.
pub(crate) fn tamed<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let largest = input.clone().detach().abs().max_dim(D - 1);
    let excess = largest.mul_scalar((0.5f64).powi(20)).clamp_min(1);
    input / excess
}

one_line_display!(SignatureScaler, |scaler, content| {
    content.add_debug_attribute("scaling", &scaler.scaling)
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer_tests::{self, SCALINGS};
    use burn::tensor::Distribution;
    use sig_core::signatures::signature;

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    /// By the formulas, on two levels of one channel.
    #[test]
    fn values_of_each() {
        let device = Device::default();
        let terms = || Tensor::<2>::from_floats([[-3., 0.5]], &device);
        let scaled = |scaling, factors: [f32; 2]| {
            let config = SignatureScalerConfig::new(scaling, 2).with_terms(Some(2));
            let mut scaler = config.init(&device);
            let given = Tensor::from_floats(factors, &device);
            scaler.factors = scaler.factors.map(|param| param.map(|_| given));
            values(scaler.forward(terms(), SignatureSpec::new(1, 2)))
        };
        assert_eq!(scaled(SignatureScaling::None, [1., 1.]), [-3., 0.5]);
        assert_eq!(scaled(SignatureScaling::Factorial, [1., 1.]), [-3., 1.]);
        assert_eq!(scaled(SignatureScaling::Learned, [0.5, 7.]), [-1.5, 7.]);
        let close = |got: Vec<f32>, want: [f32; 2]| {
            let off = |(got, want): (&f32, f32)| (got - want).abs() < 1e-5;
            assert!(got.iter().zip(want).all(off), "{got:?}");
        };
        let logs = [-4f32.ln(), 2f32.ln()];
        close(scaled(SignatureScaling::SignedLog, [1., 1.]), logs);
        close(scaled(SignatureScaling::LayerNorm, [1., 1.]), [-1., 1.]);
    }

    /// Levels of log-signatures are those of the basis.
    #[test]
    fn coordinates_by_level() {
        let device = Device::default();
        let scaler = SignatureScalerConfig::new(SignatureScaling::Factorial, 3).init(&device);
        let (spec, basis) = (SignatureSpec::new(2, 3), LogSignatureBasis::Brackets);
        let ones = Tensor::<3>::ones([1, 1, 5], &device);
        let scaled = scaler.forward_log(ones, spec, basis);
        assert_eq!(values(scaled), [1., 1., 2., 6., 6.]);
    }

    #[test]
    fn signed_log_has_the_slope_1_at_0() {
        let device = Device::default().autodiff();
        let input = Tensor::<1>::from_floats([-1., 0., 3.], &device).require_grad();
        let gradients = signed_log(input.clone()).sum().backward();
        assert_eq!(values(input.grad(&gradients).unwrap()), [0.5, 1., 0.25]);
    }

    /// A norm of numbers whose squares are infinite is that of smaller ones.
    #[test]
    fn norms_of_large_numbers() {
        let device = Device::default();
        let config = SignatureScalerConfig::new(SignatureScaling::LayerNorm, 3);
        let scaler = config.with_terms(Some(3)).init(&device);
        let terms = Tensor::<2>::from_floats([[1., -2., 4.], [1e25, -2e25, 4e25]], &device);
        let normed = values(scaler.forward(terms, SignatureSpec::new(1, 3)));
        assert!(normed.iter().all(|x| x.is_finite()));
        for (small, large) in normed[..3].iter().zip(&normed[3..]) {
            assert!((small - large).abs() < 1e-5, "{normed:?}");
        }
    }

    #[test]
    fn record_round_trip() {
        let device = Device::default();
        let path = Tensor::<3>::random([2, 5, 2], Distribution::Default, &device);
        let terms = signature(path, 3);
        for scaling in SCALINGS {
            let config = SignatureScalerConfig::new(scaling, 3).with_terms(Some(14));
            layer_tests::record_round_trip(
                || config.init(&device),
                |scaler: &SignatureScaler| scaler.forward(terms.clone(), SignatureSpec::new(2, 3)),
            );
        }
    }

    #[test]
    fn display() {
        let config = SignatureScalerConfig::new(SignatureScaling::Learned, 3);
        let scaler = config.init(&Device::default());
        assert_eq!(
            format!("{scaler}"),
            "SignatureScaler {scaling: Learned, params: 3}"
        );
    }
}
