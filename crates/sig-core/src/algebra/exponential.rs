//! Exponential and logarithm of the tensor algebra, and the signature of a scaled path.

use burn::tensor::Tensor;

use crate::PowerSeries;
use crate::algebra::power_series;
use crate::check::check_signature;
use crate::series::{constants, in_f32, scale_levels};
use crate::signatures::SignatureSpec;

/// The exponential in the tensor algebra, without its scalar term 1:
/// `exp(x) − 1 = Σ_{k≥1} x^{⊗k} / k!`.
///
/// The exponential of a Lie element, such as a log-signature in the basis
/// [`Expand`](crate::logsignatures::LogSignatureBasis::Expand), is a signature. For a straight
/// segment see [`segment_signature`](crate::algebra::segment_signature).
///
/// # Arguments
///
/// - `element`: all terms of an element without scalar term.
/// - `spec`: the channels and the depth of the element.
///
/// # Shapes
///
/// - element: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::tensor_exp;
/// use burn_sig::signatures::SignatureSpec;
///
/// let device = Device::flex();
/// // A straight step of 2: the signature is the exponential of its increment.
/// let step = Tensor::<2>::from_floats([[2., 0.]], &device);
/// let terms = tensor_exp(step, SignatureSpec::new(1, 2)).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [2., 2.]);
/// ```
#[track_caller]
pub fn tensor_exp(element: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "tensor_exp";
    check_signature(OPERATION, "element", &element, spec);
    power_series(element, PowerSeries::Exp, spec)
}

/// The logarithm in the tensor algebra of a series with scalar term 1, which is not stored:
/// `log(1 + x) = Σ_{k≥1} (−1)^{k+1} x^{⊗k} / k`.
///
/// The logarithm of a signature is the log-signature in the basis
/// [`Expand`](crate::logsignatures::LogSignatureBasis::Expand).
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::tensor_log;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [2.]]], &device);
/// let log = tensor_log(signature(path, 2), SignatureSpec::new(1, 2)).into_data();
/// assert_eq!(log.try_to_vec::<f32>().unwrap(), [2., 0.]);
/// ```
#[track_caller]
pub fn tensor_log(signature: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "tensor_log";
    check_signature(OPERATION, "signature", &signature, spec);
    power_series(signature, PowerSeries::Log, spec)
}

/// The signature of the scaled path, from the signature of the path: level `k` is multiplied by
/// `factor^k`. For a factor for each channel see [`signature_scale_channels`], for one for each level
/// [`signature_scale_levels`].
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `factor`: the scale of the path.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_scale;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [2.]]], &device);
/// let scaled = signature_scale(signature(path, 2), 3.0, SignatureSpec::new(1, 2)).into_data();
/// assert_eq!(scaled.try_to_vec::<f32>().unwrap(), [6., 18.]);
/// ```
#[track_caller]
pub fn signature_scale(signature: Tensor<2>, factor: f64, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "signature_scale";
    check_signature(OPERATION, "signature", &signature, spec);
    in_f32([signature], |[signature]| {
        let powers = (1..=spec.depth()).flat_map(|k| {
            let power = factor.powi(k as i32);
            core::iter::repeat_n(power, spec.level_terms(k))
        });
        let target = (&signature.device(), signature.dtype());
        signature * constants(powers.collect(), [1, spec.terms()], target)
    })
}

/// The signature of the path whose channels are scaled by a factor each, which may be learned, from
/// the signature of the path: the term of the word `i1…ik` is multiplied by
/// `factors[i1] · … · factors[ik]`.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `factors`: one for each channel, for each row of the signature or, in one row, for all.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - factors: `[batch, channels]` or `[1, channels]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature, or shape or dtype of the factors differ.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_scale_channels;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let factors = Tensor::<2>::from_floats([[2., 3.]], &device);
/// let spec = SignatureSpec::new(2, 2);
/// let scaled = signature_scale_channels(signature(path, 2), factors, spec).into_data();
/// assert_eq!(scaled.try_to_vec::<f32>().unwrap(), [2., 3., 2., 6., 0., 4.5]);
/// ```
#[track_caller]
pub fn signature_scale_channels(
    signature: Tensor<2>,
    factors: Tensor<2>,
    spec: SignatureSpec,
) -> Tensor<2> {
    const OPERATION: &str = "signature_scale_channels";
    check_signature(OPERATION, "signature", &signature, spec);
    let ([batch, _], [rows, given], channels) = (signature.dims(), factors.dims(), spec.channels());
    assert!(
        given == channels && (rows == 1 || rows == batch),
        "{OPERATION}: factors must be [{batch}, {channels}] or [1, {channels}] (batch, channels), got \
         [{rows}, {given}]"
    );
    assert!(
        factors.dtype() == signature.dtype(),
        "{OPERATION}: factors must have the dtype of the signature, {:?}, got {:?}",
        signature.dtype(),
        factors.dtype()
    );
    in_f32([signature, factors], |[signature, factors]| {
        let letters: Tensor<3> = factors.clone().unsqueeze_dim(1);
        let mut levels = vec![factors];
        for _ in 1..spec.depth() {
            let shorter = levels[levels.len() - 1].clone();
            let longer = shorter.unsqueeze_dim::<3>(2) * letters.clone();
            levels.push(longer.flatten(1, 2));
        }
        signature * Tensor::cat(levels, 1)
    })
}

/// A signature with each level multiplied by a factor of its own, which may be learned: level `k` by
/// `factors[k − 1]`. With the factors `k!` all levels are of one size, since level `k` of a path of
/// length `l` is at most `l^k / k!`.
///
/// # Arguments
///
/// - `signature`: a signature or a stream, without scalar term.
/// - `factors`: one for each level, in the dtype of the signature.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[.., terms]`
/// - factors: `[depth]`
/// - output: `[.., terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature, or number or dtype of the factors differ.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_scale_levels;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [1.], [3.]]], &device);
/// let factors = Tensor::<1>::from_floats([1., 2., 6.], &device);
/// let terms = signature_scale_levels(signature(path, 3), factors, SignatureSpec::new(1, 3));
/// assert_eq!(terms.into_data().try_to_vec::<f32>().unwrap(), [3., 9., 27.]);
/// ```
#[track_caller]
pub fn signature_scale_levels<const D: usize>(
    signature: Tensor<D>,
    factors: Tensor<1>,
    spec: SignatureSpec,
) -> Tensor<D> {
    const OPERATION: &str = "signature_scale_levels";
    check_signature(OPERATION, "signature", &signature, spec);
    let sizes: Vec<usize> = spec.level_ranges().map(|range| range.len()).collect();
    scale_levels(OPERATION, signature, factors, &sizes)
}
