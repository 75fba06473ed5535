//! Times signatures of any shape and, with `--suite`, the standard workloads, in the same units as
//! `benches/peers` does other libraries:
//!
//! ```sh
//! cargo bench --bench compare -- --suite --threads 1
//! cargo bench --bench compare -- --suite --threads 1 --pass backprop
//! cargo bench --bench compare -- --suite --roofline 35.6,936,82    # a model of the CubeCL kernels
//! cargo bench --bench compare -- --op stream --batch 128 --length 100 --channels 5 --depth 4
//! cargo bench --bench compare -- --op windows --window 32 --hop 4 --batch 128 --length 100
//! ```

mod args;
mod machine;
mod measure;
mod memory;
mod report;
mod roofline;
mod workload;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use measure::measure;
use report::{Row, Table};

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    args.check()?;
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build_global().map_err(|error| error.to_string())?;
    }
    if let Some(gpu) = args.roofline {
        roofline::print(args, gpu);
        return Ok(());
    }
    let device = args.device()?;
    let mut table = Table::new(machine::peak(args.dtype));
    for workload in args.workloads() {
        for pass in args.passes() {
            let problem = workload.problem(args, pass, &device)?;
            let times = measure(args.seconds, || problem.run());
            table.add(Row::new(args, &workload, pass, times));
        }
    }
    match &args.json {
        Some(file) => table.write(file),
        None => Ok(()),
    }
}
