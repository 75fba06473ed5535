use std::fmt;

use crate::config::{ModelKind, StudyConfig};
use sig_data::Folder;

/// One training of a study: a model and a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) model: ModelKind,
    pub(crate) seed: u64,
    /// Its number among all runs, from 1, and their count.
    pub(crate) number: (usize, usize),
    /// Whether the study has several seeds.
    several: bool,
}

impl Run {
    /// The runs of a study: all models with the first seed, then with the next.
    pub(crate) fn all(config: &StudyConfig) -> Vec<Self> {
        let (models, seeds) = (&config.models, &config.seeds);
        let run = |index: usize| Self {
            model: models[index % models.len()],
            seed: seeds[index / models.len()],
            number: (index + 1, models.len() * seeds.len()),
            several: seeds.len() > 1,
        };
        (0..models.len() * seeds.len()).map(run).collect()
    }

    /// The folder of its files.
    pub(crate) fn folder(&self, artifacts: &Folder) -> Folder {
        let seed = format!("seed-{}", self.seed);
        artifacts.folder(self.model.name()).folder(&seed)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.model.name())?;
        if self.several {
            write!(f, " seed {}", self.seed)?;
        }
        Ok(())
    }
}
