//! The lead-lag transform.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::assert_points;
use crate::series::places;

/// Which half of the channels of a lead-lag path comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeadLagOrder {
    /// The path that goes ahead, then the one that follows, as in the literature.
    #[default]
    LeadLag,
    /// The path that follows, then the one that goes ahead, as in pySigLib.
    LagLead,
}

/// Puts a path and a copy of it that is one step behind side by side as channels.
///
/// The lead is `x_0, x_1, x_1, x_2, x_2, …`, the lag `x_0, x_0, x_1, x_1, x_2, …`. The area between them is the quadratic variation
/// ([Flint, Hambly & Lyons 2016](https://doi.org/10.1016/j.spa.2016.02.011)).
///
/// Paths of different lengths in one batch are held at their last points first:
/// [`hold_last`](super::hold_last). A row of `n` points then has `2 n − 1`, and rests.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `order`: whether lead or lag comes first among the channels.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, 2 · length − 1, 2 · channels]`
///
/// # Panics
///
/// If the path has no points.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::{LeadLagOrder, lead_lag};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [3.]]], &device);
/// let path = lead_lag(path, LeadLagOrder::LeadLag).into_data();
/// assert_eq!(path.try_to_vec::<f32>().unwrap(), [1., 1., 3., 1., 3., 3.]);
/// ```
#[track_caller]
pub fn lead_lag(path: Tensor<3>, order: LeadLagOrder) -> Tensor<3> {
    assert_points("lead_lag", &path);
    let lead_and_lag = |t: usize| match order {
        LeadLagOrder::LeadLag => [t.div_ceil(2), t / 2],
        LeadLagOrder::LagLead => [t / 2, t.div_ceil(2)],
    };
    let [batch, length, channels] = path.dims();
    let numbers = (0..2 * length - 1)
        .flat_map(lead_and_lag)
        .flat_map(|t| t * channels..(t + 1) * channels);
    // One long row a path: many short ones, a half of a point each, take several times as long.
    let numbers = places(numbers, &path.device());
    let path = path.reshape([batch, length * channels]).select(1, numbers);
    path.reshape([batch, 2 * length - 1, 2 * channels])
}
