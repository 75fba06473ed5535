use std::time::Instant;

use crate::memory::peak_mib;

/// What many runs took.
pub(crate) struct Times {
    pub(crate) median_ms: f64,
    pub(crate) min_ms: f64,
    pub(crate) runs: usize,
    /// Of main memory, beyond what was held before, in MiB.
    pub(crate) peak_mib: f64,
}

/// Runs `work` three times to warm up, then for some seconds and at least 7 times.
pub(crate) fn measure(seconds: f64, work: impl Fn()) -> Times {
    let peak_mib = peak_mib(|| (0..3).for_each(|_| work()));
    let mut times = Vec::new();
    let start = Instant::now();
    while times.len() < 7 || (start.elapsed().as_secs_f64() < seconds && times.len() < 2000) {
        let start = Instant::now();
        work();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Times {
        median_ms: times[times.len() / 2],
        min_ms: times[0],
        runs: times.len(),
        peak_mib,
    }
}
