//! Compares the backends that are compiled in, and the methods of each, over batch, length and
//! depth: signatures and log-signatures, forward and with the gradient, and training steps of
//! SigDense and SigKAN. Prints a table; writes `report.html` and `times.json` to `target/backends`.
//!
//! ```sh
//! cargo bench --bench backends --features ndarray,wgpu
//! cargo bench --bench backends --features ndarray,wgpu -- --quick
//! python3 benches/peers/compare.py --json peers.json
//! cargo bench --bench backends --features ndarray,wgpu -- --peers peers.json
//! ```

mod figures;
#[path = "../harness/mod.rs"]
#[allow(dead_code, reason = "other benches open one device")]
mod harness;
mod peers;
mod report;
mod subject;
mod sweep;
#[path = "../workloads/mod.rs"]
#[allow(dead_code, reason = "the shapes here are those of sweeps")]
mod workloads;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use burn_sig::NamedDevice;
use burn_sig::backend::BACKENDS;
use burn_sig::signatures::SignatureMethod;
use clap::Parser;

use harness::positive;
use peers::Peers;
use report::Report;
use sweep::{Plan, Series, Sweeps};

/// Times every backend that is compiled in, with every method, and writes target/backends/report.html.
#[derive(Parser)]
#[command(name = "backends")]
struct Args {
    /// Fewer sizes, within two minutes; what does not fit into them is left out and named
    #[arg(long)]
    quick: bool,
    /// Backends, such as flex,wgpu; all that are compiled in if not given
    #[arg(long, value_delimiter = ',')]
    device: Vec<String>,
    /// Threads of the CPU backends; all cores if not given
    #[arg(long, value_parser = positive)]
    threads: Option<usize>,
    /// Larger sizes are left out once a run takes this many seconds [default: 2, or 0.5 with --quick]
    #[arg(long, value_name = "SECONDS")]
    slowest: Option<f64>,
    /// Rows of `benches/peers/compare.py --json FILE`, for the same report
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
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
    let peers = args.peers.as_deref().map(Peers::read).transpose()?;
    let (series, absent) = open(&args.device)?;
    let plan = if args.quick {
        Plan::quick(args.slowest)
    } else {
        Plan::full(args.slowest)
    };
    let times = Sweeps::new(plan, series).run();
    let report = Report::new(&times, absent, peers, args.threads);
    print!("{}", report.text());
    let folder = Path::new("target/backends");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    write("times.json", report.json())?;
    write("report.html", report.page()?)?;
    println!("target/backends has report.html and times.json");
    Ok(())
}

/// The backends with their methods, and those that do not start, with the reason.
fn open(wanted: &[String]) -> Result<(Vec<Series>, Vec<String>), String> {
    let compiled = BACKENDS.iter().filter(|backend| backend.device.is_some());
    let mut names: Vec<&str> = compiled.map(|backend| backend.name).collect();
    if !wanted.is_empty() {
        names = wanted.iter().map(String::as_str).collect();
    }
    let (mut series, mut absent) = (Vec::new(), Vec::new());
    for name in names {
        match NamedDevice::open(Some(name)) {
            Ok(NamedDevice { name, device, .. }) => {
                let methods = [
                    ("fused", SignatureMethod::Fused),
                    ("parallel", SignatureMethod::Parallel),
                    ("sequential", SignatureMethod::Sequential),
                ];
                series.extend(methods.map(|(label, method)| Series {
                    device: device.clone(),
                    method,
                    name: format!("{name} {label}"),
                }));
            }
            Err(error) if wanted.is_empty() => absent.push(error.to_string()),
            Err(error) => return Err(error.to_string()),
        }
    }
    match series.is_empty() {
        true => Err(format!("no backend to time: {}", absent.join("; "))),
        false => Ok((series, absent)),
    }
}
