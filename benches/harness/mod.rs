//! The harness of benches that are timed beside other libraries, as `benches/peers` times those: a
//! number of threads, a device by its name, and the median and the best of many runs.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use burn_sig::NamedDevice;
use serde::Serialize;

/// How a bench ends: a message on stderr if something is wrong.
pub(crate) fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The threads of the CPU backends, all cores if not given.
pub(crate) fn limit_threads(threads: Option<usize>) -> Result<(), String> {
    let Some(threads) = threads else {
        return Ok(());
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build_global().map_err(|error| error.to_string())
}

/// The device of a name, or the best one.
pub(crate) fn open(name: Option<&str>) -> Result<Device, String> {
    let found = NamedDevice::open(name).map_err(|error| error.to_string())?;
    Ok(found.device)
}

/// A number of the command line that is not 0.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be a whole number from 1 on".into()),
        Ok(number) => Ok(number),
    }
}

/// What many runs took.
pub(crate) struct Times {
    pub(crate) median_ms: f64,
    pub(crate) min_ms: f64,
    pub(crate) runs: usize,
}

impl Times {
    /// Runs `work` as long as `more`, told the runs so far and the time they took, asks for it.
    pub(crate) fn of(mut work: impl FnMut(), more: impl Fn(usize, Duration) -> bool) -> Self {
        let mut times = Vec::new();
        let all = Instant::now();
        while more(times.len(), all.elapsed()) {
            let start = Instant::now();
            work();
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        Self {
            median_ms: times[times.len() / 2],
            min_ms: times[0],
            runs: times.len(),
        }
    }
}

/// Measurements, in a JSON file if there is one. It is written with each of them, so a bench that is
/// stopped leaves what it had.
pub(crate) struct Rows<R> {
    file: Option<PathBuf>,
    rows: Vec<R>,
}

impl<R: Serialize> Rows<R> {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        let rows = Vec::new();
        Self { file, rows }
    }

    pub(crate) fn add(&mut self, row: R) -> Result<(), String> {
        self.rows.push(row);
        let Some(file) = &self.file else {
            return Ok(());
        };
        let json = serde_json::to_string_pretty(&self.rows).expect("plain data becomes JSON");
        fs::write(file, json).map_err(|error| format!("{}: {error}", file.display()))
    }
}
