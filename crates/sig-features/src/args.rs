use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::transforms::{LeadLagOrder, PathTransform};
use sig_data::FileArgs;

/// The options of a job.
#[derive(Args, Clone, Debug)]
pub struct FeatureArgs {
    /// CSV file with a header, Parquet file or .ts file (told by its ending); one row per point. CSV
    /// and .ts may be packed (.gz, .zst)
    pub input: PathBuf,

    /// Folder for the Parquet files to write
    #[arg(long, short, value_name = "DIR", default_value = "features")]
    pub output: PathBuf,

    /// Depth of the signature
    #[arg(help_heading = "Features", long, default_value_t = 2)]
    pub depth: usize,

    /// Log-signatures instead of signatures, in this basis [default of BASIS: words]
    #[arg(help_heading = "Features", long, value_parser = basis(), value_name = "BASIS", num_args = 0..=1, default_missing_value = "words")]
    pub log: Option<LogSignatureBasis>,

    /// Which columns are what.
    #[command(flatten)]
    pub file: FileArgs,

    /// The column that tells the time, as the last channel, from the start of each window: numbers,
    /// Parquet timestamps in their unit, or dates such as 2024-01-31 or 2024/01/31 23:59, in days
    #[arg(help_heading = "File", long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// Sliding windows of POINTS points, --hop apart
    #[arg(help_heading = "Windows", long, value_name = "POINTS", conflicts_with_all = ["expanding", "dyadic"])]
    pub window: Option<usize>,

    /// Windows that start with the path: the first has POINTS points, each next one --hop more; points
    /// after the last whole --hop are in none
    #[arg(
        help_heading = "Windows",
        long,
        value_name = "POINTS",
        conflicts_with = "dyadic"
    )]
    pub expanding: Option<usize>,

    /// The whole path, then its halves, quarters and so on, LEVELS times halved: 2 gives 7 windows
    #[arg(help_heading = "Windows", long, value_name = "LEVELS")]
    pub dyadic: Option<u32>,

    /// Points from one window to the next [default: the points of --window or --expanding, so that
    /// the step between two windows of --window is in neither; POINTS - 1 puts each step in one]
    #[arg(help_heading = "Windows", long, value_name = "POINTS")]
    pub hop: Option<usize>,

    /// Transforms of each window, applied in this order: time (a channel from 0 to 1), lead-lag or
    /// lag-lead (each channel and a copy one point behind), basepoint (a first point of zeros),
    /// invisibility-reset (one more channel, by which features depend on where the window lies), cumulative-sum, scale=FACTOR,
    /// fill=VALUE (a missing value becomes the last one before it, or VALUE if there is none)
    #[arg(help_heading = "Features", long, value_name = "TRANSFORMS", value_delimiter = ',', value_parser = transform)]
    pub transform: Vec<PathTransform>,

    /// Compute and write 32-bit numbers instead of 64-bit ones
    #[arg(help_heading = "Features", long)]
    pub f32: bool,

    /// Skip rows that cannot be read and list them in _bad_rows.csv [default: stop at the first one]
    #[arg(help_heading = "Run", long)]
    pub skip_bad_rows: bool,

    /// Continue the job in the output folder after a kill or an error
    #[arg(help_heading = "Run", long)]
    pub resume: bool,

    /// Number of threads [default: one per core]
    #[arg(help_heading = "Run", long)]
    pub threads: Option<usize>,

    /// Most input per output file, in MiB; after a kill, --resume repeats at most this much
    #[arg(help_heading = "Run", long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub part_mib: u64,
}

/// The bases of `--log`: name, basis and help.
const BASES: [(&str, LogSignatureBasis, &str); 4] = [
    ("expand", LogSignatureBasis::Expand, "All words"),
    ("words", LogSignatureBasis::Words, "Lyndon words"),
    (
        "brackets",
        LogSignatureBasis::Brackets,
        "Brackets of the Lyndon words",
    ),
    ("hall", LogSignatureBasis::Hall, "Hall brackets"),
];

fn basis() -> impl TypedValueParser<Value = LogSignatureBasis> {
    let values = BASES.map(|(name, _, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).map(|given| {
        let basis = BASES.into_iter().find(|basis| basis.0 == given);
        basis.expect("is possible").1
    })
}

fn transform(text: &str) -> Result<PathTransform, String> {
    let (name, value) = text.split_once('=').unzip();
    let name = name.unwrap_or(text);
    let number = value.map(|value| value.parse().ok().filter(|number: &f64| number.is_finite()));
    Ok(match (name, number) {
        ("scale", Some(Some(factor))) => PathTransform::Scale { factor },
        ("fill", Some(Some(leading))) => PathTransform::ForwardFill { leading },
        ("scale" | "fill", _) => return Err(format!("`{name}` needs a number: {name}=1.5")),
        ("time", None) => PathTransform::TimeAugment { end_time: 1.0 },
        ("lead-lag", None) => PathTransform::LeadLag {
            order: LeadLagOrder::LeadLag,
        },
        ("lag-lead", None) => PathTransform::LeadLag {
            order: LeadLagOrder::LagLead,
        },
        ("basepoint", None) => PathTransform::Basepoint,
        ("invisibility-reset", None) => PathTransform::InvisibilityReset,
        ("cumulative-sum", None) => PathTransform::CumulativeSum,
        _ => {
            return Err(
                "unknown; known are time, lead-lag, lag-lead, basepoint, invisibility-reset, \
                 cumulative-sum, scale=FACTOR and fill=VALUE"
                    .into(),
            );
        }
    })
}
