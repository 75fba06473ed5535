//! Times signatures of any shape and, with `--suite`, the standard workloads, in the same units as
//! `benches/peers` does other libraries:
//!
//! ```sh
//! cargo bench --bench compare -- --suite --threads 1
//! cargo bench --bench compare -- --suite --threads 1 --pass backprop
//! cargo bench --bench compare -- --op stream --batch 128 --length 100 --channels 5 --depth 4
//! cargo bench --bench compare -- --op kernel --solver series:6 --batch 64 --length 64 --channels 3
//! cargo bench --bench compare -- --op windows --window 32 --hop 4 --batch 128 --length 100
//! ```

mod args;
#[path = "../harness/mod.rs"]
mod harness;
mod kernel;
mod machine;
mod memory;
mod problem;
mod report;
#[path = "../workloads/mod.rs"]
mod workloads;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Op};
use kernel::Kernel;
use problem::Problem;
use report::{Row, Table};

fn main() -> ExitCode {
    harness::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), String> {
    args.check()?;
    harness::limit_threads(args.threads)?;
    let device = harness::open(args.device.as_deref())?;
    let mut table = Table::new(machine::peak(args.dtype), args.json.clone());
    for (workload, shape) in args.workloads() {
        for pass in args.passes() {
            if args.op == Op::Kernel {
                let kernel = Kernel::new(args, pass, &device)?;
                let (times, peak_mib) = kernel.measured(args.seconds);
                let error = Some(kernel.error());
                let row = Row::new(args, &workload, shape, pass, times, peak_mib);
                table.add(row.with_error(error))?;
                continue;
            }
            let problem = Problem::new(args, shape, pass, &device)?;
            let peak_mib = memory::peak_mib(|| (0..3).for_each(|_| problem.run()));
            let times = harness::Times::of(
                || problem.run(),
                |runs, taken| runs < 7 || (taken.as_secs_f64() < args.seconds && runs < 2000),
            );
            table.add(Row::new(args, &workload, shape, pass, times, peak_mib))?;
        }
    }
    Ok(())
}
