//! Transforms of paths before a signature is taken: functions from paths
//! `[batch, length, channels]` to paths. They are differentiable and keep the dtype, so that they
//! compose.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sig::signatures::signature;
//! use burn_sig::transforms::{LeadLagOrder, lead_lag, time_augment};
//!
//! let device = Device::flex();
//! let path = Tensor::<3>::from_floats([[[1.], [3.], [2.]]], &device);
//! let path = time_augment(lead_lag(path, LeadLagOrder::LeadLag), 1.0);
//! assert_eq!(path.dims(), [1, 5, 3]);
//! assert_eq!(signature(path, 2).dims(), [1, 12]);
//! ```
//!
//! # Paths of different lengths
//!
//! In a padded batch a row is to be what it is alone. [`hold_last`] is enough for a signature of
//! the path as it is; a transform is applied with [`PathTransform::forward_ragged`], which knows
//! where each row ends.

mod fade;
mod interpolate;
mod lead_lag;
mod missing;
mod path_transform;
mod points;
mod project;
mod ragged;
mod time;
mod tree_like;

pub use fade::{fade, fade_channels};
pub use interpolate::{interpolate_missing, observation_counts, rectilinear};
pub use lead_lag::{LeadLagOrder, lead_lag};
pub use missing::{LeadingMissing, forward_fill};
pub use path_transform::PathTransform;
pub use points::{basepoint, cumulative_sum, invisibility_reset, scale};
pub use project::{project, random_projection};
pub use ragged::hold_last;
pub(crate) use ragged::{check_lengths, select_points};
pub use time::{time_augment, time_augment_at, time_augment_ragged};
pub use tree_like::{TreeLikeReduction, tree_like_reduction};

use burn::tensor::Tensor;

use crate::devices::assert_enabled;
use crate::operation::AppendChannel;
use crate::ops::forward;
use crate::series::nothing;

/// Paths with one more channel, the last: `[batch, length]`, or the same for all, `[1, length]`.
fn append_channel(path: Tensor<3>, channel: Tensor<2>) -> Tensor<3> {
    let [batch, length, channels] = path.dims();
    if batch == 0 {
        return nothing(path, [0, length, channels + 1]);
    }
    let operation = AppendChannel {
        shared: channel.dims()[0] != batch,
    };
    let inputs = [path.into_dispatch(), channel.into_dispatch()];
    Tensor::from_dispatch(forward(operation, inputs))
}

/// Panics if a path has no points, or is on a device that was left out.
#[track_caller]
fn assert_points(operation: &str, path: &Tensor<3>) {
    assert_enabled(operation, &path.device());
    let dims = path.dims();
    assert!(
        dims[1] > 0,
        "{operation}: a path needs at least 1 point, got length = 0 (axis 1 of the path {dims:?})"
    );
}

/// Panics if a tensor given beside the path has another shape or dtype than it must have.
#[track_caller]
fn assert_beside<const D: usize>(
    operation: &str,
    (name, axes): (&str, &str),
    tensor: &Tensor<D>,
    expected: [usize; D],
    path: &Tensor<3>,
) {
    assert!(
        tensor.dims() == expected,
        "{operation}: {name} must have the shape {axes} = {expected:?}, got {:?}",
        tensor.dims()
    );
    assert!(
        tensor.dtype() == path.dtype(),
        "{operation}: {name} must have the dtype of the path, {:?}, got {:?}",
        path.dtype(),
        tensor.dtype()
    );
}
