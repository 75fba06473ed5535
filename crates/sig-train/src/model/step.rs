//! What Burn's trainer asks of a model.

use burn::train::{InferenceStep, RegressionOutput, TrainOutput, TrainStep};

use super::Forecaster;
use crate::data::Batch;

impl Forecaster {
    fn output(&self, batch: Batch) -> RegressionOutput {
        let output = self.forward(batch.inputs);
        let error = output.clone() - batch.targets.clone();
        // One loss per window: the mean over an epoch is right whatever the size of the last batch.
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
