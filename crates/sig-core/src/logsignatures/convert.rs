//! Between signatures and log-signatures.

use burn::tensor::Tensor;

use crate::PowerSeries;
use crate::algebra::{power_series, product, signature_append};
use crate::check::{check_logsignature, check_pair, check_signature};
use crate::logsignatures::LogSignatureBasis;
use crate::logsignatures::{log_signature, log_signatures};
use crate::series::{at_lyndon, from_coordinates, in_f32, of_rows, scale_levels, to_coordinates};
use crate::signatures::SignatureSpec;

/// The log-signature of paths from their signatures.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `spec`: the channels and the depth of the signature.
/// - `basis`: the basis of the result.
///
/// # Shapes
///
/// - signature: `[.., terms]`, such as signatures `[batch, terms]` or a stream of them
///   `[batch, length, terms]`
/// - output: `[.., n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
///
/// # Panics
///
/// If the last axis is not that of such a signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, signature_to_logsignature};
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let spec = SignatureSpec::new(2, 2);
/// let log = signature_to_logsignature(signature(path, 2), spec, LogSignatureBasis::Words);
/// assert_eq!(log.into_data().try_to_vec::<f32>().unwrap(), [1., 1., 0.5]);
/// ```
#[track_caller]
pub fn signature_to_logsignature<const D: usize>(
    signature: Tensor<D>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<D> {
    const OPERATION: &str = "signature_to_logsignature";
    check_signature(OPERATION, "signature", &signature, spec);
    log_signatures(signature, spec, basis)
}

/// The signature of paths from their log-signatures: the exponential in the tensor algebra.
///
/// # Arguments
///
/// - `logsignature`: coordinates in the basis.
/// - `spec`: the channels and the depth of the log-signature.
/// - `basis`: the basis of the log-signature.
///
/// # Shapes
///
/// - logsignature: `[.., n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
/// - output: `[.., terms]`, without scalar term
///
/// # Panics
///
/// If the last axis is not that of such a log-signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, logsignature, logsignature_to_signature};
/// use burn_sig::signatures::SignatureSpec;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let log = logsignature(path, 2);
/// let spec = SignatureSpec::new(2, 2);
/// let terms = logsignature_to_signature(log, spec, LogSignatureBasis::Words).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5, 1., 0., 0.5]);
/// ```
#[track_caller]
pub fn logsignature_to_signature<const D: usize>(
    logsignature: Tensor<D>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<D> {
    const OPERATION: &str = "logsignature_to_signature";
    check_logsignature(OPERATION, "logsignature", &logsignature, spec, basis);
    of_rows(logsignature, spec.terms(), |rows| {
        exponential(rows, spec, basis)
    })
}

/// The log-signature of one path followed by another, from the log-signatures of both:
/// `log(exp(a) ⊗ exp(b))`, the Baker–Campbell–Hausdorff series.
///
/// # Arguments
///
/// - `a`, `b`: coordinates in the basis.
/// - `spec`: the channels and the depth of both.
/// - `basis`: the basis of all three.
///
/// # Shapes
///
/// - a, b: `[batch, n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
/// - output: `[batch, n]`
///
/// # Panics
///
/// If a last axis is not that of such a log-signature, or batch or dtype differ.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, logsignature, logsignature_combine};
/// use burn_sig::signatures::SignatureSpec;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let [a, b] = [0, 1].map(|start| logsignature(path.clone().narrow(1, start, 2), 2));
/// let log = logsignature_combine(a, b, SignatureSpec::new(2, 2), LogSignatureBasis::Words);
/// assert_eq!(log.into_data().try_to_vec::<f32>().unwrap(), [1., 1., 0.5]);
/// ```
#[track_caller]
pub fn logsignature_combine(
    a: Tensor<2>,
    b: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    const OPERATION: &str = "logsignature_combine";
    check_logsignature(OPERATION, "a", &a, spec, basis);
    check_logsignature(OPERATION, "b", &b, spec, basis);
    check_pair(OPERATION, ("a", &a), ("b", &b));
    in_f32([a, b], |tensors| {
        let [a, b] = tensors.map(|tensor| exponential(tensor, spec, basis));
        log_signature(product(a, b, spec), spec, basis)
    })
}

/// The log-signature of paths with one more segment at their end: `log(exp(a) ⊗ exp(z))`, the
/// Baker–Campbell–Hausdorff series with a single increment.
///
/// # Arguments
///
/// - `logsignature`: coordinates in the basis.
/// - `increment`: from the last point of each path to the new one. Where one coordinate always
///   grows by the same step, such as time, it is a column of that number beside the others.
/// - `depth`: that of the log-signature.
/// - `basis`: the basis of both.
///
/// # Shapes
///
/// - logsignature: `[batch, n]` with `n =`
///   [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
/// - increment: `[batch, channels]`
/// - output: `[batch, n]`
///
/// # Panics
///
/// If the log-signature is not one of as many channels as the increment has and that depth, or batch
/// or dtype differ.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, logsignature, logsignature_append};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let before = logsignature(path.narrow(1, 0, 2), 2);
/// // The second channel is time, which grows by 1 a step.
/// let moved = Tensor::<2>::zeros([1, 1], &device);
/// let increment = Tensor::cat(vec![moved.clone(), moved.ones_like()], 1);
/// let log = logsignature_append(before, increment, 2, LogSignatureBasis::Words);
/// assert_eq!(log.into_data().try_to_vec::<f32>().unwrap(), [1., 1., 0.5]);
/// ```
#[track_caller]
pub fn logsignature_append(
    logsignature: Tensor<2>,
    increment: Tensor<2>,
    depth: usize,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    const OPERATION: &str = "logsignature_append";
    let spec = SignatureSpec::new_for(OPERATION, increment.dims()[1], depth);
    check_logsignature(OPERATION, "logsignature", &logsignature, spec, basis);
    let pair = (("logsignature", &logsignature), ("increment", &increment));
    check_pair(OPERATION, pair.0, pair.1);
    in_f32([logsignature, increment], |[logsignature, increment]| {
        let signature = exponential(logsignature, spec, basis);
        log_signature(signature_append(signature, increment, depth), spec, basis)
    })
}

/// The coordinates of log-signatures in another basis.
///
/// # Arguments
///
/// - `logsignature`: coordinates in the basis `from`.
/// - `spec`: the channels and the depth of the log-signature.
/// - `from`, `to`: the bases before and after, such as [`Words`](LogSignatureBasis::Words) and
///   [`Brackets`](LogSignatureBasis::Brackets).
///
/// # Shapes
///
/// - logsignature: `[batch, n]` with `n =` [`from.terms(channels, depth)`](LogSignatureBasis::terms)
/// - output: `[batch, m]` with `m =` [`to.terms(channels, depth)`](LogSignatureBasis::terms)
///
/// # Panics
///
/// If the last axis is not that of such a log-signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, logsignature, logsignature_change_basis};
/// use burn_sig::signatures::SignatureSpec;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let (words, all) = (LogSignatureBasis::Words, LogSignatureBasis::Expand);
/// let log = logsignature_change_basis(logsignature(path, 2), SignatureSpec::new(2, 2), words, all);
/// assert_eq!(log.into_data().try_to_vec::<f32>().unwrap(), [1., 1., 0., 0.5, -0.5, 0.]);
/// ```
#[track_caller]
pub fn logsignature_change_basis(
    logsignature: Tensor<2>,
    spec: SignatureSpec,
    from: LogSignatureBasis,
    to: LogSignatureBasis,
) -> Tensor<2> {
    const OPERATION: &str = "logsignature_change_basis";
    check_logsignature(OPERATION, "logsignature", &logsignature, spec, from);
    in_f32([logsignature], |[logsignature]| {
        if to == LogSignatureBasis::Expand {
            return from_coordinates(logsignature, spec, from);
        }
        let at_lyndon = at_lyndon(logsignature, spec, from);
        to_coordinates(at_lyndon, spec, to)
    })
}

/// A log-signature with each level multiplied by a factor of its own, which may be learned: level `k`
/// by `factors[k − 1]`.
///
/// # Arguments
///
/// - `logsignature`: a log-signature or a stream, coordinates in the basis.
/// - `factors`: one for each level, in the dtype of the log-signature.
/// - `spec`: the channels and the depth of the log-signature.
/// - `basis`: the basis of the log-signature.
///
/// # Shapes
///
/// - logsignature: `[.., n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
/// - factors: `[depth]`
/// - output: `[.., n]`
///
/// # Panics
///
/// If the last axis is not that of such a log-signature, or number or dtype of the factors differ.
#[track_caller]
pub fn logsignature_scale_levels<const D: usize>(
    logsignature: Tensor<D>,
    factors: Tensor<1>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<D> {
    const OPERATION: &str = "logsignature_scale_levels";
    check_logsignature(OPERATION, "logsignature", &logsignature, spec, basis);
    let level = |range: std::ops::Range<usize>| range.len();
    let sizes: Vec<usize> = basis.level_ranges(spec).map(level).collect();
    scale_levels(OPERATION, logsignature, factors, &sizes)
}

fn exponential(
    logsignature: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    let element = from_coordinates(logsignature, spec, basis);
    power_series(element, PowerSeries::Exp, spec)
}
