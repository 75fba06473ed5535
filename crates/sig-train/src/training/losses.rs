use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::Run;
use crate::Error;

const HEADER: &str = "model,seed,epoch,step,loss\n";

/// losses.csv, the loss of every training step: what two devices or two runs are compared by.
#[derive(Clone, Debug)]
pub(crate) struct LossFile(pub(crate) PathBuf);

impl LossFile {
    /// Makes a new file, in place of any there is.
    pub(crate) fn create(&self) -> Result<(), Error> {
        Ok(sig_data::write(&self.0, HEADER.as_bytes())?)
    }

    /// Drops the rows of a run after its epoch `last`, and a row that was being written when the
    /// study ended.
    pub(crate) fn keep_until(&self, run: Run, last: usize) -> Result<(), Error> {
        let text = fs::read_to_string(&self.0).map_err(Error::io(&self.0))?;
        let of_run = format!("{},{},", run.model.name(), run.name());
        let kept = |line: &&str| {
            let after = line.strip_prefix(&of_run);
            let epoch = after.and_then(|rest| rest.split(',').next()?.parse().ok());
            line.ends_with('\n') && epoch.is_none_or(|epoch: usize| epoch <= last)
        };
        let content: String = text.split_inclusive('\n').filter(kept).collect();
        Ok(sig_data::write(&self.0, content.as_bytes())?)
    }

    /// Adds the losses of an epoch at the end. Steps count through all epochs, from 1.
    pub(crate) fn append(&self, run: Run, epoch: usize, losses: &[f64]) -> Result<(), Error> {
        let (model, seed) = (run.model.name(), run.name());
        let first = (epoch - 1) * losses.len() + 1;
        let rows = (first..).zip(losses);
        let rows = rows.map(|(step, loss)| format!("{model},{seed},{epoch},{step},{loss}\n"));
        let rows = rows.collect::<String>();
        let mut options = OpenOptions::new();
        let file = options.append(true).open(&self.0);
        file.and_then(|mut file| file.write_all(rows.as_bytes()))
            .map_err(Error::io(&self.0))
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
        let file = LossFile(path.clone());
        file.create().unwrap();
        let config = StudyConfig {
            models: vec![ModelKind::Mlp],
            seeds: vec![7, 70],
            ..StudyConfig::preset(Preset::Study)
        };
        let [run, other] = Run::all(&config)[..] else {
            panic!("a run per seed");
        };
        file.append(run, 1, &[0.5, 0.25]).unwrap();
        file.append(run, 2, &[0.125, 0.0625]).unwrap();
        let torn = fs::read_to_string(&path).unwrap() + "mlp,7,2,5,0.";
        fs::write(&path, torn).unwrap();

        file.keep_until(other, 0).unwrap();
        let first = "model,seed,epoch,step,loss\nmlp,7,1,1,0.5\nmlp,7,1,2,0.25\n";
        let second = "mlp,7,2,3,0.125\nmlp,7,2,4,0.0625\n";
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("{first}{second}")
        );
        file.keep_until(run, 1).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
    }
}
