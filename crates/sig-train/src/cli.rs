use std::path::PathBuf;

use clap::Args;
use sig_data::FileArgs;

use crate::config::{Fill, ModelKind, Preset, Scaling, Task};

/// The folder for the results, unless another is given.
pub(crate) const ARTIFACTS: &str = "artifacts/study";

/// The options of a study. Those that are not given come from the preset, or with `--resume` from
/// the study in the artifacts folder.
#[derive(Args, Clone, Debug, Default)]
pub struct StudyArgs {
    /// Backend to compute on: flex, ndarray, wgpu, vulkan, metal, webgpu, cuda, rocm or cpu, if
    /// compiled in [default: the fastest that has a device]
    #[arg(help_heading = "Device", long, env = "BURN_DEVICE")]
    pub device: Option<String>,

    /// Server to compute on instead of a local device, ws://HOST:PORT, started with
    /// the example `serve`. If given several times, or if a server has several devices,
    /// each training step is split among all devices; the first one holds the model
    #[arg(help_heading = "Device", long, value_name = "URL")]
    pub remote: Vec<String>,

    /// Number of GPUs to split each training step among, with --device cuda [default: 1]
    #[arg(
        help_heading = "Device",
        long,
        value_name = "COUNT",
        conflicts_with = "remote"
    )]
    pub devices: Option<usize>,

    /// Models to train, in this order. The top-level scores in metrics.json are those of the first
    /// [default: sigdense,mlp,linear,naive and, if there is a season, seasonal-naive]
    #[arg(
        help_heading = "Models",
        long,
        value_enum,
        value_name = "MODELS",
        value_delimiter = ','
    )]
    pub model: Vec<ModelKind>,

    /// Compare these models, or without a list all of them; instead of --model
    #[arg(long, value_enum, value_name = "MODELS", value_delimiter = ',', num_args = 0..)]
    #[arg(help_heading = "Models", conflicts_with = "model")]
    pub compare: Option<Vec<ModelKind>>,

    /// Published experiment to start from
    #[arg(help_heading = "Models", long, value_enum)]
    pub preset: Option<Preset>,

    /// Rows per window, the input of a model [default: 24; 20 with --preset keras-sig, 64 with --task
    /// fbm, 32 with --task area]
    #[arg(help_heading = "Windows", long)]
    pub length: Option<usize>,

    /// Rows to forecast after each window [default: 4; 10 with --preset keras-sig]
    #[arg(help_heading = "Windows", long)]
    pub horizon: Option<usize>,

    /// Depth of the signatures [default: 2; 3 with --preset keras-sig]
    #[arg(help_heading = "Models", long)]
    pub depth: Option<usize>,

    /// Maximum number of epochs; early stopping may end training sooner [default: 80]
    #[arg(help_heading = "Training", long)]
    pub epochs: Option<usize>,

    /// Train and score each model FOLDS times, each time with one test part more cut off the end
    /// (rolling origin); scores are means over all [default: 1]
    #[arg(help_heading = "Training", long)]
    pub folds: Option<usize>,

    /// Windows per training step [default: 64; 128 with --preset keras-sig]
    #[arg(help_heading = "Training", long)]
    pub batch_size: Option<usize>,

    /// Initial learning rate, which is lowered on a plateau [default: 0.005]
    #[arg(help_heading = "Training", long, value_name = "RATE")]
    pub learning_rate: Option<f64>,

    /// Random seed(s) for synthetic data, initial weights and batch order. With several, separated
    /// by commas, each model is trained once per seed [default: 42]
    #[arg(
        help_heading = "Training",
        long,
        visible_alias = "seeds",
        value_delimiter = ','
    )]
    pub seed: Vec<u64>,

    /// Task to learn, on synthetic data [default: volumes]
    #[arg(help_heading = "Data", long, value_enum, conflicts_with_all = ["csv", "parquet"])]
    pub task: Option<Task>,

    /// Series from a CSV file with a header, one row per time step, numeric columns
    #[arg(
        help_heading = "Data",
        long,
        value_name = "FILE",
        conflicts_with = "parquet"
    )]
    pub csv: Option<PathBuf>,

    /// Series from a Parquet file, one row per time step, numeric columns
    #[arg(help_heading = "Data", long, value_name = "FILE")]
    pub parquet: Option<PathBuf>,

    /// Which columns of the file are what.
    #[command(flatten)]
    pub file: FileArgs,

    /// Column of the file to forecast
    #[arg(help_heading = "Data", long, value_name = "COLUMN")]
    pub target: Option<String>,

    /// Time column of the file, not used as an input [default: the first column if it is named
    /// date, time or similar, else the first one of dates, else the first one if it is text]
    #[arg(help_heading = "Data", long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// Put the rows of each series into the order of their times first
    #[arg(help_heading = "Data", long)]
    pub sort: bool,

    /// What to put where values of the file are missing [default: forward]
    #[arg(help_heading = "Data", long, value_enum)]
    pub fill: Option<Fill>,

    /// How to scale the columns of the file [default: median if all values are positive and there are
    /// at least ten times as many rows as a rolling median needs, else window]
    #[arg(help_heading = "Data", long, value_enum)]
    pub scaling: Option<Scaling>,

    /// Rows of the rolling median [default: 336, two weeks of hours]
    #[arg(help_heading = "Data", long, value_name = "ROWS")]
    pub median_rows: Option<usize>,

    /// Forecast the logarithms of the columns, which must be positive
    #[arg(help_heading = "Data", long)]
    pub log: bool,

    /// Rows after which the series repeats itself, for seasonal-naive and MASE [default: the lag at
    /// which the differences within the training part correlate most, if the correlation is at least
    /// 0.3]
    #[arg(help_heading = "Data", long, value_name = "ROWS")]
    pub season: Option<usize>,

    /// Train nothing; write the forecasts of a trained model as CSV, one row per window of --csv or
    /// --parquet. MODEL is the name of a model in the artifacts folder (choose one of its seeds
    /// with --seed), or a folder such as artifacts/study/sigdense/seed-42. The file needs --length
    /// rows per series; a model trained with --scaling median needs --median-rows + --horizon − 1
    /// rows before. New series, which were not trained on, cannot be forecast
    #[arg(help_heading = "Forecasts of a trained model", long, value_name = "MODEL", conflicts_with_all = [
        "model", "compare", "preset", "task", "target", "group", "columns", "drop", "scaling", "median_rows", "log", "season", "length",
        "horizon", "depth", "epochs", "folds", "batch_size", "learning_rate", "resume",
    ])]
    pub predict: Option<PathBuf>,

    /// File for the forecasts of --predict [default: standard output]
    #[arg(
        help_heading = "Forecasts of a trained model",
        long,
        value_name = "FILE",
        requires = "predict"
    )]
    pub output: Option<PathBuf>,

    /// Write only what --predict forecasts after the last row of each series, one row per step
    #[arg(
        help_heading = "Forecasts of a trained model",
        long,
        requires = "predict"
    )]
    pub last: bool,

    /// Folder for the results
    #[arg(
        help_heading = "Training",
        long,
        value_name = "DIR",
        default_value = ARTIFACTS
    )]
    pub artifacts: PathBuf,

    /// Resume the study in the artifacts folder from its last complete epoch
    #[arg(help_heading = "Training", long)]
    pub resume: bool,
}
