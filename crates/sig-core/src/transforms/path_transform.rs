//! A transform as a value, for configurations and command lines.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{
    LeadLagOrder, LeadingMissing, basepoint, cumulative_sum, forward_fill, invisibility_reset,
    lead_lag, time_augment,
};
use crate::signatures::Basepoint;

/// One of the transforms of this module with its settings, which a layer or a program keeps in its
/// configuration and applies to its paths.
///
/// ```
/// use sig_core::transforms::PathTransform;
///
/// let transforms = [PathTransform::CumulativeSum, PathTransform::TimeAugment { end_time: 1.0 }];
/// let names = vec!["speed".to_string()];
/// let names = transforms.iter().fold(names, |names, transform| transform.channel_names(names));
/// assert_eq!(names, ["speed", "time from 0 to 1"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum PathTransform {
    /// Time as one more channel, the last: [`time_augment`].
    TimeAugment {
        /// The time of the last point.
        end_time: f64,
    },
    /// The path and its delayed copy as channels: [`lead_lag`].
    LeadLag {
        /// Whether lead or lag comes first among the channels.
        order: LeadLagOrder,
    },
    /// The origin in front of the path: [`basepoint`].
    Basepoint,
    /// One more channel and two more points, so that the signature depends on the position of the
    /// path: [`invisibility_reset`].
    InvisibilityReset,
    /// The running sums of the points: [`cumulative_sum`].
    CumulativeSum,
    /// All channels multiplied by one number.
    Scale {
        /// The number.
        factor: f64,
    },
    /// Missing values replaced by the last value before them: [`forward_fill`].
    ForwardFill {
        /// The value before the first one of a channel.
        leading: f64,
    },
}

impl PathTransform {
    /// The number of channels of the transformed path.
    ///
    /// # Arguments
    ///
    /// - `channels`: the number of channels of the path.
    pub fn channels(&self, channels: usize) -> usize {
        match self {
            Self::TimeAugment { .. } | Self::InvisibilityReset => channels + 1,
            Self::LeadLag { .. } => 2 * channels,
            _ => channels,
        }
    }

    /// The names of the channels of the transformed path.
    ///
    /// # Arguments
    ///
    /// - `names`: the names of the channels of the path.
    pub fn channel_names(&self, mut names: Vec<String>) -> Vec<String> {
        match *self {
            Self::TimeAugment { end_time } => names.push(format!("time from 0 to {end_time}")),
            Self::InvisibilityReset => names.push("visible".into()),
            Self::LeadLag { order } => {
                let halves = match order {
                    LeadLagOrder::LeadLag => ["lead", "lag"],
                    LeadLagOrder::LagLead => ["lag", "lead"],
                };
                let half = |half| names.iter().map(move |name| format!("{half} {name}"));
                names = halves.into_iter().flat_map(half).collect();
            }
            _ => {}
        }
        names
    }

    /// The transformed path.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, new length, new channels]`
    ///
    /// # Panics
    ///
    /// Panics if the path has no points.
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        match *self {
            Self::TimeAugment { end_time } => time_augment(path, end_time),
            Self::LeadLag { order } => lead_lag(path, order),
            Self::Basepoint => basepoint(path, &Basepoint::Zero),
            Self::InvisibilityReset => invisibility_reset(path),
            Self::CumulativeSum => cumulative_sum(path),
            Self::Scale { factor } => path * factor,
            Self::ForwardFill { leading } => forward_fill(path, LeadingMissing::Value(leading)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn channels_are_those_of_the_result() {
        for transform in [
            PathTransform::TimeAugment { end_time: 1.0 },
            PathTransform::LeadLag {
                order: LeadLagOrder::LagLead,
            },
            PathTransform::Basepoint,
            PathTransform::InvisibilityReset,
            PathTransform::CumulativeSum,
            PathTransform::Scale { factor: 0.5 },
            PathTransform::ForwardFill { leading: 0.0 },
        ] {
            let path = Tensor::<3>::ones([2, 4, 3], &Device::default());
            let channels = transform.forward(path).dims()[2];
            assert_eq!(channels, transform.channels(3), "{transform:?}");
            let names = ["x", "y", "z"].map(String::from).to_vec();
            assert_eq!(channels, transform.channel_names(names).len());
        }
    }

    #[test]
    fn names_of_lead_and_lag() {
        let names =
            |order| PathTransform::LeadLag { order }.channel_names(vec!["x".into(), "y".into()]);
        let lead_lag = names(LeadLagOrder::LeadLag);
        assert_eq!(lead_lag, ["lead x", "lead y", "lag x", "lag y"]);
        let lag_lead = names(LeadLagOrder::LagLead);
        assert_eq!(lag_lead, ["lag x", "lag y", "lead x", "lead y"]);
    }
}
