use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use burn::train::logger::MetricLogger;
use burn::train::metric::store::{EpochSummary, MetricsUpdate, Split};
use burn::train::metric::{MetricDefinition, MetricId, NumericEntry};

use super::Run;
use crate::Error;
use crate::artifacts;

/// The name under which Burn's `LossMetric` reports.
pub(crate) const LOSS: &str = "Loss";

const HEADER: &str = "model,seed,epoch,step,loss\n";

/// By metric, epoch and part.
type Entries = HashMap<(String, usize, Split), Vec<NumericEntry>>;

/// Keeps what Burn's event store aggregates. A resumed training starts in the middle, which Burn's
/// in-memory logger takes for epoch 1.
#[derive(Clone)]
pub(crate) struct LossLog {
    /// How many parts a step has, each with a loss of its own.
    parts: usize,
    names: HashMap<MetricId, String>,
    entries: Arc<Mutex<Entries>>,
}

impl LossLog {
    /// For steps of so many parts, one a device.
    pub(crate) fn new(parts: usize) -> Self {
        Self {
            parts,
            names: HashMap::new(),
            entries: Arc::default(),
        }
    }

    /// The losses of the steps of an epoch, in their order; they are forgotten here.
    pub(crate) fn take_steps(&self, epoch: usize) -> Vec<f64> {
        let mut entries = self
            .entries
            .lock()
            .expect("no holder of the entries panics");
        let steps = entries.remove(&(LOSS.to_string(), epoch, Split::Train));
        entries.retain(|(_, other, _), _| *other > epoch);
        let losses: Vec<_> = steps
            .iter()
            .flatten()
            .filter_map(loss_and_windows)
            .collect();
        losses.chunks(self.parts).map(mean).collect()
    }
}

/// The mean loss of the windows of a part of a step, and their number; nothing for what Burn says of a
/// whole epoch.
fn loss_and_windows(entry: &NumericEntry) -> Option<(f64, f64)> {
    match *entry {
        NumericEntry::Value(loss) => Some((loss, 1.0)),
        NumericEntry::Aggregated {
            aggregated_value,
            count,
        } => Some((aggregated_value, count as f64)),
        NumericEntry::Final(_) => None,
    }
}

/// The mean loss of the windows of all parts.
fn mean(parts: &[(f64, f64)]) -> f64 {
    match *parts {
        [(loss, _)] => loss,
        _ => {
            let windows: f64 = parts.iter().map(|part| part.1).sum();
            parts.iter().map(|part| part.0 * part.1).sum::<f64>() / windows
        }
    }
}

impl MetricLogger for LossLog {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        let mut entries = self
            .entries
            .lock()
            .expect("no holder of the entries panics");
        for numeric in update.entries_numeric {
            let name = self.names[&numeric.entry.metric_id].clone();
            let key = (name, epoch, split.clone());
            entries
                .entry(key)
                .or_default()
                .extend(numeric.numeric_entry);
        }
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let entries = self
            .entries
            .lock()
            .expect("no holder of the entries panics");
        let found = entries.get(&(name.to_string(), epoch, split.clone()));
        Ok(found.cloned().unwrap_or_default())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.names
            .insert(definition.metric_id, definition.name.to_string());
    }

    fn log_epoch_summary(&mut self, _summary: EpochSummary) {}
}

/// The file with the loss of every training step: what two devices or two runs are compared by.
#[derive(Clone, Debug)]
pub(crate) struct LossFile {
    path: PathBuf,
}

impl LossFile {
    /// A new file, in place of any there is.
    pub(crate) fn create(path: PathBuf) -> Result<Self, Error> {
        artifacts::write(&path, HEADER.as_bytes())?;
        Ok(Self { path })
    }

    /// The file of a study that goes on; what `kept` says no to, by model, seed and epoch, is
    /// dropped, as is a row that was being written when the study ended.
    pub(crate) fn resume(
        path: PathBuf,
        kept: impl Fn(&str, u64, usize) -> bool,
    ) -> Result<Self, Error> {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other.map_err(Error::io(&path))?,
        };
        let mut content = HEADER.to_string();
        for line in text
            .split_inclusive('\n')
            .skip(1)
            .filter(|line| line.ends_with('\n'))
        {
            let mut fields = line.split(',');
            let model = fields.next().unwrap_or_default();
            let seed = fields.next().and_then(|seed| seed.parse().ok());
            let epoch = fields.next().and_then(|epoch| epoch.parse().ok());
            if seed
                .zip(epoch)
                .is_some_and(|(seed, epoch)| kept(model, seed, epoch))
            {
                content.push_str(line);
            }
        }
        artifacts::write(&path, content.as_bytes())?;
        Ok(Self { path })
    }

    /// Adds an epoch's losses at the end. Steps count through all epochs, from 1.
    pub(crate) fn append(&self, run: Run, epoch: usize, losses: &[f64]) -> Result<(), Error> {
        let (model, seed) = (run.model.name(), run.seed);
        let before = (epoch - 1) * losses.len();
        let rows = losses.iter().enumerate();
        let rows =
            rows.map(|(i, loss)| format!("{model},{seed},{epoch},{},{loss}\n", before + i + 1));
        let text = rows.collect::<String>();
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.path)
            .map_err(Error::io(&self.path))?;
        file.write_all(text.as_bytes())
            .map_err(Error::io(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelKind, Preset, StudyConfig};

    #[test]
    fn a_resumed_file_holds_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("losses.csv");
        let file = LossFile::create(path.clone()).unwrap();
        let config = StudyConfig {
            models: vec![ModelKind::Mlp],
            seeds: vec![7],
            ..StudyConfig::preset(Preset::Study)
        };
        let run = Run::all(&config)[0];
        file.append(run, 1, &[0.5, 0.25]).unwrap();
        file.append(run, 2, &[0.125, 0.0625]).unwrap();
        let torn = fs::read_to_string(&path).unwrap() + "mlp,7,2,5,0.";
        fs::write(&path, torn).unwrap();

        LossFile::resume(path.clone(), |_, _, _| true).unwrap();
        let first = "model,seed,epoch,step,loss\nmlp,7,1,1,0.5\nmlp,7,1,2,0.25\n";
        let second = "mlp,7,2,3,0.125\nmlp,7,2,4,0.0625\n";
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("{first}{second}")
        );
        LossFile::resume(path.clone(), |model, seed, epoch| {
            (model, seed) == ("mlp", 7) && epoch < 2
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
    }
}
