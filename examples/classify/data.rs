//! Labelled series as tensors, and where they come from.

use std::{collections::BTreeSet, error::Error, fs, path::Path, path::PathBuf};

use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use sig_train::data::Labelled;

use super::Args;

/// Series to train on and series held out, standardised.
pub(crate) fn read(args: &Args, seed: u64) -> Result<[Vec<Labelled>; 2], Box<dyn Error>> {
    let read = |ending: &str| match &args.data {
        Some(folder) => Ok(Labelled::from_ts(&find(folder, ending)?)?),
        None if args.events => Ok(Labelled::events(200, seed + ending.len() as u64)),
        None => Ok::<_, Box<dyn Error>>(Labelled::loops(300, seed + ending.len() as u64)),
    };
    let (mut train, mut held) = (read("_TRAIN.ts")?, read("_TEST.ts")?);
    Labelled::standardise(&mut train, &mut held);
    train.shuffle(&mut StdRng::seed_from_u64(seed));
    Ok([train, held])
}

/// The file of a folder whose name has this ending.
fn find(folder: &Path, ending: &str) -> Result<PathBuf, Box<dyn Error>> {
    let mut files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let file = files.find(|path| path.to_string_lossy().ends_with(ending));
    file.ok_or_else(|| format!("{} has no file *{ending}", folder.display()).into())
}

/// Series padded with zeros, `[count, longest, channels]`, their lengths, their classes.
pub(crate) struct Data {
    pub(crate) series: Tensor<3>,
    pub(crate) lengths: Vec<usize>,
    labels: Tensor<1, Int>,
}

impl Data {
    pub(crate) fn new(
        all: &[Labelled],
        classes: &BTreeSet<String>,
        longest: usize,
        device: &Device,
    ) -> Self {
        let channels = all[0].points[0].len();
        let (mut padded, mut lengths, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for Labelled { points, class } in all {
            let length = points.len().min(longest);
            padded.extend(points[..length].concat());
            padded.extend(vec![0.0; (longest - length) * channels]);
            lengths.push(length);
            // A class that no training series has is never right: -1.
            let index = classes.iter().position(|known| known == class);
            labels.push(index.map_or(-1, |index| index as i64));
        }
        let padded = TensorData::new(padded, [all.len(), longest, channels]);
        let labels = TensorData::new(labels, [all.len()]);
        Self {
            series: Tensor::from_data(padded, device),
            lengths,
            labels: Tensor::from_data(labels, device),
        }
    }

    /// The series of a batch, their lengths, their classes.
    pub(crate) fn part(&self, start: usize, size: usize) -> (Tensor<3>, &[usize], Tensor<1, Int>) {
        let series = self.series.clone().narrow(0, start, size);
        let labels = self.labels.clone().narrow(0, start, size);
        (series, &self.lengths[start..start + size], labels)
    }
}
