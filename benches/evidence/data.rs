//! Data sets: series to forecast and labelled series to classify, found by their file names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use sig_train::data::{Labelled, Series};

/// Name, file, column to forecast.
const SERIES: [(&str, &str, &str); 4] = [
    ("Daphnet", "S06R02E0.csv", "ankle_horiz_fwd"),
    ("Seattle weather", "seattle-weather.csv", "temp_max"),
    ("San Francisco temperature", "sf-temps.csv", "temp"),
    ("sunspots", "sunspots.csv", "SUNACTIVITY"),
];

/// Sets of the UEA and UCR archives, `NAME_TRAIN.ts` and `NAME_TEST.ts`.
const LABELLED: [&str; 7] = [
    "BasicMotions",
    "JapaneseVowels",
    "ArrowHead",
    "GunPoint",
    "ItalyPowerDemand",
    "OSULeaf",
    "ACSF1",
];

/// A forecaster sees this many points and forecasts the next values.
const LENGTH: usize = 48;
const HORIZON: usize = 8;

/// Longer series are averaged over blocks down to at most this many points.
const MOST_POINTS: usize = 100;

/// Paths, and the values or the class to predict for each.
#[derive(Clone)]
pub(crate) struct Samples {
    /// `[count, points, channels]`, padded.
    pub(crate) paths: Tensor<3>,
    pub(crate) lengths: Vec<usize>,
    /// `[count, outputs]`: values to forecast, or 1 at the class and 0 elsewhere.
    pub(crate) targets: Tensor<2>,
}

/// A data set in its parts.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) train: Samples,
    /// The part that chooses the best weights, of series that are long enough for one.
    pub(crate) valid: Option<Samples>,
    pub(crate) test: Samples,
    pub(crate) classes: bool,
}

impl Samples {
    /// Paths of up to that many points.
    fn new(paths: &[Vec<Vec<f32>>], points: usize, targets: Vec<f32>, device: &Device) -> Self {
        let (count, channels) = (paths.len(), paths[0][0].len());
        let lengths: Vec<usize> = paths.iter().map(Vec::len).collect();
        let mut padded = Vec::with_capacity(count * points * channels);
        for (path, end) in paths.iter().zip(1..) {
            padded.extend(path.iter().flatten());
            padded.resize(end * points * channels, 0.0);
        }
        let padded = TensorData::new(padded, [count, points, channels]);
        let outputs = targets.len() / count;
        Self {
            paths: Tensor::from_data(padded, device),
            lengths,
            targets: Tensor::from_data(TensorData::new(targets, [count, outputs]), device),
        }
    }
}

impl Task {
    /// Values to forecast, or classes.
    pub(crate) fn outputs(&self) -> usize {
        self.train.targets.dims()[1]
    }
}

/// All data sets whose names contain one of `only`, or all.
pub(crate) fn tasks(folder: &Path, only: &[String], device: &Device) -> Result<Vec<Task>, String> {
    let wanted = |name: &str| {
        let name = name.to_lowercase();
        only.is_empty() || only.iter().any(|part| name.contains(&part.to_lowercase()))
    };
    let series = SERIES.iter().filter(|(name, ..)| wanted(name));
    let series = series.map(|&(name, file, target)| {
        let series = Series::from_csv(&find(folder, file)?, target).map_err(|e| e.to_string())?;
        Ok(forecast(name, &series, device))
    });
    let labelled = LABELLED.into_iter().filter(|name| wanted(name));
    let labelled = labelled.map(|name| {
        let part = |ending: &str| {
            let file = find(folder, &format!("{name}_{ending}.ts"))?;
            Labelled::from_ts(&file).map_err(|error| error.to_string())
        };
        Ok(classify(name, part("TRAIN")?, part("TEST")?, device))
    });
    series.chain(labelled).collect()
}

/// Windows of the first 70 % of the rows, the next 15 % and the last 15 %, of standardised channels:
/// at most about 1500 to train and 500 of each other part.
fn forecast(name: &'static str, series: &Series, device: &Device) -> Task {
    let count = series.rows.len();
    let (train, valid) = (count * 70 / 100, count * 85 / 100);
    let rows = series.standardized(train);
    let part = |from: usize, to: usize, most: usize| {
        let starts = from..to - LENGTH - HORIZON + 1;
        let starts = || starts.clone().step_by(starts.len().div_ceil(most));
        let paths = starts().map(|start| rows[start..start + LENGTH].to_vec());
        let paths: Vec<_> = paths.collect();
        let future = |start| rows[start + LENGTH..][..HORIZON].iter();
        let targets = starts().flat_map(future).map(|row| row[series.target]);
        Samples::new(&paths, LENGTH, targets.collect(), device)
    };
    Task {
        name,
        train: part(0, train, 1500),
        valid: Some(part(train - LENGTH, valid, 500)),
        test: part(valid - LENGTH, count, 500),
        classes: false,
    }
}

/// Both parts as the archive has them, standardised by the training part.
fn classify(
    name: &'static str,
    mut train: Vec<Labelled>,
    mut test: Vec<Labelled>,
    device: &Device,
) -> Task {
    Labelled::standardise(&mut train, &mut test);
    let classes: BTreeSet<String> = train.iter().map(|one| one.class.clone()).collect();
    // Longer series of the test part are cut to the longest that the layers were made for.
    let longest = train.iter().map(|one| one.points.len()).max().unwrap_or(0);
    let block = longest.div_ceil(MOST_POINTS);
    let part = |all: &[Labelled]| {
        let mut paths = Vec::new();
        let mut targets = Vec::new();
        for Labelled { points, class } in all {
            paths.push(averaged(&points[..points.len().min(longest)], block));
            targets.extend(classes.iter().map(|known| f32::from(known == class)));
        }
        Samples::new(&paths, longest.div_ceil(block), targets, device)
    };
    Task {
        name,
        train: part(&train),
        valid: None,
        test: part(&test),
        classes: true,
    }
}

/// Averages each block of `block` points; the last block may be shorter.
fn averaged(points: &[Vec<f32>], block: usize) -> Vec<Vec<f32>> {
    let mean = |block: &[Vec<f32>]| {
        let mean = |channel| block.iter().map(|point| point[channel]).sum::<f32>();
        let channels = 0..block[0].len();
        channels
            .map(|channel| mean(channel) / block.len() as f32)
            .collect()
    };
    points.chunks(block).map(mean).collect()
}

/// The file of this name in the folder or below it.
fn find(folder: &Path, name: &str) -> Result<PathBuf, String> {
    fn below(folder: &Path, name: &str) -> Option<PathBuf> {
        let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        let found = paths
            .iter()
            .find(|path| path.is_file() && path.ends_with(name));
        found.cloned().or_else(|| {
            let folders = paths.iter().filter(|path| path.is_dir());
            folders.filter_map(|path| below(path, name)).next()
        })
    }
    below(folder, name).ok_or_else(|| format!("{}: no file {name} in it", folder.display()))
}
