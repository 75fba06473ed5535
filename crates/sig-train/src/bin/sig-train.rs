//! Trains and compares forecasting models: `cargo run --release -p sig-train -- --help`.

use std::process::ExitCode;

use clap::Parser;
use sig_train::{Error, StudyArgs, run, stop_on_ctrl_c, warn_if_unoptimised};

/// Training creates and frees many large tensors.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains signature models and baselines on a time series, and writes scores, plots and the trained
/// weights to a folder.
#[derive(Parser)]
#[command(name = "sig-train", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    study: StudyArgs,
}

const EXAMPLES: &str = "\
Examples:
  sig-train                                          SigDense, MLP, linear and naive, synthetic data
  sig-train --model sigkan,gru --seeds 1,2,3         mean and spread over three seeds
  sig-train --csv volumes.csv --target BTC           your own series; one row per time step
  sig-train --predict sigdense --csv new.csv         forecasts of a trained model
  sig-train --resume                                 continue after Ctrl-C";

fn main() -> ExitCode {
    let cli = Cli::parse();
    warn_if_unoptimised();
    match stop_on_ctrl_c().and_then(|()| run(&cli.study)) {
        Ok(_) => ExitCode::SUCCESS,
        Err(stopped @ Error::Stopped { .. }) => {
            eprintln!("{stopped}");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
