use burn::config::Config;
use burn::tensor::Tensor;
use sig_core::Basepoint;
use sig_core::transforms::{self, LeadLagOrder, LeadingMissing};

/// What a layer does to its paths first; see [`sig_core::transforms`].
#[derive(Config, Debug, PartialEq)]
pub enum PathTransform {
    /// Time as one more channel, the last, from 0 to an end time.
    TimeAugment {
        /// The time of the last point.
        end_time: f64,
    },
    /// The path beside itself, one of the two a step behind.
    LeadLag {
        /// Whether lead or lag comes first among the channels.
        order: LeadLagOrder,
    },
    /// The origin in front of the path.
    Basepoint,
    /// One more channel and two more points, so that the signature knows where the path is.
    InvisibilityReset,
    /// The running sums of the points.
    CumulativeSum,
    /// All channels multiplied by a number.
    Scale {
        /// The number.
        factor: f64,
    },
    /// Missing values replaced by the last one before.
    ForwardFill {
        /// What stands for values missing before a channel has had any.
        leading: f64,
    },
}

impl PathTransform {
    /// Channels of the transformed path.
    pub fn channels(&self, channels: usize) -> usize {
        match self {
            Self::TimeAugment { .. } | Self::InvisibilityReset => channels + 1,
            Self::LeadLag { .. } => 2 * channels,
            _ => channels,
        }
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
            Self::TimeAugment { end_time } => transforms::time_augment(path, end_time),
            Self::LeadLag { order } => transforms::lead_lag(path, order),
            Self::Basepoint => transforms::basepoint(path, &Basepoint::Zero),
            Self::InvisibilityReset => transforms::invisibility_reset(path),
            Self::CumulativeSum => transforms::cumulative_sum(path),
            Self::Scale { factor } => path * factor,
            Self::ForwardFill { leading } => {
                transforms::forward_fill(path, LeadingMissing::Value(leading))
            }
        }
    }

    /// One after the other.
    #[track_caller]
    pub(crate) fn all(transforms: &[Self], mut path: Tensor<3>) -> Tensor<3> {
        for transform in transforms {
            path = transform.forward(path);
        }
        path
    }

    /// Channels after one after the other.
    pub(crate) fn all_channels(transforms: &[Self], channels: usize) -> usize {
        let after = |channels, transform: &Self| transform.channels(channels);
        transforms.iter().fold(channels, after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn channels_are_those_of_the_result() {
        let all = [
            PathTransform::TimeAugment { end_time: 1.0 },
            PathTransform::LeadLag {
                order: LeadLagOrder::LagLead,
            },
            PathTransform::Basepoint,
            PathTransform::InvisibilityReset,
            PathTransform::CumulativeSum,
            PathTransform::Scale { factor: 0.5 },
            PathTransform::ForwardFill { leading: 0.0 },
        ];
        for transform in &all {
            let path = Tensor::<3>::ones([2, 4, 3], &Device::default());
            let channels = transform.forward(path).dims()[2];
            assert_eq!(channels, transform.channels(3), "{transform:?}");
        }
        let path = Tensor::<3>::ones([2, 4, 3], &Device::default());
        let channels = PathTransform::all(&all, path).dims()[2];
        assert_eq!(channels, PathTransform::all_channels(&all, 3));
    }
}
