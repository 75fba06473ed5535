//! Paths of different lengths in one batch.

use burn::tensor::Tensor;

use crate::series::{nothing, places};

/// Replaces the padding behind the last point of each path by that point.
///
/// A path that rests keeps its signature. So each row has the signature, the log-signature and the
/// gradient it has alone, whatever the padding holds, NaN included. The gradient of the padding is 0.
///
/// Hold first, then call a function of whole paths:
/// [`signature_ragged`](crate::signatures::signature_ragged) and
/// [`logsignature_ragged`](crate::logsignatures::logsignature_ragged) do both. A transform must know
/// the lengths as well, since a row would otherwise take time through its padding: apply it with
/// [`PathTransform::forward_ragged`](super::PathTransform::forward_ragged), or with
/// [`time_augment_ragged`](super::time_augment_ragged). Layers have `forward_ragged`.
///
/// # Arguments
///
/// - `path`: padded paths; values after the last point of a row are ignored.
/// - `lengths`: how many points each row has, from 1 to `length`.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// If there are not as many lengths as rows, or one is 0 or exceeds the length of the paths.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::hold_last;
///
/// let path = [[[1.], [2.], [4.]], [[3.], [5.], [f32::NAN]]];
/// let path = Tensor::<3>::from_floats(path, &Device::flex());
/// let held = hold_last(path, &[3, 2]).into_data();
/// assert_eq!(held.try_to_vec::<f32>().unwrap(), [1., 2., 4., 3., 5., 5.]);
/// ```
#[doc(alias = "padding")]
#[doc(alias = "mask")]
#[track_caller]
pub fn hold_last(path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
    check_lengths("ragged paths", &path, lengths);
    let length = path.dims()[1];
    select_points(path, length, |row, t| t.min(lengths[row] - 1))
}

/// Paths of `length` points, the point `t` of a row being the point `at(row, t)` it had.
pub(crate) fn select_points(
    path: Tensor<3>,
    length: usize,
    at: impl Fn(usize, usize) -> usize,
) -> Tensor<3> {
    let [batch, before, channels] = path.dims();
    if batch == 0 {
        return nothing(path, [0, length, channels]);
    }
    let row = |row: usize| (0..length).map(move |t| (row, t));
    let chosen = (0..batch).flat_map(row);
    let chosen = places(
        chosen.map(|(row, t)| row * before + at(row, t)),
        &path.device(),
    );
    let points = path.reshape([batch * before, channels]).select(0, chosen);
    points.reshape([batch, length, channels])
}

/// Panics unless there is a length for each row, that it can have.
#[track_caller]
pub(crate) fn check_lengths(operation: &str, path: &Tensor<3>, lengths: &[usize]) {
    let [batch, length, _] = path.dims();
    assert!(
        lengths.len() == batch,
        "{operation}: lengths must have one entry for each row, batch = {batch} (axis 0), got {}",
        lengths.len()
    );
    assert!(
        length > 0 || batch == 0,
        "{operation}: the paths have no points (axis 1 of the path {:?})",
        path.dims()
    );
    for (row, &points) in lengths.iter().enumerate() {
        assert!(
            (1..=length).contains(&points),
            "{operation}: lengths[{row}] must be in 1..={length} (axis 1 of the path), got {points}"
        );
    }
}
