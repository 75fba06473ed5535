//! From chunks of rows to rows of features.

use std::collections::VecDeque;
use std::ops::Range;

use sig_core::windows::Windows;
use sig_data::{Chunk, Position, Problem, shown};

use crate::args::FeatureArgs;
use crate::compute::{Batch, features};
use crate::error::Error;
use crate::output::{Output, State};
use crate::paths::Path;

/// Numbers of the points of a batch at most, and of its features: 8 MiB each.
const BATCH: usize = 1 << 20;

/// Everything between the rows and the folder. It takes chunks in order, and all that it does
/// depends on them alone.
pub(crate) struct Consumer<'a> {
    args: &'a FeatureArgs,
    output: Output,
    path: Option<Path>,
    batch: Batch,
    /// Where chunks start, from that of the first row that is kept on, and where the last one ends.
    starts: VecDeque<Position>,
    end: Position,
}

impl<'a> Consumer<'a> {
    pub(crate) fn new(args: &'a FeatureArgs, output: Output) -> Self {
        Self {
            args,
            path: output.state.path.clone(),
            batch: Batch::default(),
            starts: VecDeque::new(),
            end: output.state.position,
            output,
        }
    }

    pub(crate) fn state(&self) -> &State {
        &self.output.state
    }

    /// The rows that come next in the file.
    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), Error> {
        self.starts.push_back(chunk.start);
        self.end = chunk.end;
        for bad in &chunk.bad {
            self.bad_row(bad)?;
        }
        let width = self.state().job.width();
        let mut at = 0;
        for run in &chunk.runs {
            let rows = &chunk.rows[at..at + run.rows];
            let values = &chunk.values[at * width..(at + run.rows) * width];
            at += run.rows;
            // What an earlier process has done with and let go of.
            let gone = rows.partition_point(|&row| row < self.state().first_row);
            if gone < rows.len() {
                self.points(&run.label, &values[gone * width..], &rows[gone..])?;
            }
        }
        if let Some(path) = &mut self.path {
            path.trim(width);
        }
        let state = self.state();
        let most = state.job.part_mib << 20;
        // What is read again was not done in vain: it makes no part earlier.
        let bytes = self.end.bytes.saturating_sub(state.bytes_done);
        let full = bytes >= most || self.output.part_bytes() >= most;
        if full && self.end.rows > state.last_row {
            self.commit(false)?;
        }
        Ok(())
    }

    /// The end of the file.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let state = self.state();
        if state.paths == 0 && state.bad_rows > 0 {
            let reason = format!("none of the {} rows can be read", state.bad_rows);
            let error = sig_data::Error::data(&self.args.input, reason);
            return Err(error
                .help("--columns chooses the columns that are read")
                .into());
        }
        self.end_path()?;
        self.commit(true)?;
        self.output.tidy()
    }

    /// Rows with the same id.
    fn points(&mut self, id: &str, values: &[f64], rows: &[u64]) -> Result<(), Error> {
        if self.path.as_ref().is_none_or(|path| path.id() != id) {
            self.end_path()?;
            self.begin_path(id, rows[0])?;
        }
        let mut path = self.path.take().expect("a path has begun");
        let job = &self.state().job;
        let (width, timed) = (job.width(), job.time.is_some());
        let windows = job.windows.clone();
        for (point, &row) in values.chunks_exact(width).zip(rows) {
            if let Err(reason) = path.push(point, row, timed) {
                self.bad_row(&Problem {
                    row: Some(row),
                    column: self.state().job.time.clone(),
                    ..reason.into()
                })?;
            }
        }
        if let Some(row) = path.too_long(width) {
            let what = match id {
                "" => "the path".into(),
                _ => format!("the path `{}`", shown(id)),
            };
            let reason = format!(
                "{what} has more numbers than are kept in memory, 64 MiB; --window cuts it into \
                 windows, --group into paths"
            );
            return Err(self.wrong(row, reason));
        }
        if let Some(Windows::Sliding { window, hop }) = windows {
            while let Some(range) = path.slide(window, hop) {
                self.window(&path, range)?;
            }
        }
        self.path = Some(path);
        Ok(())
    }

    fn begin_path(&mut self, id: &str, row: u64) -> Result<(), Error> {
        if !self.output.seen.insert(id) {
            let (id, group) = (shown(id), self.state().job.group.join("`, `"));
            let reason = format!(
                "`{id}` comes back after other paths; the rows of a path must stand together, so sort \
                 the file by `{group}`"
            );
            return Err(self.wrong(row, reason));
        }
        self.output.state.paths += 1;
        self.path = Some(Path::new(id));
        Ok(())
    }

    fn end_path(&mut self) -> Result<(), Error> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        let windows = path.windows(self.state().job.windows.as_ref());
        if windows.is_empty() && !path.has_slid() {
            self.output.state.short_paths += 1;
        }
        windows
            .into_iter()
            .try_for_each(|range| self.window(&path, range))
    }

    fn window(&mut self, path: &Path, points: Range<u64>) -> Result<(), Error> {
        let job = &self.output.state.job;
        let (window, values) = path.window(points, job.width(), job.time.is_some());
        self.batch.windows.push(window);
        self.batch.values.extend_from_slice(values);
        let features = self.batch.windows.len() * self.output.schema.features;
        if self.batch.values.len() >= BATCH || features >= BATCH {
            self.compute()?;
        }
        Ok(())
    }

    fn compute(&mut self) -> Result<(), Error> {
        if self.batch.windows.is_empty() {
            return Ok(());
        }
        let (job, terms) = (&self.state().job, self.output.schema.features);
        let features = features(job, &self.batch, terms);
        if let Some(at) = features.iter().position(|feature| !feature.is_finite()) {
            let bits = if job.f32 { 32 } else { 64 };
            let reason = format!(
                "the features of the points up to here are too large for numbers of {bits} bits; \
                 --transform scale=FACTOR makes the data smaller"
            );
            return Err(self.wrong(self.batch.windows[at / terms].row, reason));
        }
        self.output.write(&self.batch.windows, &features)?;
        self.batch.windows.clear();
        self.batch.values.clear();
        Ok(())
    }

    /// Makes sure of all that has been done.
    fn commit(&mut self, complete: bool) -> Result<(), Error> {
        self.compute()?;
        let first_row = self.path.as_ref().and_then(Path::first_row);
        let first_row = first_row.unwrap_or(self.end.rows + 1);
        while self.starts.get(1).is_some_and(|next| next.rows < first_row) {
            self.starts.pop_front();
        }
        let state = &mut self.output.state;
        state.position = self.starts.front().copied().unwrap_or(state.position);
        (state.first_row, state.last_row) = (first_row, self.end.rows);
        state.bytes_done = self.end.bytes;
        state.path = self.path.as_ref().map(Path::without_points);
        state.complete = complete;
        self.output.commit()
    }

    /// Lists a bad row, or stops at it.
    fn bad_row(&mut self, problem: &Problem) -> Result<(), Error> {
        if problem.row.is_some_and(|row| row <= self.state().last_row) {
            return Ok(());
        }
        if self.args.skip_bad_rows {
            return self.output.bad_row(problem);
        }
        let error = sig_data::Error::data(&self.args.input, problem.clone());
        let help = "--skip-bad-rows leaves such rows out, --columns or --drop such columns, \
                    --transform fill=0 fills missing values";
        Err(error.help(help).into())
    }

    fn wrong(&self, row: u64, reason: String) -> Error {
        let problem = Problem {
            row: Some(row),
            ..reason.into()
        };
        sig_data::Error::data(&self.args.input, problem).into()
    }
}
