use std::path::PathBuf;

use clap::Args;

use crate::config::{ModelKind, Preset};

/// The options of a study. What is not given comes from the preset, or with `--resume` from the
/// study that goes on.
#[derive(Args, Clone, Debug, Default)]
pub struct StudyArgs {
    /// Where to compute: flex, ndarray, wgpu, vulkan, metal, webgpu, cuda, rocm or cpu, if compiled
    /// in [default: the best that is]
    #[arg(long, env = "BURN_DEVICE")]
    pub device: Option<String>,

    /// The models to train, in this order; the first is the one that metrics.json is about
    /// [default: sigdense,mlp,linear]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub model: Vec<ModelKind>,

    /// A published set-up instead of the study's own
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,

    /// Points of the series that a model sees
    #[arg(long)]
    pub length: Option<usize>,

    /// Points of the series that it forecasts
    #[arg(long)]
    pub horizon: Option<usize>,

    /// The last level of the signature
    #[arg(long)]
    pub depth: Option<usize>,

    /// The most passes over the training data; early stopping may end before
    #[arg(long)]
    pub epochs: Option<usize>,

    /// Windows a training step
    #[arg(long)]
    pub batch_size: Option<usize>,

    /// Of the synthetic series, the initial weights and the order of the batches
    #[arg(long)]
    pub seed: Option<u64>,

    /// A series of your own: a CSV file with a header, one row a time step, numeric columns
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// The column of the CSV file to forecast
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,

    /// The column of the CSV file that tells the time and is left out [default: the first, if it is
    /// called date, time or the like or is not numeric]
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// Where the results go
    #[arg(long, value_name = "DIR", default_value = "artifacts/sigkan")]
    pub artifacts: PathBuf,

    /// Goes on with the study in the artifacts folder, from its last complete epoch
    #[arg(long)]
    pub resume: bool,
}
