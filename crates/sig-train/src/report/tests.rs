//! Studies that never took place, of any number of models.

use std::sync::Arc;

use super::{Outcome, RunReport, StudyReport, Window};
use crate::StudyConfig;
use crate::config::{ModelKind, Preset};
use crate::data::{self, Dataset, Part};
use crate::evaluate::{Scored, Scores};
use crate::training::{EpochRecord, History, Run};

pub(super) struct Example {
    pub(super) config: StudyConfig,
    pub(super) dataset: Arc<Dataset>,
    pub(super) report: StudyReport,
    pub(super) outcomes: Vec<Outcome>,
}

/// A study of the first models that there are.
pub(super) fn study(models: usize, seeds: u64) -> Example {
    let mut config = StudyConfig {
        models: ModelKind::ALL[..models].to_vec(),
        seeds: (1..=seeds).collect(),
        ..StudyConfig::preset(Preset::Study)
    };
    let dataset = data::load(&mut config, 1).unwrap().remove(0);
    let outcomes: Vec<_> = Run::all(&config)
        .into_iter()
        .map(|run| outcome(run, &dataset))
        .collect();
    let report = StudyReport::of(&config, &dataset, "flex", &outcomes);
    Example {
        config,
        dataset,
        report,
        outcomes,
    }
}

fn outcome(run: Run, dataset: &Dataset) -> Outcome {
    let record = |epoch: usize| EpochRecord {
        epoch,
        train_loss: 1.0 / (epoch + run.number.0) as f64,
        valid_loss: 1.2 / (epoch + run.number.0) as f64,
        learning_rate: 1e-3,
        seconds: 0.1,
    };
    let windows = 0..dataset.samples.count(Part::Test);
    let windows = windows.map(|index| {
        let actual = dataset.actual(Part::Test, index);
        let forecast: Vec<_> = actual.iter().map(|value| 0.9 * value).collect();
        Window {
            intervals: forecast
                .iter()
                .map(|value| [value - 1.0, value + 1.0])
                .collect(),
            forecast,
            actual,
        }
    });
    let windows: Vec<_> = windows.collect();
    let scored = windows.iter().map(|window| Scored {
        actual: &window.actual,
        forecast: &window.forecast,
        intervals: &window.intervals,
        series: 0,
        change: Some(1.0),
    });
    Outcome {
        run,
        report: RunReport {
            seed: run.seed,
            fold: run.fold + 1,
            scores: Scores::of(scored),
            epochs: 20,
            best_epoch: 20,
            valid_loss: Some(0.1),
            seconds: 2.0,
        },
        parameters: 1234,
        history: History {
            epochs: (1..=20).map(record).collect(),
        },
        windows,
    }
}
