use std::fmt;
use std::time::Duration;

use crate::output::State;
use crate::progress::MIB;

/// What a job has done.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Paths of the input.
    pub paths: u64,
    /// Those without a row of features, as they are too short.
    pub short_paths: u64,
    /// Rows of features.
    pub rows: u64,
    /// Features of a row.
    pub features: usize,
    /// Parquet files.
    pub parts: usize,
    /// Rows of the input that were left out.
    pub bad_rows: u64,
    /// Bytes that this run has read.
    pub bytes: u64,
    /// How long that took.
    pub time: Duration,
    /// The most memory that the process has had in MiB, where the system tells it.
    pub peak_mib: Option<u64>,
}

impl Summary {
    pub(crate) fn new(state: &State, bytes: u64, time: Duration) -> Self {
        Self {
            paths: state.paths,
            short_paths: state.short_paths,
            rows: state.rows,
            features: state.job.labels().len(),
            parts: state.parts,
            bad_rows: state.bad_rows,
            bytes,
            time,
            peak_mib: peak_mib(),
        }
    }
}

/// The peak of the resident set, which Linux tells.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib.div_ceil(1024))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            paths,
            short_paths,
            rows,
            features,
            parts,
            bad_rows,
            ..
        } = self;
        write!(
            f,
            "{rows} rows of {features} features from {paths} paths in {parts} files"
        )?;
        if *short_paths > 0 {
            write!(f, "\n{short_paths} paths are too short and have no row")?;
        }
        if *bad_rows > 0 {
            write!(f, "\n{bad_rows} bad rows left out, listed in _bad_rows.csv")?;
        }
        let mib = self.bytes as f64 / MIB;
        let seconds = self.time.as_secs_f64();
        let rate = mib / seconds.max(1e-9);
        write!(f, "\n{mib:.0} MiB in {seconds:.1} s, {rate:.0} MiB/s")?;
        match self.peak_mib {
            Some(mib) => write!(f, "\nmost memory {mib} MiB"),
            None => Ok(()),
        }
    }
}
