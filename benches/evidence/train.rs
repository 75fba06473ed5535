//! One training of one model, and its score on the test part.

use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use crate::data::{Samples, Task};
use crate::model::Model;

const BATCH: usize = 32;
const LEARNING_RATE: f64 = 5e-3;

/// The validation part is looked at this many times.
const CHECKS: usize = 10;

/// Trains by AdamW with a cosine schedule. The weights are those of the best check on the validation
/// part, or the last ones if there is none.
pub(crate) fn train(
    mut model: Model,
    task: &Task,
    seed: u64,
    steps: usize,
    weight_decay: f32,
) -> f64 {
    let adam = AdamWConfig::new().with_weight_decay(weight_decay);
    let clipping = GradientClippingConfig::Norm(1.0);
    let mut adam = adam.with_grad_clipping(Some(clipping)).init();
    let mut random = StdRng::seed_from_u64(seed);
    let mut order: Vec<usize> = Vec::new();
    let mut best: Option<(f64, Model)> = None;
    for step in 0..steps {
        if order.len() < BATCH {
            let mut again: Vec<usize> = (0..task.train.lengths.len()).collect();
            again.shuffle(&mut random);
            order.extend(again);
        }
        let rows: Vec<usize> = order.drain(..BATCH.min(order.len())).collect();
        let batch = task.train.rows(&rows);
        let loss = loss(&model, &batch, task.classes);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let cosine = (std::f64::consts::PI * step as f64 / steps as f64).cos();
        model = adam.step(LEARNING_RATE * (1.0 + cosine) / 2.0, model, gradients);
        if let Some(valid) = &task.valid
            && (step + 1) % steps.div_ceil(CHECKS) == 0
        {
            let score = score(&model, valid, false);
            if best.as_ref().is_none_or(|(before, _)| score > *before) {
                best = Some((score, model.clone()));
            }
        }
    }
    let model = best.map_or(model, |(_, best)| best);
    score(&model, &task.test, task.classes)
}

fn loss(model: &Model, batch: &Samples, classes: bool) -> Tensor<1> {
    let output = model.forward(batch);
    if classes {
        let right = log_softmax(output, 1) * batch.targets.clone();
        -right.sum_dim(1).mean()
    } else {
        (output - batch.targets.clone()).square().mean()
    }
}

/// The accuracy, or R².
fn score(model: &Model, samples: &Samples, classes: bool) -> f64 {
    let model = model.valid(); // without a graph
    let samples = samples.inner();
    let (output, targets) = (model.forward(&samples), samples.targets);
    if classes {
        let right = output.argmax(1).equal(targets.argmax(1)).int().sum();
        return right.into_scalar::<i64>() as f64 / samples.lengths.len() as f64;
    }
    let error = (output - targets.clone()).square().mean();
    let variance = (targets.clone() - targets.mean_dim(0)).square().mean();
    1.0 - f64::from((error / variance).into_scalar::<f32>())
}

impl Samples {
    fn rows(&self, rows: &[usize]) -> Self {
        let indices: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let indices = TensorData::new(indices, [rows.len()]);
        let indices = Tensor::<1, Int>::from_data(indices, &self.paths.device());
        Self {
            paths: self.paths.clone().select(0, indices.clone()),
            lengths: rows.iter().map(|&row| self.lengths[row]).collect(),
            targets: self.targets.clone().select(0, indices),
        }
    }

    /// On the plain device.
    fn inner(&self) -> Self {
        Self {
            paths: self.paths.clone().inner(),
            lengths: self.lengths.clone(),
            targets: self.targets.clone().inner(),
        }
    }
}
