use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sig_data::Format;

use crate::{Error, StudyArgs};

/// A task whose data is made from the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Forecast a trading volume that follows the market which leads
    Volumes,
    /// Estimate the Hurst exponent of a fractional Brownian motion
    Fbm,
    /// Estimate the signed area of a loop from noisy points on it
    Area,
}

/// How the series of a file are brought to one scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// That of the SigKAN paper: each value over the rolling median of its column up to the forecast
    /// horizon before, then the range of the training part to 0..1
    Median,
    /// Mean and standard deviation of the training part to 0 and 1
    Standard,
}

/// Two weeks of hours.
const MEDIAN_ROWS: usize = 24 * 14;

/// Where the series come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "source")]
pub enum DataConfig {
    /// [`synthetic`](crate::data::synthetic).
    Volumes {
        /// Hours of the series.
        hours: usize,
        /// Independent groups of assets; each is five series.
        groups: usize,
    },
    /// [`fbm`](crate::data::fbm).
    Fbm {
        /// Paths, each with a Hurst exponent of its own.
        paths: usize,
    },
    /// [`area`](crate::data::area).
    Area {
        /// Loops.
        paths: usize,
    },
    /// A file of the user's.
    File(FileConfig),
}

/// A file of series, and what is to be made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileConfig {
    /// The file.
    pub path: PathBuf,
    /// How to read it.
    pub format: Format,
    /// What separates the values of a CSV file.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The column to forecast.
    pub target: String,
    /// The column to leave out.
    pub time: Option<String>,
    /// How to scale it.
    pub scaling: Scaling,
    /// The rows that a rolling median is over.
    pub median_rows: usize,
}

impl FileConfig {
    /// A CSV file with commas whose columns are standardised.
    pub(crate) fn csv(path: &Path, target: &str) -> Self {
        Self {
            path: path.into(),
            format: Format::Csv,
            delimiter: comma(),
            target: target.into(),
            time: None,
            scaling: Scaling::Standard,
            median_rows: MEDIAN_ROWS,
        }
    }
}

fn comma() -> char {
    ','
}

impl DataConfig {
    /// The data of the options, or `self` if they say nothing of it.
    pub(super) fn with_args(self, args: &StudyArgs) -> Result<Self, Error> {
        let usage = |message: &str| Err(Error::Usage(message.into()));
        let mut config = match (file(args), self) {
            (Some((path, format, option)), before) => {
                let Some(target) = args.target.clone() else {
                    return usage(&format!(
                        "{option} needs --target COLUMN, the column to forecast"
                    ));
                };
                let (delimiter, scaling, median_rows) = match before {
                    Self::File(file) => (file.delimiter, file.scaling, file.median_rows),
                    _ => (comma(), Scaling::Median, MEDIAN_ROWS),
                };
                FileConfig {
                    // Resuming from another folder should find the same file.
                    path: std::path::absolute(path).map_err(Error::io(path))?,
                    format,
                    delimiter,
                    target,
                    time: args.time.clone(),
                    scaling,
                    median_rows,
                }
            }
            _ if args.target.is_some() || args.time.is_some() => {
                return usage("--target and --time need --csv FILE or --parquet FILE");
            }
            (None, Self::File(file)) => file,
            _ if args.scaling.is_some() || args.median_rows.is_some() => {
                return usage("--scaling and --median-rows need --csv FILE or --parquet FILE");
            }
            (None, made) => return Ok(made),
        };
        config.delimiter = args.delimiter.unwrap_or(config.delimiter);
        config.scaling = args.scaling.unwrap_or(config.scaling);
        config.median_rows = args.median_rows.unwrap_or(config.median_rows);
        Ok(Self::File(config))
    }

    /// The task that makes the data, if it is made.
    pub(crate) fn task(&self) -> Option<Task> {
        match self {
            Self::Volumes { .. } => Some(Task::Volumes),
            Self::Fbm { .. } => Some(Task::Fbm),
            Self::Area { .. } => Some(Task::Area),
            Self::File(_) => None,
        }
    }

    /// The rows of the rolling median that the series are divided by, if they are.
    pub(crate) fn median_rows(&self) -> Option<usize> {
        match self {
            Self::File(file) => (file.scaling == Scaling::Median).then_some(file.median_rows),
            _ => None,
        }
    }

    /// Whether a path has one number to be estimated, and no future.
    pub(crate) fn is_of_paths(&self) -> bool {
        matches!(self, Self::Fbm { .. } | Self::Area { .. })
    }
}

/// The file of the options, its format and the option that names it.
pub(crate) fn file(args: &StudyArgs) -> Option<(&PathBuf, Format, &'static str)> {
    let csv = args.csv.as_ref().map(|path| (path, Format::Csv, "--csv"));
    let parquet = args.parquet.as_ref();
    csv.or(parquet.map(|path| (path, Format::Parquet, "--parquet")))
}
