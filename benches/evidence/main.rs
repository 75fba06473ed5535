//! The evidence behind the defaults of `SigDense` and `SigKan` and the recipes of the guide: models
//! trained on open data sets, each with several seeds, as a Markdown table. The data sets come with
//! Python packages, which need not be installed:
//!
//! ```sh
//! pip download --no-deps aeon statsmodels vega_datasets
//! for wheel in *.whl; do unzip -q -o -d data "$wheel"; done
//! cargo bench --bench evidence -- --data data sigdense
//! cargo bench --bench evidence -- --data data sigkan
//! cargo bench --bench evidence -- --data data recipes
//! ```

mod data;
mod features;
#[path = "../harness/mod.rs"]
#[allow(dead_code, reason = "nothing is timed here")]
mod harness;
mod model;
mod train;
mod variants;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use burn::tensor::Device;
use clap::Parser;

use variants::Comparison;

/// Trains variants of a model on open data sets and prints a table of scores: R² of forecasts,
/// accuracy of classes, each the mean over the seeds.
#[derive(Parser)]
#[command(name = "evidence")]
struct Args {
    /// The comparison to make
    #[arg(value_enum)]
    comparison: Comparison,
    /// Folder with the data sets, at any depth
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Only data sets whose names contain one of these, as in daphnet,leaf
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these columns, as in default,reference
    #[arg(long, value_delimiter = ',')]
    variants: Vec<String>,
    /// Seeds of initial weights and batch order
    #[arg(long, value_delimiter = ',', default_value = "1,2,3")]
    seeds: Vec<u64>,
    /// Training steps of 32 series each
    #[arg(long, default_value_t = 300, value_parser = harness::positive)]
    steps: usize,
    /// Depth of the signature in SigDense and SigKan
    #[arg(long, default_value_t = 3, value_parser = harness::positive)]
    depth: usize,
    /// Decoupled weight decay of AdamW
    #[arg(long, default_value_t = 0.1)]
    weight_decay: f32,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long, value_parser = harness::positive)]
    threads: Option<usize>,
    /// Passed by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Training makes and drops many tensors.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    harness::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), String> {
    harness::limit_threads(args.threads)?;
    let (start, device) = (Instant::now(), Device::default().autodiff());
    let tasks = data::tasks(&args.data, &args.only, &device)?;
    let mut variants = args.comparison.variants();
    let chosen = |name: &str| args.variants.iter().any(|chosen| chosen == name);
    variants.retain(|(name, _)| args.variants.is_empty() || chosen(name));
    let names: Vec<&str> = variants.iter().map(|(name, _)| *name).collect();
    println!("| | {} |", names.join(" | "));
    println!("|---|{}", "---|".repeat(names.len()));
    let mut sums = vec![0.0; names.len()];
    for task in &tasks {
        print!("| {} |", task.name);
        for ((_, variant), sum) in variants.iter().zip(&mut sums) {
            let task = variant.task(task, &device);
            let scores = args.seeds.iter().map(|&seed| {
                device.seed(seed);
                let model = variant.model(args.depth, &task, &device);
                train::train(model, &task, seed, args.steps, args.weight_decay)
            });
            let scores: Vec<f64> = scores.collect();
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            *sum += mean / tasks.len() as f64;
            print!(" {mean:.3} |");
            std::io::stdout()
                .flush()
                .map_err(|error| error.to_string())?;
        }
        println!();
    }
    let means: Vec<String> = sums.iter().map(|mean| format!("{mean:.3}")).collect();
    println!("| mean | {} |", means.join(" | "));
    eprintln!("{:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
