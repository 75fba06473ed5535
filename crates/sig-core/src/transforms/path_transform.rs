//! A transform as a value, for configurations and command lines.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::ragged::select_points;
use super::{
    LeadLagOrder, LeadingMissing, basepoint, check_lengths, cumulative_sum, forward_fill,
    hold_last, invisibility_reset, lead_lag, time_augment, time_augment_ragged,
};
use crate::signatures::Basepoint;

/// One of the transforms of this module with its settings, which a layer or a program keeps in its
/// configuration and applies to its paths.
///
/// ```
/// use burn_sig::transforms::PathTransform;
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

    /// The number of points of the transformed path.
    ///
    /// # Arguments
    ///
    /// - `length`: the number of points of the path, at least 1.
    pub fn length(&self, length: usize) -> usize {
        match self {
            Self::LeadLag { .. } => 2 * length - 1,
            Self::Basepoint => length + 1,
            Self::InvisibilityReset => length + 2,
            _ => length,
        }
    }

    /// The path after transforms, one after another, each as [`forward`](Self::forward).
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, new length, new channels]`
    ///
    /// # Panics
    ///
    /// Panics as [`forward`](Self::forward).
    #[track_caller]
    pub fn forward_all(transforms: &[Self], mut path: Tensor<3>) -> Tensor<3> {
        for transform in transforms {
            path = transform.forward(path);
        }
        path
    }

    /// The paths of a padded batch after transforms, one after another, each as
    /// [`forward_ragged`](Self::forward_ragged). Without transforms, too, each row rests at its last
    /// point.
    ///
    /// # Arguments
    ///
    /// - `path`, `lengths`: as for [`forward_ragged`](Self::forward_ragged).
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, new length, new channels]`, and how many points each row has
    ///
    /// # Panics
    ///
    /// Panics as [`forward_ragged`](Self::forward_ragged).
    #[track_caller]
    pub fn forward_all_ragged(
        transforms: &[Self],
        path: Tensor<3>,
        lengths: &[usize],
    ) -> (Tensor<3>, Vec<usize>) {
        let (mut path, mut lengths) = (hold_last(path, lengths), lengths.to_vec());
        for transform in transforms {
            (path, lengths) = transform.forward_ragged(path, &lengths);
        }
        (path, lengths)
    }

    /// The transformed path. For paths of different lengths in one batch use
    /// [`forward_ragged`](Self::forward_ragged).
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

    /// The transformed paths of a batch of paths of different lengths, padded to one, and their
    /// lengths: each row is transformed as if it were alone and then rests at its last point, so
    /// that the padding changes neither its signature nor its gradient. The gradient of the padding
    /// is 0.
    ///
    /// # Arguments
    ///
    /// - `path`: padded paths; values after the last point of a row are ignored, NaN included.
    /// - `lengths`: how many points each row has, from 1 to `length`.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, new length, new channels]`, and how many points each row has
    ///
    /// # Panics
    ///
    /// Panics if there are not as many lengths as rows, or one is 0 or exceeds the length of the
    /// paths.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use burn_sig::transforms::PathTransform;
    ///
    /// let path = [[[1.], [2.], [4.]], [[3.], [5.], [f32::NAN]]];
    /// let path = Tensor::<3>::from_floats(path, &Device::flex());
    /// let (sums, lengths) = PathTransform::CumulativeSum.forward_ragged(path, &[3, 2]);
    /// let sums = sums.into_data().try_to_vec::<f32>().unwrap();
    /// assert_eq!(sums, [1., 3., 7., 3., 8., 8.]);
    /// assert_eq!(lengths, [3, 2]);
    /// ```
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> (Tensor<3>, Vec<usize>) {
        check_lengths("PathTransform", &path, lengths);
        let path = hold_last(path, lengths);
        let path = match *self {
            Self::TimeAugment { end_time } => time_augment_ragged(path, lengths, end_time),
            // The sums grow in the padding.
            Self::CumulativeSum => hold_last(cumulative_sum(path), lengths),
            // The two points that were added are brought before the padding.
            Self::InvisibilityReset => {
                let length = path.dims()[1];
                select_points(invisibility_reset(path), length + 2, |row, t| {
                    let added = t.checked_sub(lengths[row]);
                    added.map_or(t, |added| length + added.min(1))
                })
            }
            // All others leave a path that rests at rest.
            _ => self.forward(path),
        };
        let lengths = lengths.iter().map(|&points| self.length(points));
        (path, lengths.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn sizes_are_those_of_the_result() {
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
            let [_, length, channels] = transform.forward(path).dims();
            assert_eq!(channels, transform.channels(3), "{transform:?}");
            assert_eq!(length, transform.length(4), "{transform:?}");
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
