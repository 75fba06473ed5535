//! How long a job takes beside reading and parsing its file alone:
//! `cargo bench -p sig-features --bench parsing -- walks.csv --group id --columns a,b`, with the
//! options of the features program.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use sig_features::{Error, FeatureArgs, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,

    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let Cli { job, .. } = Cli::parse();
    match parse(&job).and_then(|parsing| Ok((parsing, run(&job)?))) {
        Ok((parsing, summary)) => {
            let (parsing, all) = (parsing.as_secs_f64(), summary.time.as_secs_f64());
            println!("{summary}");
            println!(
                "reading and parsing alone {parsing:.1} s; the job took {:.2} times that",
                all / parsing
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads and parses the columns of a job, on all cores.
fn parse(job: &FeatureArgs) -> Result<Duration, Error> {
    let mut rows = sig_features::rows(job)?;
    let started = Instant::now();
    // As many at once as a job has.
    let count = (4 * rayon::current_num_threads()).clamp(8, 32);
    while !rows.chunks(count)?.is_empty() {}
    Ok(started.elapsed())
}
