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

/// Paths beside themselves, one of the two a step behind: the lead is `x_0, x_1, x_1, x_2, x_2, …`,
/// the lag `x_0, x_0, x_1, x_1, x_2, …`. The area between them is the quadratic variation
/// ([Flint, Hambly & Lyons 2016](https://doi.org/10.1016/j.spa.2016.02.011)).
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
#[track_caller]
pub fn lead_lag(path: Tensor<3>, order: LeadLagOrder) -> Tensor<3> {
    assert_points("lead_lag", &path);
    let device = path.device();
    let times = 0..2 * path.dims()[1] - 1;
    let lag = places(times.clone().map(|t| t / 2), &device);
    let lead = places(times.map(|t| t.div_ceil(2)), &device);
    let (lead, lag) = (path.clone().select(1, lead), path.select(1, lag));
    match order {
        LeadLagOrder::LeadLag => Tensor::cat(vec![lead, lag], 2),
        LeadLagOrder::LagLead => Tensor::cat(vec![lag, lead], 2),
    }
}
