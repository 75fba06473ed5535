use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sig_data::{CsvOptions, Format};

use crate::data::Relative;
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
    /// As in the SigKAN paper: each value is divided by the rolling median of its column, which ends
    /// --horizon rows before; then the least and greatest value of the training part become 0 and 1
    Median,
    /// The mean of the training part becomes 0, its standard deviation 1
    Standard,
    /// The last point of each window is subtracted from the window and its forecast, and the
    /// differences are divided by their root mean square on the training part. For series with a
    /// trend
    Window,
    /// The value before is subtracted from each value, and the differences are divided by their root
    /// mean square on the training part; forecasts are summed up again
    Difference,
}

/// What is put where values of a file are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// The last value before; rows before the first value of each column are left out
    #[default]
    Forward,
    /// Linear interpolation between the values before and after. It uses later values, which a
    /// real forecast does not have, so scores may be too good
    Linear,
    /// Nothing: a missing value is an error
    None,
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
    /// How a CSV file is written.
    #[serde(flatten)]
    pub csv: CsvOptions,
    /// The columns of ids, by which several series are told apart.
    #[serde(default)]
    pub group: Vec<String>,
    /// Whether rows are put into the order of their times.
    #[serde(default)]
    pub sort: bool,
    /// The columns that are channels; if there are none, all of numbers.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The columns that are none.
    #[serde(default)]
    pub drop: Vec<String>,
    /// The column to forecast.
    pub target: String,
    /// The column that tells the time.
    pub time: Option<String>,
    /// What is put where values are missing.
    #[serde(default)]
    pub fill: Fill,
    /// How to scale it; `None` until the rule of the default has seen the series.
    pub scaling: Option<Scaling>,
    /// The rows that a rolling median is over.
    pub median_rows: usize,
    /// Whether logarithms are forecast.
    #[serde(default)]
    pub log: bool,
    /// After how many rows the series repeat themselves; `None` until the series are seen, or if
    /// they do not.
    #[serde(default)]
    pub season: Option<usize>,
}

impl FileConfig {
    /// A CSV file with commas whose columns are standardised.
    pub(crate) fn csv(path: &Path, target: &str) -> Self {
        Self {
            path: path.into(),
            target: target.into(),
            scaling: Some(Scaling::Standard),
            ..Self::default()
        }
    }
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
                // Resuming from another folder should find the same file.
                let path = std::path::absolute(path).map_err(Error::io(path))?;
                let (time, before) = (args.time.clone(), before.file());
                FileConfig {
                    path,
                    format,
                    target,
                    time,
                    ..before.unwrap_or_default()
                }
            }
            _ if args.target.is_some() || args.time.is_some() => {
                return usage("--target and --time need --csv FILE or --parquet FILE");
            }
            (None, Self::File(file)) => file,
            _ if is_of_a_file(args) => {
                return usage(
                    "--group, --columns, --drop, --delimiter, --decimal, --no-header, --sort, --fill \
                     and --season need --csv FILE or --parquet FILE",
                );
            }
            _ if args.scaling.is_some() || args.median_rows.is_some() || args.log => {
                return usage(
                    "--scaling, --median-rows and --log need --csv FILE or --parquet FILE",
                );
            }
            (None, made) => return Ok(made),
        };
        config.csv = args.file.csv(config.csv);
        config.sort |= args.sort;
        config.fill = args.fill.unwrap_or(config.fill);
        config.log |= args.log;
        config.season = args.season.or(config.season);
        let medians = args.median_rows.map(|_| Scaling::Median);
        config.scaling = args.scaling.or(config.scaling).or(medians);
        config.median_rows = args.median_rows.unwrap_or(config.median_rows);
        let trimmed = |names: &[String]| names.iter().map(|name| name.trim().into()).collect();
        for (names, given) in [
            (&mut config.group, &args.file.group),
            (&mut config.columns, &args.file.columns),
            (&mut config.drop, &args.file.drop),
        ] {
            if !given.is_empty() {
                *names = trimmed(given);
            }
        }
        Ok(Self::File(config))
    }

    /// The file, if it is one.
    pub(crate) fn file(self) -> Option<FileConfig> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
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
            Self::File(file) => (file.scaling == Some(Scaling::Median)).then_some(file.median_rows),
            _ => None,
        }
    }

    /// What the values of a window are relative to, if to anything.
    pub(crate) fn relative(&self) -> Option<Relative> {
        match self {
            Self::File(file) => match file.scaling? {
                Scaling::Window => Some(Relative::Last),
                Scaling::Difference => Some(Relative::Before),
                Scaling::Median | Scaling::Standard => None,
            },
            _ => None,
        }
    }

    /// The columns of ids that tell the series apart.
    pub(crate) fn groups(&self) -> Vec<String> {
        match self {
            Self::File(file) => file.group.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether logarithms are forecast.
    pub(crate) fn is_logarithm(&self) -> bool {
        matches!(self, Self::File(file) if file.log)
    }

    /// After how many rows the series repeat themselves, if they do.
    pub(crate) fn season(&self) -> Option<usize> {
        match self {
            Self::File(file) => file.season,
            _ => None,
        }
    }

    /// Whether a path has one number to be estimated, and no future.
    pub(crate) fn is_of_paths(&self) -> bool {
        matches!(self, Self::Fbm { .. } | Self::Area { .. })
    }
}

/// Whether there is an option that makes sense for a file alone.
fn is_of_a_file(args: &StudyArgs) -> bool {
    let file = &args.file;
    let names = [&file.group, &file.columns, &file.drop];
    let csv = file.delimiter.is_some() || file.decimal.is_some() || file.no_header;
    names.iter().any(|names| !names.is_empty())
        || csv
        || args.sort
        || args.fill.is_some()
        || args.season.is_some()
}

impl Default for FileConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            format: Format::Csv,
            csv: CsvOptions::default(),
            group: Vec::new(),
            sort: false,
            columns: Vec::new(),
            drop: Vec::new(),
            target: String::new(),
            time: None,
            fill: Fill::default(),
            scaling: None,
            median_rows: MEDIAN_ROWS,
            log: false,
            season: None,
        }
    }
}

/// The file of the options, its format and the option that names it.
pub(crate) fn file(args: &StudyArgs) -> Option<(&PathBuf, Format, &'static str)> {
    let csv = args.csv.as_ref().map(|path| (path, Format::Csv, "--csv"));
    let parquet = args.parquet.as_ref();
    csv.or(parquet.map(|path| (path, Format::Parquet, "--parquet")))
}
