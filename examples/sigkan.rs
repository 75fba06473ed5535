//! A forecasting study with signature models: `cargo run --release --example sigkan -- --help`.

use std::process::ExitCode;

use burn_sig::train::{Error, StudyArgs, run, stop_on_ctrl_c};
use clap::Parser;

/// Steps of training make and drop many large tensors.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains a signature model and its baselines on a series, and writes scores, plots and the trained
/// weights to a folder.
#[derive(Parser)]
#[command(name = "sigkan", version)]
struct Cli {
    #[command(flatten)]
    study: StudyArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
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
