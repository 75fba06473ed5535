use std::fmt;

use crate::config::{ModelKind, StudyConfig};
use sig_data::Folder;

/// One training of a study: a model and a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) model: ModelKind,
    pub(crate) seed: u64,
    /// The cut-off, from 0; the last one has all rows.
    pub(crate) fold: usize,
    /// Its number among all runs, from 1, and their count.
    pub(crate) number: (usize, usize),
    /// Whether the study has several seeds, and how many folds.
    several: bool,
    folds: usize,
}

impl Run {
    /// The runs of a study: all models with the first seed and fold, then with the next.
    pub(crate) fn all(config: &StudyConfig) -> Vec<Self> {
        let (models, seeds, folds) = (&config.models, &config.seeds, config.folds);
        let count = models.len() * seeds.len() * folds;
        let run = |index: usize| Self {
            model: models[index % models.len()],
            seed: seeds[index / models.len() / folds],
            fold: index / models.len() % folds,
            number: (index + 1, count),
            several: seeds.len() > 1,
            folds,
        };
        (0..count).map(run).collect()
    }

    /// Whether it is of the last fold, which has all rows.
    pub(crate) fn is_last_fold(&self) -> bool {
        self.fold + 1 == self.folds
    }

    /// The seed and, unless it is the last, the fold: what tells it from the other runs of its model.
    pub(crate) fn name(&self) -> String {
        match self.is_last_fold() {
            true => self.seed.to_string(),
            false => format!("{}-fold-{}", self.seed, self.fold + 1),
        }
    }

    /// The folder of its files.
    pub(crate) fn folder(&self, artifacts: &Folder) -> Folder {
        let seed = format!("seed-{}", self.name());
        artifacts.folder(self.model.name()).folder(&seed)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.model.name())?;
        if self.several {
            write!(f, " seed {}", self.seed)?;
        }
        if self.folds > 1 {
            write!(f, " fold {}", self.fold + 1)?;
        }
        Ok(())
    }
}
