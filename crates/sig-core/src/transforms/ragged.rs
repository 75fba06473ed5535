//! Paths of different lengths in one batch.

use burn::tensor::Tensor;

use crate::series::places;

/// Replaces the padding behind the last point of each path by that point.
///
/// A path that rests keeps its signature. So each row has the signature, the log-signature and the
/// gradient it has alone, whatever the padding holds, NaN included. The gradient of the padding is 0.
///
/// # Arguments
///
/// - `path`: points, in order, with anything behind the last point of a row.
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
/// use sig_core::transforms::hold_last;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [3.], [f32::NAN]]], &device);
/// let path = hold_last(path, &[2]).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [1., 3., 3.]);
/// ```
#[track_caller]
pub fn hold_last(path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
    check_lengths("hold_last", &path, lengths);
    let [batch, length, channels] = path.dims();
    if batch == 0 {
        return path;
    }
    let row = |(row, &points): (usize, &usize)| {
        (0..length).map(move |t| row * length + t.min(points - 1))
    };
    let held = places(lengths.iter().enumerate().flat_map(row), &path.device());
    let points = path.reshape([batch * length, channels]).select(0, held);
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
    for (row, &points) in lengths.iter().enumerate() {
        assert!(
            (1..=length).contains(&points),
            "{operation}: lengths[{row}] must be in 1..={length} (axis 1 of the path), got {points}"
        );
    }
}
