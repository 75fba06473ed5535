//! Signatures of parts of a path.

use burn::tensor::Tensor;

use crate::check::{Problem, assert_fits};
use crate::logsignatures::LogSignatureBasis;
use crate::logsignatures::log_signatures;
use crate::operation::SignatureWindows;
use crate::ops::forward;
use crate::series::{nothing, places, rounded, widened};
use crate::signatures::{Basepoint, SignatureOptions};
use crate::signatures::{inverted, scalar_term, signature_stream_with};
use crate::windows::Windows;

/// The signatures of windows of a batch of paths.
///
/// Each window is computed from its own points, so that its error does not grow with what came
/// before it; no signature of a longer path is divided by that of its start.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `depth`: the last level kept, at least 1.
/// - `windows`: which points, half-open, the same for every row; see [`Windows`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, windows, terms]`
///
/// # Panics
///
/// As [`signature`](crate::signatures::signature), and if a window has fewer than 2 points or is
/// not within the path.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::windows::{Windows, signature_windows};
///
/// let path = Tensor::<3>::from_floats([[[0.], [1.], [3.], [6.]]], &Device::flex());
/// let steps = signature_windows(path, 1, &Windows::Sliding { window: 2, hop: 1 });
/// assert_eq!(steps.into_data().try_to_vec::<f32>().unwrap(), [1., 2., 3.]);
/// ```
#[track_caller]
pub fn signature_windows(path: Tensor<3>, depth: usize, windows: &Windows) -> Tensor<3> {
    signature_windows_with(path, depth, windows, &SignatureOptions::new())
}

/// [`signature_windows`] with options: inverse, scalar term and method.
///
/// # Arguments
///
/// - `path`, `depth`, `windows`: as for [`signature_windows`].
/// - `options`: of the signature of each window. Basepoints and initial signatures belong to a
///   whole path and are refused.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, windows, terms]`, with one term more if `scalar_term`
///
/// # Panics
///
/// As [`signature_windows`], and if a basepoint or an initial signature is given.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::SignatureOptions;
/// use burn_sig::windows::{Windows, signature_windows_with};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 100, 2], &device);
/// let options = SignatureOptions::new().with_scalar_term(true);
/// let rows = signature_windows_with(path, 3, &Windows::Dyadic { levels: 2 }, &options);
/// assert_eq!(rows.dims(), [4, 7, 15]); // the path, 2 halves, 4 quarters
/// ```
#[track_caller]
pub fn signature_windows_with(
    path: Tensor<3>,
    depth: usize,
    windows: &Windows,
    options: &SignatureOptions,
) -> Tensor<3> {
    const OPERATION: &str = "signature_windows";
    assert!(
        matches!(options.basepoint, Basepoint::None) && options.initial.is_none(),
        "{OPERATION}: basepoint and initial belong to a whole path, a window has none"
    );
    let problem = Problem::new(OPERATION, &path, depth, options, false);
    let [batch, length, _] = path.dims();
    let ranges = windows.ranges(length);
    let shape = [batch, ranges.len(), problem.terms(options)];
    if batch == 0 || ranges.is_empty() {
        return nothing(path, shape);
    }
    assert_fits(OPERATION, shape, problem.target());
    if matches!(windows, Windows::Expanding { .. }) {
        let ends = ranges.iter().map(|range| range.end - 2);
        let ends = places(ends, &path.device());
        return signature_stream_with(path, depth, options).select(1, ends);
    }
    let windows = SignatureWindows {
        depth,
        method: problem.operation(options).method,
        windows: ranges,
    };
    let signatures = of_ranges(path.dequantize(), windows);
    scalar_term(inverted(signatures, &problem, options), options)
}

/// The signatures of ranges of points, `[batch, ranges, terms]`; of one point, zeros.
pub(crate) fn of_ranges(path: Tensor<3>, windows: SignatureWindows) -> Tensor<3> {
    Tensor::from_dispatch(forward(windows, [path.into_dispatch()]))
}

/// The log-signatures of windows of a batch of paths, as a log-ODE method needs them
/// ([Morrill et al. 2021](https://arxiv.org/abs/2009.08295)).
///
/// # Arguments
///
/// - `path`, `depth`, `windows`: as for [`signature_windows`].
/// - `basis`: what the result holds coordinates in.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, windows, n]` with `n =`
///   [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
///
/// # Returns
///
/// What [`logsignature`](crate::logsignatures::logsignature) gives for the points of each window;
/// f16 and bf16 are computed in f32.
///
/// # Panics
///
/// As [`signature_windows`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::logsignatures::LogSignatureBasis;
/// use burn_sig::windows::{Windows, logsignature_windows};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 100, 2], &device);
/// let windows = Windows::Sliding { window: 32, hop: 4 };
/// let rows = logsignature_windows(path, 3, &windows, LogSignatureBasis::Words);
/// assert_eq!(rows.dims(), [4, 18, 5]);
/// ```
#[track_caller]
pub fn logsignature_windows(
    path: Tensor<3>,
    depth: usize,
    windows: &Windows,
    basis: LogSignatureBasis,
) -> Tensor<3> {
    const OPERATION: &str = "logsignature_windows";
    let spec = Problem::new(OPERATION, &path, depth, &SignatureOptions::new(), false).spec;
    let dtype = path.dtype();
    let signatures = signature_windows(widened(path), depth, windows);
    rounded(log_signatures(signatures, spec, basis), dtype)
}
