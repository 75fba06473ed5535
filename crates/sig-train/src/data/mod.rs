//! From a source of data to batches of samples:
//! series or paths → parts → scaling, fitted on the training part → samples → batches.

pub mod area;
mod dataset;
pub mod fbm;
mod file;
mod labelled;
mod left_out;
mod loader;
mod median;
mod missing;
mod normal;
mod samples;
mod scale;
mod season;
mod source;
mod split;
pub mod synthetic;

use std::path::Path;

use rand::SeedableRng;
use rand::rngs::StdRng;

pub(crate) use dataset::{Dataset, Level, Target};
pub(crate) use file::{open, read, selected};
pub use labelled::Labelled;
pub(crate) use left_out::LeftOut;
pub(crate) use loader::{Batch, SampleLoader};
pub(crate) use median::relative;
pub(crate) use samples::{Relative, Samples};
pub(crate) use scale::{Scale, ends};
pub(crate) use source::{load, logarithms};
pub(crate) use split::Part;

use crate::Error;
use crate::config::FileConfig;

/// Several series over the same time steps, one of which is to be forecast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// One name a channel.
    pub names: Vec<String>,
    /// The channel to forecast.
    pub target: usize,
    /// One row a time step, one value a channel.
    pub rows: Vec<Vec<f64>>,
    /// The time of each row, if any is told.
    pub times: Vec<String>,
    /// Whether the target of each row was missing and is filled; such rows are not scored. Empty if
    /// none was.
    pub filled: Vec<bool>,
    /// By what it is known among several series of a file.
    pub key: String,
}

impl Series {
    /// Reads the series of a CSV file with a header, one row per time step. A first column of dates
    /// or times is left out.
    ///
    /// # Errors
    ///
    /// Names the row and column of a value that is not a finite number, a missing column, or a target
    /// that is the same in all rows, of which there is nothing to learn.
    pub fn from_csv(path: &Path, target: &str) -> Result<Self, Error> {
        let series = file::series(&FileConfig::csv(path, target))?.remove(0);
        let mut values = series.rows.iter().map(|row| row[series.target]);
        let first = values.next();
        if values.all(|value| Some(value) == first) {
            let reason = format!("the target `{target}` is the same in all rows");
            return Err(Error::data(path, reason));
        }
        Ok(series)
    }

    /// The rows with each channel scaled to mean 0 and variance 1 over the first `rows` of them. A
    /// constant channel becomes 0.
    ///
    /// # Panics
    ///
    /// Panics if `rows` is 0 or more than there are.
    pub fn standardized(&self, rows: usize) -> Vec<Vec<f32>> {
        let scale = Scale::standard(&self.rows[..rows]);
        let narrow = |value: f64| value as f32;
        let rows = self.rows.iter().map(|row| scale.apply(row));
        rows.map(|row| row.into_iter().map(narrow).collect())
            .collect()
    }
}

/// Independent paths, each with a number that is to be estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// One name a channel.
    pub names: Vec<String>,
    /// What the number is.
    pub target: String,
    /// `[paths][points][channels]`
    pub paths: Vec<Vec<Vec<f64>>>,
    /// The number of each path.
    pub labels: Vec<f64>,
}

impl Paths {
    /// So many paths, one drawn after the other, each with its number.
    fn draw<const N: usize>(
        count: usize,
        seed: u64,
        target: &str,
        names: [&str; N],
        mut path: impl FnMut(&mut StdRng) -> (Vec<Vec<f64>>, f64),
    ) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (paths, labels) = (0..count).map(|_| path(&mut rng)).unzip();
        Self {
            names: names.map(String::from).to_vec(),
            target: target.into(),
            paths,
            labels,
        }
    }
}
