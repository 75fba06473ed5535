use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use sig_core::LogSignatureBasis;
use sig_core::transforms::{LeadLagOrder, PathTransform};

/// The options of a job.
#[derive(Args, Clone, Debug)]
pub struct FeatureArgs {
    /// The data: a CSV file with a header, or a Parquet file, by its ending; a row a point
    pub input: PathBuf,

    /// The folder of Parquet files to write
    #[arg(long, short, value_name = "DIR", default_value = "features")]
    pub output: PathBuf,

    /// The last level of the signature
    #[arg(long, default_value_t = 2)]
    pub depth: usize,

    /// Log-signatures, with what their coordinates belong to [default of BASIS: words]
    #[arg(long, value_enum, value_name = "BASIS", num_args = 0..=1, default_missing_value = "words")]
    pub log: Option<Basis>,

    /// The column of ids: rows that stand together with the same id are a path [default: the whole
    /// file is one path]
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,

    /// The columns that are channels, in this order [default: all but --group and --time]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// A column of numbers that tell the time, as the last channel, from the start of each window
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// Windows of so many points, --hop apart
    #[arg(long, value_name = "POINTS", conflicts_with_all = ["expanding", "dyadic"])]
    pub window: Option<usize>,

    /// Windows that start with the path, the first of so many points, each --hop longer than the last
    #[arg(long, value_name = "POINTS", conflicts_with = "dyadic")]
    pub expanding: Option<usize>,

    /// The path, its halves, its quarters and so on, so many levels of them
    #[arg(long, value_name = "LEVELS")]
    pub dyadic: Option<u32>,

    /// Points from one window to the next [default: the points of --window or --expanding]
    #[arg(long, value_name = "POINTS")]
    pub hop: Option<usize>,

    /// What is done to each window first, in this order: time (from 0 to 1, as a channel), lead-lag,
    /// lag-lead, basepoint, invisibility-reset, cumulative-sum, scale=FACTOR, fill=VALUE (missing
    /// values by the last one before, VALUE where there is none)
    #[arg(long, value_name = "TRANSFORMS", value_delimiter = ',', value_parser = transform)]
    pub transform: Vec<PathTransform>,

    /// Computes and writes numbers of 32 bits instead of 64
    #[arg(long)]
    pub f32: bool,

    /// Leaves out rows that cannot be read and lists them in _bad_rows.csv [default: the first one
    /// ends the run]
    #[arg(long)]
    pub skip_bad_rows: bool,

    /// Goes on with the job in the output folder, after a kill or an error
    #[arg(long)]
    pub resume: bool,

    /// What separates the values of a CSV file
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// Threads [default: one a core]
    #[arg(long)]
    pub threads: Option<usize>,

    /// Input that goes into a Parquet file at most, in MiB: what a kill makes --resume do again
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub part_mib: u64,

    /// Reads and parses the file alone first, and tells how long the whole job took beside that
    #[arg(long)]
    pub compare_parsing: bool,
}

/// What the numbers of a log-signature belong to; see [`LogSignatureBasis`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Basis {
    /// All words
    Expand,
    /// Lyndon words
    Words,
    /// Brackets of the Lyndon words
    Brackets,
    /// Hall brackets
    Hall,
}

impl From<Basis> for LogSignatureBasis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Expand => Self::Expand,
            Basis::Words => Self::Words,
            Basis::Brackets => Self::Brackets,
            Basis::Hall => Self::Hall,
        }
    }
}

fn transform(text: &str) -> Result<PathTransform, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let number = || {
        let number = value.and_then(|value| value.parse::<f64>().ok());
        number
            .filter(|number| number.is_finite())
            .ok_or_else(|| format!("`{name}` needs a number: {name}=1.5"))
    };
    let transform = match name {
        "scale" => return number().map(|factor| PathTransform::Scale { factor }),
        "fill" => return number().map(|leading| PathTransform::ForwardFill { leading }),
        "time" => PathTransform::TimeAugment { end_time: 1.0 },
        "lead-lag" => PathTransform::LeadLag {
            order: LeadLagOrder::LeadLag,
        },
        "lag-lead" => PathTransform::LeadLag {
            order: LeadLagOrder::LagLead,
        },
        "basepoint" => PathTransform::Basepoint,
        "invisibility-reset" => PathTransform::InvisibilityReset,
        "cumulative-sum" => PathTransform::CumulativeSum,
        _ => {
            return Err(
                "unknown; known are time, lead-lag, lag-lead, basepoint, invisibility-reset, \
                 cumulative-sum, scale=FACTOR and fill=VALUE"
                    .into(),
            );
        }
    };
    match value {
        Some(_) => Err(format!("`{name}` takes no number")),
        None => Ok(transform),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [byte] if !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err("a single character, or \\t for a tabulator".into()),
    }
}
