use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use sig_core::transforms::hold_last;

use crate::layer::{assert_positive, one_line_display};
use crate::ragged::places;

/// Configuration to create a [`TimeWeighting`] layer using the
/// [init function](TimeWeightingConfig::init).
#[derive(Config, Debug)]
pub struct TimeWeightingConfig {
    /// The number of weights, one per point of the path.
    pub length: usize,
    /// What to do with paths of another length. Default: [`LengthFit::Truncate`]
    #[config(default = "LengthFit::Truncate")]
    pub fit: LengthFit,
    /// How the weights are initialized. Default: ones, which leave the path as it is
    #[config(default = "Initializer::Ones")]
    pub initializer: Initializer,
}

/// What a layer with a weight for each point does with a path of another length.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum LengthFit {
    /// A shorter path takes the first weights; a longer one is an error.
    Truncate,
    /// The weights are interpolated linearly to the length of the path, ends on ends.
    Interpolate,
    /// Any other length is an error.
    Exact,
}

/// A learned weight for each point of a path.
///
/// `O_t = w_t · I_t`
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::{LengthFit, TimeWeightingConfig};
///
/// let device = Device::flex();
/// let weighting = TimeWeightingConfig::new(10).with_fit(LengthFit::Interpolate).init(&device);
/// assert_eq!(weighting.forward(Tensor::ones([8, 15, 2], &device)).dims(), [8, 15, 2]);
/// ```
///
/// Should be created with [`TimeWeightingConfig`].
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct TimeWeighting {
    /// The weights, `[length, 1]`.
    pub weight: Param<Tensor<2>>,
    /// What to do with paths of another length.
    #[module(skip)]
    pub fit: LengthFit,
}

impl TimeWeightingConfig {
    /// The configuration of sigkan 0.2: Glorot uniform, for one length.
    pub(crate) fn reference(length: usize) -> Self {
        Self::new(length)
            .with_fit(LengthFit::Exact)
            .with_initializer(Initializer::XavierUniform { gain: 1.0 })
    }

    /// Initialize a new [`TimeWeighting`] module.
    ///
    /// # Panics
    ///
    /// Panics if `length` is 0.
    #[track_caller]
    pub fn init(&self, device: &Device) -> TimeWeighting {
        assert_positive("TimeWeighting", [("length", self.length)]);
        let weight =
            self.initializer
                .init_with([self.length, 1], Some(self.length), Some(1), device);
        TimeWeighting {
            weight,
            fit: self.fit,
        }
    }
}

impl TimeWeighting {
    /// Applies the forward pass on the input tensor.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, length, channels]`
    ///
    /// # Panics
    ///
    /// Panics if the length of the path has no weights by the rule of [`fit`](LengthFit).
    #[track_caller]
    pub fn forward(&self, path: Tensor<3>) -> Tensor<3> {
        self.weighted("TimeWeighting", path)
    }

    /// [`forward`](Self::forward) as a part of a layer, which panics name.
    #[track_caller]
    pub(crate) fn weighted(&self, layer: &str, path: Tensor<3>) -> Tensor<3> {
        let [_, length, _] = path.dims();
        path * self.weights(layer, length).unsqueeze_dim(0)
    }

