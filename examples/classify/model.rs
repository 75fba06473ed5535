//! The models: features of a series, then a small network.

use burn::module::Module;
use burn::nn::gru::{Gru, GruConfig};
use burn::nn::transformer::{
    TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::nn::{PositionalEncoding, PositionalEncodingConfig};
use burn::tensor::{Device, Tensor, activation::relu};
use burn_sig::nn::cde::{LinearNeuralCde, LinearNeuralCdeConfig, LogNeuralCde, LogNeuralCdeConfig};
use burn_sig::nn::random::{RandomCde, RandomCdeConfig};
use burn_sig::nn::{PathDevelopment, PathDevelopmentConfig, SigPatches, SigPatchesConfig};
use burn_sig::prelude::*;
use clap::ValueEnum;

const WIDTH: usize = 32; // features of a series, where a model lets us choose

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    Logsig,
    LogNcde,
    LinearNcde,
    Patches,
    Development,
    RandomCde,
    Gru,
}

/// What makes features of a series.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Features {
    Logsig(LogSigLayer),
    LogNcde(LogNeuralCde),
    LinearNcde(LinearNeuralCde),
    Patches(Transformer),
    Development(PathDevelopment),
    RandomCde(RandomCde),
    Gru(Gru),
}

/// A transformer on patches.
#[derive(Module, Debug)]
struct Transformer {
    patches: SigPatches,
    norm: LayerNorm,
    linear: Linear,
    positions: PositionalEncoding,
    encoder: TransformerEncoder,
}

impl Transformer {
    fn forward(&self, series: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        let tokens = self.patches.forward_ragged(series, lengths);
        let tokens = self.linear.forward(self.norm.forward(tokens));
        let tokens = self.positions.forward(tokens);
        let encoded = self.encoder.forward(TransformerEncoderInput::new(tokens));
        encoded.mean_dim(1).squeeze_dim(1)
    }
}

/// Features, a norm, a hidden layer and scores.
#[derive(Module, Debug)]
pub(crate) struct Classifier {
    features: Features,
    norm: LayerNorm,
    hidden: Linear,
    output: Linear,
}

impl Classifier {
    /// For series of so many channels and classes, and of these lengths.
    pub(crate) fn new(
        kind: Kind,
        depth: usize,
        (channels, classes): (usize, usize),
        lengths: &[usize],
        device: &Device,
    ) -> Self {
        let channels = channels + 1; // and time
        let (shortest, longest) = (lengths.iter().min(), lengths.iter().max());
        let patches = shortest.map_or(1, |points| points.saturating_sub(1).clamp(1, 16));
        let steps = longest.map_or(1, |points| points.div_ceil(50));
        let windows = Windows::Consecutive { steps };
        let (features, width) = match kind {
            Kind::Logsig => {
                let config = LogSigLayerConfig::new(depth);
                (
                    Features::Logsig(config.init(device)),
                    config.d_output(channels),
                )
            }
            Kind::LogNcde => {
                let config = LogNeuralCdeConfig::new(channels, WIDTH, WIDTH).with_scale(1.0);
                let config = config
                    .with_windows(windows)
                    .with_depth(depth.min(2))
                    .with_width(64);
                (Features::LogNcde(config.init(device)), WIDTH)
            }
            Kind::LinearNcde => {
                let config = LinearNeuralCdeConfig::new(channels, WIDTH, WIDTH);
                let config = config.with_windows(windows).with_depth(depth.min(2));
                (Features::LinearNcde(config.init(device)), WIDTH)
            }
            Kind::Patches => {
                let config = SigPatchesConfig::new(depth.min(2), patches);
                let width = config.d_output(channels);
                let transformer = Transformer {
                    patches: config.init(device),
                    norm: LayerNormConfig::new(width).init(device),
                    linear: LinearConfig::new(width, WIDTH).init(device),
                    positions: PositionalEncodingConfig::new(WIDTH).init(device),
                    encoder: TransformerEncoderConfig::new(WIDTH, 2 * WIDTH, 4, 2).init(device),
                };
                (Features::Patches(transformer), WIDTH)
            }
            Kind::Development => {
                let config = PathDevelopmentConfig::new(channels, 4).with_copies(2);
                (
                    Features::Development(config.init(device)),
                    config.d_output(),
                )
            }
            Kind::RandomCde => {
                let config = RandomCdeConfig::new(channels, 2 * WIDTH);
                (Features::RandomCde(config.init(device)), 2 * WIDTH)
            }
            Kind::Gru => {
                let config = GruConfig::new(channels, WIDTH, true);
                (Features::Gru(config.init(device)), WIDTH)
            }
        };
        Self {
            features,
            norm: LayerNormConfig::new(width).init(device),
            hidden: LinearConfig::new(width, 32).init(device),
            output: LinearConfig::new(32, classes).init(device),
        }
    }

    /// Padded series `[batch, length, channels]` and their lengths to scores `[batch, classes]`
    pub(crate) fn forward(&self, series: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
        // Time from 0 to 1 is one more channel, in each series from its first to its last point.
        let series = transforms::time_augment_ragged(series, lengths, 1.0);
        let features = match &self.features {
            Features::Logsig(layer) => layer.forward_ragged(series, lengths),
            Features::LogNcde(layer) => layer.forward_ragged(series, lengths),
            Features::LinearNcde(layer) => layer.forward_ragged(series, lengths),
            Features::Patches(layer) => layer.forward(series, lengths),
            Features::Development(layer) => layer.forward_ragged(series, lengths).flatten(1, 3),
            Features::RandomCde(layer) => layer.forward_ragged(series, lengths),
            Features::Gru(layer) => {
                let states = layer.forward(series, None); // held at the last point of each series
                let last = |(row, &points): (usize, &usize)| {
                    let state = states.clone().narrow(0, row, 1).narrow(1, points - 1, 1);
                    state.squeeze_dim::<2>(1)
                };
                Tensor::cat(lengths.iter().enumerate().map(last).collect(), 0)
            }
        };
        let hidden = self.hidden.forward(self.norm.forward(features));
        self.output.forward(relu(hidden))
    }
}
