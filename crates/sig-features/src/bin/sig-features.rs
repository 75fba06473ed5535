//! Signatures of a CSV or Parquet file of any size:
//! `cargo run --release -p sig-features -- --help`.

use std::process::ExitCode;

use clap::Parser;
use sig_features::{FeatureArgs, run};

/// Computes the signatures or log-signatures of the paths in a CSV, Parquet or .ts file, or of windows
/// of these paths, and writes them as Parquet files.
#[derive(Parser)]
#[command(name = "sig-features", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,
}

const EXAMPLES: &str = "\
Examples:
  sig-features walks.csv --group id --output features          one row of features per path
  sig-features prices.csv --columns bid,ask --window 100 --hop 10 --transform time,lead-lag
  sig-features walks.csv --group id --resume                   continue after a kill";

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.job) {
        Ok(summary) => {
            println!("{}: {summary}", cli.job.output.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
