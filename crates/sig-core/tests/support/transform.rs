//! Transforms of paths, on the host and by the crate.

use burn::tensor::Tensor;
use sig_core::transforms::{LeadLagOrder, lead_lag, time_augment};

use super::dual::Number;

/// Lead-lag, then time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Transform {
    pub(crate) lead_lag: Option<LeadLagOrder>,
    pub(crate) end_time: Option<f64>,
}

impl Transform {
    pub(crate) fn channels(self, channels: usize) -> usize {
        let doubled = usize::from(self.lead_lag.is_some()) + 1;
        channels * doubled + usize::from(self.end_time.is_some())
    }

    pub(crate) fn length(self, length: usize) -> usize {
        match self.lead_lag {
            Some(_) => 2 * length - 1,
            None => length,
        }
    }

    pub(crate) fn is_none(self) -> bool {
        self.lead_lag.is_none() && self.end_time.is_none()
    }

    /// The path `[length · channels]` transformed, by the definitions.
    pub(crate) fn apply<T: Number>(self, path: &[T], channels: usize) -> Vec<T> {
        let points: Vec<&[T]> = path.chunks(channels).collect();
        let length = self.length(points.len());
        let point = |t: usize| {
            let mut point = match self.lead_lag {
                None => points[t].to_vec(),
                Some(LeadLagOrder::LeadLag) => [points[t.div_ceil(2)], points[t / 2]].concat(),
                Some(LeadLagOrder::LagLead) => [points[t / 2], points[t.div_ceil(2)]].concat(),
            };
            let time = |end: f64| T::from(end * t as f64 / (length - 1) as f64);
            point.extend(self.end_time.map(time));
            point
        };
        (0..length).flat_map(point).collect()
    }

    /// The same by the crate.
    pub(crate) fn on(self, path: Tensor<3>) -> Tensor<3> {
        let path = match self.lead_lag {
            Some(order) => lead_lag(path, order),
            None => path,
        };
        match self.end_time {
            Some(end_time) => time_augment(path, end_time),
            None => path,
        }
    }
}
