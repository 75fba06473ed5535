//! The networks: a layer weighted by a signature between linear ones, or linear layers alone.

use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use burn_sig::nn::{SignatureScalerConfig, TimeWeightingConfig};
use burn_sig::prelude::*;

use crate::data::{Samples, Task};

/// Channels that the series and time are mixed into.
const MIXED: usize = 7;

/// A change to a layer that otherwise has its default options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Reference,
    Scaling(SignatureScaling),
    /// The time weighting starts Glorot uniform, with random signs.
    GlorotTime,
    /// The inner layer of `SigDense` sees the path without the time weighting.
    PlainPath,
    /// The signature sees where the path starts.
    Basepoint,
    /// The weights of the units have the sum 1.
    SumOne,
    /// The last norm of the network that makes the weights starts at this scale.
    Gamma(f64),
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Weighted {
    Dense(SigDense),
    Kan(SigKan),
}

/// Linear layers with ReLU between them, on the flattened path or on the output of a layer.
#[derive(Module, Debug)]
pub(crate) struct Model {
    /// Mixes the channels of each point and time; then weights the points by the signature.
    weighted: Option<(Linear, Weighted)>,
    /// Whether the layer is changed by [`Change::PlainPath`].
    plain: bool,
    layers: Vec<Linear>,
}

impl Model {
    /// `SigDense`, or `SigKan`, with changes.
    pub(crate) fn weighted(
        kan: bool,
        changes: &[Change],
        depth: usize,
        task: &Task,
        device: &Device,
    ) -> Self {
        let [_, points, channels] = task.train.paths.dims();
        let units = if kan { 12 } else { 16 };
        let reference = changes.contains(&Change::Reference);
        // The options that a configuration lacks are set in the fields of the layer.
        macro_rules! changed {
            ($config:ty) => {{
                let config = <$config>::new(MIXED, units, points, depth);
                let mut layer = config.with_reference(reference).init(device);
                layer.time_weighting.fit = LengthFit::Truncate; // for series of different lengths
                for change in changes {
                    match *change {
                        Change::Reference | Change::PlainPath => {}
                        Change::Basepoint => layer.signature.basepoint = true,
                        Change::Scaling(scaling) => {
                            let terms = SignatureSpec::new(MIXED, depth).terms();
                            let norm = SignatureScalerConfig::new(scaling, depth);
                            layer.norm = norm.with_terms(Some(terms)).init(device);
                        }
                        Change::GlorotTime => {
                            let glorot = Initializer::XavierUniform { gain: 1.0 };
                            let time = TimeWeightingConfig::new(points).with_initializer(glorot);
                            layer.time_weighting = time.init(device);
                        }
                        Change::SumOne => layer.mean_one = false,
                        Change::Gamma(value) => {
                            let gamma = Initializer::Constant { value };
                            layer.weighting.norm.gamma = gamma.init([units], device);
                        }
                    }
                }
                layer
            }};
        }
        let mix = LinearConfig::new(channels + 1, MIXED).init(device);
        let layer = match kan {
            true => Weighted::Kan(changed!(SigKanConfig)),
            false => Weighted::Dense(changed!(SigDenseConfig)),
        };
        Self {
            weighted: Some((mix, layer)),
            plain: changes.contains(&Change::PlainPath),
            layers: layers(&[units * points, 32, task.outputs()], device),
        }
    }

    /// Linear layers on the flattened paths, with these sizes between input and output.
    pub(crate) fn linear(hidden: &[usize], task: &Task, device: &Device) -> Self {
        let [_, points, channels] = task.train.paths.dims();
        let sizes = [&[points * channels], hidden, &[task.outputs()]].concat();
        Self {
            weighted: None,
            plain: false,
            layers: layers(&sizes, device),
        }
    }

    /// `[batch, outputs]`
    pub(crate) fn forward(&self, samples: &Samples) -> Tensor<2> {
        let lengths = &samples.lengths;
        let path = match &self.weighted {
            None => samples.paths.clone(),
            Some((mix, layer)) => {
                let time = PathTransform::TimeAugment { end_time: 1.0 };
                let (path, _) = time.forward_ragged(samples.paths.clone(), lengths);
                match layer {
                    Weighted::Dense(layer) if self.plain => {
                        plain(layer, mix.forward(path), lengths)
                    }
                    Weighted::Dense(layer) => layer.forward_ragged(mix.forward(path), lengths),
                    Weighted::Kan(layer) => layer.forward_ragged(mix.forward(path), lengths),
                }
            }
        };
        let first = self.layers[0].forward(path.flatten::<2>(1, 2));
        let rest = self.layers[1..].iter();
        rest.fold(first, |hidden, layer| layer.forward(relu(hidden)))
    }
}

/// The forward pass of a `SigDense` whose linear layer sees the path as it is.
fn plain(layer: &SigDense, path: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
    let [_, points, _] = path.dims();
    let terms = layer.time_weighting.forward_ragged(path.clone(), lengths);
    let terms = layer.signature.forward(terms);
    let terms = layer.norm.forward(terms, layer.signature.spec(MIXED));
    let weights = softmax(layer.weighting.forward(terms), 1);
    let [_, units] = weights.dims();
    let within = lengths
        .iter()
        .flat_map(|&length| (0..points).map(move |at| f32::from(at < length)));
    let within = TensorData::new(within.collect(), [lengths.len(), points, 1]);
    let within = Tensor::<3>::from_data(within, &path.device());
    layer.linear.forward(path) * weights.unsqueeze_dim::<3>(1) * units as f64 * within
}

fn layers(sizes: &[usize], device: &Device) -> Vec<Linear> {
    let linear = |ends: &[usize]| LinearConfig::new(ends[0], ends[1]).init(device);
    sizes.windows(2).map(linear).collect()
}
