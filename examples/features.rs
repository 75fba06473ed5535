//! Signatures of a CSV or Parquet file of any size: `cargo run --release --example features -- --help`.

use std::process::ExitCode;

use burn_sig::features::{FeatureArgs, run};
use clap::Parser;

/// Writes the signatures or log-signatures of the paths in a CSV or Parquet file, or of windows of
/// them, as Parquet.
#[derive(Parser)]
#[command(name = "features", version)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.job) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
