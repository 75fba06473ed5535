//! Signatures of parts of a path.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::Tensor;

use super::check::Problem;
use super::logsignature::log_signature;
use super::signature::{signature_stream_with, signature_with};
use crate::series::{in_single, places};
use crate::{Basepoint, LogSignatureBasis, SignatureOptions, Windows};

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
/// As [`signature`](crate::signature), and if a window has fewer than 2 points or is not within the
/// path.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use sig_core::{Windows, signature_windows};
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
/// - `options`: of the signature of each window. Basepoints and initial signatures belong to a whole
///   path and are refused.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, windows, terms]`, with one term more if `scalar_term`
///
/// # Panics
///
/// As [`signature_windows`], and if a basepoint or an initial signature is given.
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
    let spec = Problem::new(OPERATION, &path, depth, options, false).spec;
    let [batch, length, _] = path.dims();
    let ranges = windows.ranges(length);
    if batch == 0 || ranges.is_empty() {
        let shape = [
            batch,
            ranges.len(),
            spec.terms() + usize::from(options.scalar_term),
        ];
        return Tensor::zeros(shape, (&path.device(), path.dtype()));
    }
    if matches!(windows, Windows::Expanding { .. }) {
        let ends = ranges.iter().map(|range| range.end - 2);
        let ends = places(ends, &path.device());
        return signature_stream_with(path, depth, options).select(1, ends);
    }
    in_groups(path, depth, &ranges, options)
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
/// - output: `[batch, windows, n]` with `n =` [`basis.terms(channels, depth)`](LogSignatureBasis::terms)
///
/// # Returns
///
/// What [`logsignature`](crate::logsignature) gives for the points of each window; f16 and bf16 are
/// computed in f32.
///
/// # Panics
///
/// As [`signature_windows`].
#[track_caller]
pub fn logsignature_windows(
    path: Tensor<3>,
    depth: usize,
    windows: &Windows,
    basis: LogSignatureBasis,
) -> Tensor<3> {
    const OPERATION: &str = "logsignature_windows";
    let spec = Problem::new(OPERATION, &path, depth, &SignatureOptions::new(), false).spec;
    in_single([path], |[path]| {
        let signatures = signature_windows(path, depth, windows);
        let [batch, count, terms] = signatures.dims();
        let coordinates = basis.terms(spec.channels(), depth);
        if batch * count == 0 {
            let target = (&signatures.device(), signatures.dtype());
            return Tensor::zeros([batch, count, coordinates], target);
        }
        let rows = signatures.reshape([batch * count, terms]);
        log_signature(rows, spec, basis).reshape([batch, count, coordinates])
    })
}

/// The signatures of ranges, those of a similar length at a time: they are padded to the longest of
/// their group, at most twice as long, by resting at their last point.
fn in_groups(
    path: Tensor<3>,
    depth: usize,
    ranges: &[Range<usize>],
    options: &SignatureOptions,
) -> Tensor<3> {
    let device = path.device();
    let [batch, _, channels] = path.dims();
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (window, range) in ranges.iter().enumerate() {
        groups
            .entry((range.len() - 1).ilog2())
            .or_default()
            .push(window);
    }
    let mut results = Vec::with_capacity(groups.len());
    for windows in groups.values() {
        let longest = windows.iter().map(|&window| ranges[window].len()).max();
        let longest = longest.expect("a group has a window");
        let points = windows.iter().flat_map(|&window| {
            let range = &ranges[window];
            (range.start..range.start + longest).map(|t| t.min(range.end - 1))
        });
        let parts = path.clone().select(1, places(points, &device));
        let parts = parts.reshape([batch * windows.len(), longest, channels]);
        let signatures = signature_with(parts, depth, options);
        let terms = signatures.dims()[1];
        results.push(signatures.reshape([batch, windows.len(), terms]));
    }
    if results.len() == 1 {
        return results.remove(0);
    }
    let mut order: Vec<(usize, usize)> = groups.into_values().flatten().zip(0..).collect();
    order.sort_unstable();
    let order = order.into_iter().map(|(_, found)| found);
    Tensor::cat(results, 1).select(1, places(order, &device))
}
