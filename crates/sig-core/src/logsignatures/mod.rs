//! Log-signatures of paths, and the way between signatures and log-signatures.

mod convert;
mod options;
mod ragged;

pub use convert::{
    logsignature_append, logsignature_change_basis, logsignature_combine,
    logsignature_scale_levels, logsignature_to_signature, signature_to_logsignature,
};
pub use options::LogSignatureOptions;
pub use ragged::logsignature_ragged;
pub use sig_kernels::{LogSignatureBasis, logsignature_channels};

use burn::tensor::Tensor;

use crate::PowerSeries;
use crate::algebra::power_series;
use crate::check::Problem;
use crate::series::{of_rows, rounded, to_coordinates, widened};
use crate::signatures::SignatureSpec;
use crate::signatures::{signature_stream_with, signature_with};

/// The log-signature of a batch of paths, at the Lyndon words: `log S(path)` in the tensor algebra,
/// which is an element of the free Lie algebra ([Chen 1957](https://doi.org/10.2307/1969671)) and
/// so needs far fewer numbers than the signature.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `depth`: the last level kept, at least 1.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, n]` with `n =`
///   [`logsignature_channels`]
///
/// # Returns
///
/// The coordinates in the basis [`Words`](LogSignatureBasis::Words). The dtype is that of the path;
/// f16 and bf16 are computed in f32.
///
/// # Panics
///
/// As [`signature`](crate::signatures::signature), and if the signature, from which it is computed,
/// cannot be allocated.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// // The way in each channel, and the area between path and chord.
/// let terms = burn_sig::logsignatures::logsignature(path, 2).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5]);
/// ```
#[track_caller]
pub fn logsignature(path: Tensor<3>, depth: usize) -> Tensor<2> {
    logsignature_with(path, depth, &LogSignatureOptions::new())
}

/// The log-signatures of all prefixes of a batch of paths, at the Lyndon words.
///
/// # Arguments
///
/// As for [`logsignature`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length − 1, n]`
///
/// # Returns
///
/// At index `t` of the second axis the log-signature of the points `0..=t + 1`.
///
/// # Panics
///
/// As [`logsignature`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::logsignature_stream;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// assert_eq!(logsignature_stream(path, 3).dims(), [4, 9, 5]);
/// ```
#[track_caller]
pub fn logsignature_stream(path: Tensor<3>, depth: usize) -> Tensor<3> {
    logsignature_stream_with(path, depth, &LogSignatureOptions::new())
}

/// [`logsignature`] with options: the basis, and those of the signature.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `depth`: the last level kept, at least 1.
/// - `options`: see [`LogSignatureOptions`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
///
/// # Returns
///
/// The logarithm of what [`signature_with`] gives.
///
/// # Panics
///
/// As [`signature_with`], and if a scalar term is asked for,
/// which a logarithm does not have.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, LogSignatureOptions, logsignature_with};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// let options = LogSignatureOptions::new().with_basis(LogSignatureBasis::Hall);
/// assert_eq!(logsignature_with(path, 3, &options).dims(), [4, 5]);
/// ```
#[track_caller]
pub fn logsignature_with(
    path: Tensor<3>,
    depth: usize,
    options: &LogSignatureOptions,
) -> Tensor<2> {
    let spec = check("logsignature", &path, depth, options, false);
    let dtype = path.dtype();
    // The logarithm is to be taken before rounding.
    let (path, signature) = (widened(path), options.signature.map_tensors(widened));
    let logarithm = log_signature(signature_with(path, depth, &signature), spec, options.basis);
    rounded(logarithm, dtype)
}

/// [`logsignature_stream`] with options: the basis, and those of the signature.
///
/// # Arguments
///
/// As for [`logsignature_with`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length − 1, n]`, or `[batch, length, n]` with a basepoint
///
/// # Returns
///
/// What [`logsignature_with`] gives for each prefix of the path.
///
/// # Panics
///
/// As [`logsignature_with`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::{LogSignatureBasis, LogSignatureOptions, logsignature_stream_with};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// let options = LogSignatureOptions::new().with_basis(LogSignatureBasis::Brackets);
/// assert_eq!(logsignature_stream_with(path, 3, &options).dims(), [4, 9, 5]);
/// ```
#[track_caller]
pub fn logsignature_stream_with(
    path: Tensor<3>,
    depth: usize,
    options: &LogSignatureOptions,
) -> Tensor<3> {
    let spec = check("logsignature_stream", &path, depth, options, true);
    let dtype = path.dtype();
    // The logarithm is to be taken before rounding.
    let (path, signature) = (widened(path), options.signature.map_tensors(widened));
    let stream = signature_stream_with(path, depth, &signature);
    rounded(log_signatures(stream, spec, options.basis), dtype)
}

/// The logarithms of signatures, which lie along the last axis, in a basis.
pub(crate) fn log_signatures<const D: usize>(
    signatures: Tensor<D>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<D> {
    let terms = basis.terms(spec.channels(), spec.depth());
    of_rows(signatures, terms, |rows| log_signature(rows, spec, basis))
}

/// The logarithm of signatures `[rows, terms]` in a basis.
fn log_signature(signature: Tensor<2>, spec: SignatureSpec, basis: LogSignatureBasis) -> Tensor<2> {
    match basis {
        LogSignatureBasis::Expand => power_series(signature, PowerSeries::Log, spec),
        _ => {
            let at_lyndon = power_series(signature, PowerSeries::LogAtLyndon, spec);
            to_coordinates(at_lyndon, spec, basis)
        }
    }
}

#[track_caller]
fn check(
    operation: &str,
    path: &Tensor<3>,
    depth: usize,
    options: &LogSignatureOptions,
    stream: bool,
) -> SignatureSpec {
    assert!(
        !options.signature.scalar_term,
        "{operation}: a log-signature has no scalar term, but scalar_term is set"
    );
    Problem::new(operation, path, depth, &options.signature, stream).spec
}
