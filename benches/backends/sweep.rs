//! Sizes from small to large, until a backend refuses one or takes too long.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use burn_sig::signatures::SignatureMethod;

use crate::harness::Times;
use crate::subject::Subject;
use crate::workloads::Shape;

/// Batch, length, channels, depth: each sweep changes one of them.
pub(crate) const BASE: Shape = [64, 100, 3, 4];

/// The size that a sweep changes: its name and its place in a shape.
pub(crate) const AXES: [(&str, usize); 3] = [("batch", 0), ("length", 1), ("depth", 3)];

/// All of `--quick`, its start and the report included, takes less than two minutes.
const QUICK: Duration = Duration::from_secs(100);

/// A backend and a method.
pub(crate) struct Series {
    pub(crate) device: Device,
    pub(crate) method: SignatureMethod,
    pub(crate) name: String,
}

/// What a run takes, or why there is no number.
pub(crate) type Measured = Result<Times, String>;

/// A subject at one shape, by each series in their order.
pub(crate) struct Row {
    pub(crate) subject: Subject,
    pub(crate) shape: Shape,
    pub(crate) times: Vec<Measured>,
}

/// Everything that was timed.
pub(crate) struct Sweeps {
    plan: Plan,
    pub(crate) series: Vec<Series>,
    pub(crate) rows: Vec<Row>,
}

/// The sizes of each axis and how long they may take.
pub(crate) struct Plan {
    sizes: [&'static [usize]; 3],
    /// Each shape is run this long.
    seconds: f64,
    /// Sizes beyond one that takes longer for one run are left out.
    slowest: f64,
    /// All of it ends after this time.
    within: Option<Duration>,
}

impl Plan {
    /// The ranges of keras_sig's paper.
    pub(crate) fn full(slowest: Option<f64>) -> Self {
        Self {
            sizes: [
                &[1, 4, 16, 64, 256, 1024],
                &[10, 50, 100, 500, 1000, 5000],
                &[1, 2, 3, 4, 5, 6, 7],
            ],
            seconds: 0.2,
            slowest: slowest.unwrap_or(2.0),
            within: None,
        }
    }

    pub(crate) fn quick(slowest: Option<f64>) -> Self {
        Self {
            sizes: [&[1, 64, 1024], &[10, 100, 1000], &[2, 4, 6]],
            seconds: 0.03,
            slowest: slowest.unwrap_or(0.5),
            within: Some(QUICK),
        }
    }
}

impl Sweeps {
    pub(crate) fn new(plan: Plan, series: Vec<Series>) -> Self {
        let rows = Vec::new();
        Self { plan, series, rows }
    }

    /// Times all series, one after the other.
    pub(crate) fn run(mut self) -> Self {
        let end = self.plan.within.map(|all| Instant::now() + all);
        // What panics is told in the report.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let parts = self.series.len() * Subject::ALL.len();
        for number in 0..self.series.len() {
            eprintln!("{}", self.series[number].name);
            for (index, subject) in Subject::ALL.into_iter().enumerate() {
                // Each has an equal part of the time that is left.
                let left = parts - number * Subject::ALL.len() - index;
                let now = Instant::now();
                let end = end.map(|end| now + end.saturating_duration_since(now) / left as u32);
                for axis in 0..AXES.len() {
                    self.sweep(number, subject, axis, end);
                }
            }
        }
        panic::set_hook(hook);
        self
    }

    fn sweep(&mut self, series: usize, subject: Subject, axis: usize, end: Option<Instant>) {
        let (name, place) = AXES[axis];
        let mut too_slow = None;
        for &size in self.plan.sizes[axis] {
            let mut shape = BASE;
            shape[place] = size;
            let row = self.row(subject, shape);
            // The base is in every sweep.
            if self.rows[row].times.len() == series {
                let time = match &too_slow {
                    Some(reason) => Err(String::clone(reason)),
                    None => self.measure(series, subject, shape, end),
                };
                self.rows[row].times.push(time);
            }
            let time = &self.rows[row].times[series];
            if let Ok(Times { min_ms, .. }) = time
                && *min_ms > self.plan.slowest * 1e3
            {
                too_slow = Some(format!(
                    "takes {:.2} s at {name} {size} already",
                    min_ms / 1e3
                ));
            }
        }
    }

    /// The place of a row, which is made if there is none.
    fn row(&mut self, subject: Subject, shape: Shape) -> usize {
        let same = |row: &Row| row.subject == subject && row.shape == shape;
        self.rows.iter().position(same).unwrap_or_else(|| {
            let times = Vec::new();
            let row = Row {
                subject,
                shape,
                times,
            };
            self.rows.push(row);
            self.rows.len() - 1
        })
    }

    fn measure(
        &self,
        series: usize,
        subject: Subject,
        shape: Shape,
        end: Option<Instant>,
    ) -> Measured {
        if end.is_some_and(|end| Instant::now() > end) {
            return Err("the time of --quick was over".into());
        }
        let timed = || {
            let mut run = subject.prepare(shape, &self.series[series]);
            run(); // allocates and, on GPUs, compiles
            Times::of(run, |runs, taken| {
                runs == 0 || (taken.as_secs_f64() < self.plan.seconds && runs < 1000)
            })
        };
        catch_unwind(AssertUnwindSafe(timed)).map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            let line = text.and_then(|text| text.lines().next());
            format!("refused: {}", line.unwrap_or("a panic without a message"))
        })
    }

    /// The points of a series in a sweep.
    pub(crate) fn points(&self, series: usize, subject: Subject, axis: usize) -> Vec<(f64, f64)> {
        let place = AXES[axis].1;
        let point = |&size: &usize| {
            let mut shape = BASE;
            shape[place] = size;
            let same = |row: &&Row| row.subject == subject && row.shape == shape;
            let row = self.rows.iter().find(same)?;
            let time = row.times[series].as_ref().ok()?;
            Some((size as f64, time.median_ms))
        };
        self.plan.sizes[axis].iter().filter_map(point).collect()
    }

    pub(crate) fn sizes(&self, axis: usize) -> &'static [usize] {
        self.plan.sizes[axis]
    }
}
