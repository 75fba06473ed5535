use std::path::PathBuf;

use clap::Args;

use crate::config::{ModelKind, Preset, Scaling, Task};

/// The options of a study. What is not given comes from the preset, or with `--resume` from the
/// study that goes on.
#[derive(Args, Clone, Debug, Default)]
pub struct StudyArgs {
    /// Where to compute: flex, ndarray, wgpu, vulkan, metal, webgpu, cuda, rocm or cpu, if compiled
    /// in [default: the best that is]
    #[arg(long, env = "BURN_DEVICE")]
    pub device: Option<String>,

    /// A server to compute on in place of --device, such as that of `cargo run --example serve`:
    /// ws://HOST:PORT. With several, or with servers of several devices, the windows of a training
    /// step are shared out among all devices; the first has the model
    #[arg(long, value_name = "URL")]
    pub remote: Vec<String>,

    /// Devices of the kind of --device, cuda, to share out the windows of a training step among
    /// [default: 1]
    #[arg(long, value_name = "COUNT", conflicts_with = "remote")]
    pub devices: Option<usize>,

    /// The models to train, in this order; the first is the one that metrics.json is about
    /// [default: sigdense,mlp,linear]
    #[arg(long, value_enum, value_name = "MODELS", value_delimiter = ',')]
    pub model: Vec<ModelKind>,

    /// Every model there is, or those given, in place of --model
    #[arg(long, value_enum, value_name = "MODELS", value_delimiter = ',', num_args = 0.., conflicts_with = "model")]
    pub compare: Option<Vec<ModelKind>>,

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

    /// Of data that is made, the initial weights and the order of the batches; with several,
    /// separated by commas or one an option, every model is trained once a seed [default: 42]
    #[arg(long, visible_alias = "seeds", value_delimiter = ',')]
    pub seed: Vec<u64>,

    /// What the models are to learn, on data made from the seed [default: volumes]
    #[arg(long, value_enum, conflicts_with_all = ["csv", "parquet"])]
    pub task: Option<Task>,

    /// A series of your own: a CSV file with a header, one row a time step, numeric columns
    #[arg(long, value_name = "FILE", conflicts_with = "parquet")]
    pub csv: Option<PathBuf>,

    /// A series of your own: a Parquet file, one row a time step, numeric columns
    #[arg(long, value_name = "FILE")]
    pub parquet: Option<PathBuf>,

    /// What separates the values of --csv [default: a comma]
    #[arg(long, value_name = "CHARACTER", value_parser = sig_data::delimiter, requires = "csv")]
    pub delimiter: Option<char>,

    /// The column of the file to forecast
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,

    /// The column of the file that tells the time and is left out [default: the first, if it is
    /// called date, time or the like or is not numeric; in Parquet, too, one whose type is a date]
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,

    /// How the columns of the file are scaled [default: median]
    #[arg(long, value_enum)]
    pub scaling: Option<Scaling>,

    /// Rows that the rolling median is over [default: 336, two weeks of hours]
    #[arg(long, value_name = "ROWS")]
    pub median_rows: Option<usize>,

    /// Trains nothing: writes what a trained model forecasts from every row of --csv or --parquet,
    /// the last included, as CSV. MODEL is the name of a model in the artifacts folder, with --seed
    /// one of its seeds, or a folder with its files, such as artifacts/sigkan/sigdense/seed-42. The
    /// file needs --length rows and, if the model was trained with --scaling median, before them
    /// --median-rows + --horizon − 1 more
    #[arg(long, value_name = "MODEL", conflicts_with_all = [
        "model", "compare", "preset", "task", "target", "scaling", "median_rows", "length",
        "horizon", "depth", "epochs", "batch_size", "resume",
    ])]
    pub predict: Option<PathBuf>,

    /// Where the forecasts of --predict go [default: the standard output]
    #[arg(long, value_name = "FILE", requires = "predict")]
    pub output: Option<PathBuf>,

    /// Where the results go
    #[arg(long, value_name = "DIR", default_value = "artifacts/sigkan")]
    pub artifacts: PathBuf,

    /// Goes on with the study in the artifacts folder, from its last complete epoch
    #[arg(long)]
    pub resume: bool,
}
