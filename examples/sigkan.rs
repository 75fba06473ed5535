//! A forecasting study with signature models: `cargo run --release --example sigkan -- --help`.

use std::process::ExitCode;

use burn_sig::train::{StudyArgs, run};
use clap::Parser;

/// Trains a signature model and its baselines on a series, and writes scores, plots and the trained
/// weights to a folder.
#[derive(Parser)]
#[command(name = "sigkan", version)]
struct Cli {
    #[command(flatten)]
    study: StudyArgs,
}

fn main() -> ExitCode {
    match run(&Cli::parse().study) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
