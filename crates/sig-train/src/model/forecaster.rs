use burn::module::Module;
use burn::tensor::{Device, Tensor};
use burn::train::{InferenceStep, RegressionOutput, TrainOutput, TrainStep};

use super::Sizes;
use super::gru::GruForecaster;
use super::linear::LinearForecaster;
use super::lstm::LstmForecaster;
use super::mlp::MlpForecaster;
use super::naive::NaiveForecaster;
use super::signature::{LogSigForecaster, SigLayerForecaster};
use super::weighted::WeightedForecaster;
use crate::config::ModelKind;
use crate::data::Batch;

/// One of the models.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one of them a study: a box would save nothing"
)]
#[derive(Module, Debug)]
pub(crate) enum Forecaster {
    Weighted(WeightedForecaster),
    SigLayer(SigLayerForecaster),
    LogSig(LogSigForecaster),
    Gru(GruForecaster),
    Lstm(LstmForecaster),
    Mlp(MlpForecaster),
    Linear(LinearForecaster),
    Naive(NaiveForecaster),
}

impl Forecaster {
    pub(crate) fn new(kind: ModelKind, sizes: &Sizes, device: &Device) -> Self {
        match kind {
            ModelKind::SigKan => Self::Weighted(WeightedForecaster::sigkan(sizes, device)),
            ModelKind::SigDense => Self::Weighted(WeightedForecaster::sigdense(sizes, device)),
            ModelKind::SigLayer => Self::SigLayer(SigLayerForecaster::new(sizes, device)),
            ModelKind::LogSig => Self::LogSig(LogSigForecaster::new(sizes, device)),
            ModelKind::Gru => Self::Gru(GruForecaster::new(sizes, device)),
            ModelKind::Lstm => Self::Lstm(LstmForecaster::new(sizes, device)),
            ModelKind::Mlp => Self::Mlp(MlpForecaster::new(sizes, device)),
            ModelKind::Linear => Self::Linear(LinearForecaster::new(sizes, device)),
            ModelKind::Naive => Self::Naive(NaiveForecaster::new(sizes)),
        }
    }

    /// # Shapes
    ///
    /// - inputs: `[batch, length, channels]`
    /// - output: `[batch, horizon]`
    pub(crate) fn forward(&self, inputs: Tensor<3>) -> Tensor<2> {
        match self {
            Self::Weighted(model) => model.forward(inputs),
            Self::SigLayer(model) => model.forward(inputs),
            Self::LogSig(model) => model.forward(inputs),
            Self::Gru(model) => model.forward(inputs),
            Self::Lstm(model) => model.forward(inputs),
            Self::Mlp(model) => model.forward(inputs),
            Self::Linear(model) => model.forward(inputs),
            Self::Naive(model) => model.forward(inputs),
        }
    }

    fn output(&self, batch: Batch) -> RegressionOutput {
        let output = self.forward(batch.inputs);
        let error = output.clone() - batch.targets.clone();
        // One loss a window, so that the mean of an epoch is right whatever the last batch holds.
        let loss = error.square().mean_dim(1).squeeze_dim(1);
        RegressionOutput::new(loss, output, batch.targets)
    }
}

impl TrainStep for Forecaster {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> TrainOutput<RegressionOutput> {
        let part = batch.part;
        let output = self.output(batch);
        let mut loss = output.loss.clone().mean();
        if part < 1.0 {
            loss = loss * part;
        }
        let gradients = loss.backward();
        TrainOutput::new(self, gradients, output)
    }
}

impl InferenceStep for Forecaster {
    type Input = Batch;
    type Output = RegressionOutput;

    fn step(&self, batch: Batch) -> RegressionOutput {
        self.output(batch)
    }
}