    /// Applies the forward pass on paths of different lengths, padded to one: each row has the
    /// weights that the row alone has, and then rests at its last weighted point, so that the
    /// padding changes neither its signature nor a gradient.
    ///
    /// # Arguments
    ///
    /// - `path`: padded paths; values after the last point of a row are ignored, NaN included.
    /// - `lengths`: how many points each row has, from 1 to `length`.
    ///
    /// # Shapes
    ///
    /// - path: `[batch, length, channels]`
    /// - output: `[batch, length, channels]`
    ///
    /// # Panics
    ///
    /// Panics if there are not as many lengths as rows, one is 0 or exceeds the length of the paths,
    /// or one has no weights by the rule of [`fit`](LengthFit).
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
        self.weighted_ragged("TimeWeighting", path, lengths)
    }

    /// [`forward_ragged`](Self::forward_ragged) as a part of a layer, which panics name.
    #[track_caller]
    pub(crate) fn weighted_ragged(
        &self,
        layer: &str,
        path: Tensor<3>,
        lengths: &[usize],
    ) -> Tensor<3> {
        // Held before, for the gradient of the weights, in which a product of 0 and NaN would be NaN;
        // and after, since the weights go on.
        let path = hold_last(path, lengths);
        let [batch, length, _] = path.dims();
        if batch == 0 {
            return path;
        }
        let mut distinct = lengths.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let mut rows = Vec::new();
        for &points in &distinct {
            let weights = self.weights(layer, points).reshape([1, points]);
            let rest = Tensor::zeros([1, length - points], (&weights.device(), weights.dtype()));
            rows.push(match points == length {
                true => weights,
                false => Tensor::cat(vec![weights, rest], 1),
            });
        }
        let place = |points| distinct.binary_search(points).expect("is one of them");
        let of_row = places(lengths.iter().map(place).collect(), &path.device());
        let weights = Tensor::cat(rows, 0).select(0, of_row);
        hold_last(path * weights.unsqueeze_dim(2), lengths)
    }

    /// The dtype of the weights.
    pub(crate) fn dtype(&self) -> DType {
        self.weight.val().dtype()
    }

    /// The weights for paths of a length, `[length, 1]`.
    #[track_caller]
    fn weights(&self, layer: &str, length: usize) -> Tensor<2> {
        let weight = self.weight.val();
        let [own, _] = weight.dims();
        if own == length {
            return weight;
        }
        match self.fit {
            LengthFit::Interpolate => {
                let data = interpolation(own, length).convert_dtype(weight.dtype());
                let matrix = Tensor::from_data(data, (&weight.device(), weight.dtype()));
                matrix.matmul(weight)
            }
            LengthFit::Truncate if length < own => weight.narrow(0, 0, length),
            fit => panic!(
                "{layer}: the path has length {length} (axis 1) and there are {own} weights, one per \
                 point, with LengthFit::{fit:?}; LengthFit::Truncate takes shorter paths only, \
                 LengthFit::Exact no other, LengthFit::Interpolate any"
            ),
        }
    }
}

/// The matrix `[to, from]` of linear interpolation between `from` equidistant values.
fn interpolation(from: usize, to: usize) -> TensorData {
    let mut values = vec![0f64; from * to];
    for (row, values) in values.chunks_mut(from).enumerate() {
        let position = row as f64 * (from - 1) as f64 / (to - 1).max(1) as f64;
        let left = (position.floor() as usize).min(from - 1);
        let share = position - left as f64;
        values[left] += 1.0 - share;
        if share > 0.0 {
            values[left + 1] += share;
        }
    }
    TensorData::new(values, [to, from])
}

one_line_display!(TimeWeighting, |layer, content| {
    let [length, _] = layer.weight.shape().dims();
    content
        .add("length", &length)
        .add_debug_attribute("fit", &layer.fit)
});

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(fit: LengthFit) -> TimeWeighting {
        let device = Device::default();
        let mut layer = TimeWeightingConfig::new(3).with_fit(fit).init(&device);
        let weights = Tensor::from_floats([[1.0], [3.0], [2.0]], &device);
        layer.weight = layer.weight.map(|_| weights);
        layer
    }

    fn weights_for(fit: LengthFit, length: usize) -> Vec<f32> {
        let ones = Tensor::<3>::ones([1, length, 1], &Device::default());
        layer(fit).forward(ones).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn starts_at_ones() {
        let device = Device::default();
        let layer = TimeWeightingConfig::new(4).init(&device);
        assert_eq!(
            layer.weight.val().into_data().try_to_vec::<f32>().unwrap(),
            [1.0; 4]
        );
    }

    #[test]
    fn other_lengths() {
        assert_eq!(weights_for(LengthFit::Exact, 3), [1.0, 3.0, 2.0]);
        assert_eq!(weights_for(LengthFit::Truncate, 2), [1.0, 3.0]);
        assert_eq!(weights_for(LengthFit::Interpolate, 2), [1.0, 2.0]);
        assert_eq!(
            weights_for(LengthFit::Interpolate, 5),
            [1.0, 2.0, 3.0, 2.5, 2.0]
        );
        assert_eq!(weights_for(LengthFit::Interpolate, 1), [1.0]);
    }

    #[test]
    #[should_panic(expected = "LengthFit::Truncate takes shorter paths only")]
    fn longer_than_the_weights() {
        weights_for(LengthFit::Truncate, 4);
    }

    #[test]
    #[should_panic(
        expected = "TimeWeighting: the path has length 2 (axis 1) and there are 3 weights"
    )]
    fn shorter_than_exact() {
        weights_for(LengthFit::Exact, 2);
    }

    #[test]
    fn display() {
        let layer = TimeWeightingConfig::new(3).init(&Device::default());
        assert_eq!(
            format!("{layer}"),
            "TimeWeighting {length: 3, fit: Truncate, params: 3}"
        );
    }
}
