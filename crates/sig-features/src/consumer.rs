//! From chunks of rows to parts of features.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use parquet::errors::ParquetError;
use sig_core::windows::Windows;

use crate::batch::Batch;
use crate::compute::features;
use crate::error::Error;
use crate::input::Chunk;
use crate::output::{Folder, Part, Schema, State};
use crate::paths::{Path, Pushed};
use crate::seen::Seen;

/// Numbers of the points of a batch at most, and of its features: 8 MiB each.
const BATCH: usize = 1 << 20;

/// Where a chunk starts.
struct Start {
    /// The number of its first row.
    row: u64,
    offset: u64,
    lines_before: u64,
    bytes_before: u64,
}

/// Everything between the rows and the folder. It takes chunks in order, and all that it does
/// depends on them alone.
pub(crate) struct Consumer<'a> {
    input: &'a FilePath,
    output: PathBuf,
    skip_bad_rows: bool,
    schema: Schema,
    folder: Folder,
    pub(crate) state: State,
    seen: Seen,
    path: Option<Path>,
    batch: Batch,
    part: Option<Part>,
    part_numbers: u64,
    bad_rows: Vec<u8>,
    /// Rows, lines and bytes before the next chunk.
    rows: u64,
    lines: u64,
    bytes: u64,
    /// The chunks from that of the first row that is kept on.
    starts: VecDeque<Start>,
}

impl<'a> Consumer<'a> {
    pub(crate) fn new(
        input: &'a FilePath,
        output: &FilePath,
        skip_bad_rows: bool,
        state: State,
        (folder, ids): (Folder, &[u8]),
    ) -> Result<Self, Error> {
        Ok(Self {
            input,
            output: output.into(),
            skip_bad_rows,
            schema: Schema::new(&state.job).map_err(unwritable(output))?,
            folder,
            seen: Seen::from_bytes(ids),
            path: state.path.as_ref().map(Path::restored),
            batch: Batch::default(),
            part: None,
            part_numbers: 0,
            bad_rows: Vec::new(),
            rows: state.rows_before,
            lines: state.lines_before,
            bytes: state.bytes_before,
            starts: VecDeque::new(),
            state,
        })
    }

    /// The rows that come next in the file.
    pub(crate) fn push(&mut self, chunk: &Chunk) -> Result<(), Error> {
        let first = self.rows + 1;
        self.starts.push_back(Start {
            row: first,
            offset: chunk.offset,
            lines_before: self.lines,
            bytes_before: self.bytes,
        });
        for bad in &chunk.bad {
            let line = bad.line.map(|line| self.lines + line + 1);
            self.bad_row(first + u64::from(bad.index), line, &bad.reason)?;
        }
        let width = self.state.job.width();
        let mut at = 0;
        for run in &chunk.runs {
            let rows = at..at + run.rows;
            at = rows.end;
            // What an earlier run has done with and let go of.
            let number = |index: u32| first + u64::from(index);
            let indices = &chunk.indices[rows.clone()];
            let gone = indices.partition_point(|&index| number(index) < self.state.first_row);
            if gone < indices.len() {
                let numbers: Vec<u64> =
                    indices[gone..].iter().map(|&index| number(index)).collect();
                let values = &chunk.values[(rows.start + gone) * width..rows.end * width];
                self.points(&run.id, values, &numbers)?;
            }
        }
        if let Some(path) = &mut self.path {
            path.trim(width);
        }
        self.rows += chunk.rows;
        self.lines += chunk.lines;
        self.bytes += chunk.bytes;
        let most = self.state.job.part_mib << 20;
        // What is read again was not done in vain: it makes no part earlier.
        let bytes = self.bytes.saturating_sub(self.state.bytes_done);
        match self.rows > self.state.last_row && (bytes >= most || 8 * self.part_numbers >= most) {
            true => self.commit(false),
            false => Ok(()),
        }
    }

    /// The end of the file.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.end_path()?;
        self.commit(true)?;
        Folder::tidy(&self.output, &self.state)
    }

    /// Rows with the same id.
    fn points(&mut self, id: &str, values: &[f64], rows: &[u64]) -> Result<(), Error> {
        let job = &self.state.job;
        let (width, timed) = (job.width(), job.time.is_some());
        let sliding = match job.windows {
            Some(Windows::Sliding { window, hop }) => Some((window, hop)),
            _ => None,
        };
        if self.path.as_ref().is_none_or(|path| path.id() != id) {
            self.end_path()?;
            self.begin_path(id, rows[0])?;
        }
        let mut path = self.path.take().expect("a path has begun");
        for (point, row) in values.chunks_exact(width).zip(rows.iter().copied()) {
            match path.push(point, row, timed) {
                Pushed::Kept => {}
                Pushed::Earlier { time, last } => {
                    let name = self.state.job.time.clone().unwrap_or_default();
                    let reason = format!(
                        "column `{name}`: the time {time} is before {last}, that of the point before"
                    );
                    self.bad_row(row, None, &reason)?;
                }
                Pushed::TooLong => {
                    let what = match id {
                        "" => "the path".to_string(),
                        id => format!("the path `{id}`"),
                    };
                    return Err(self.wrong(format!(
                        "row {row}: {what} has more numbers than are kept in memory, 64 MiB; --window cuts it \
                         into windows, --group into paths"
                    )));
                }
            }
        }
        if let Some((window, hop)) = sliding {
            while let Some(range) = path.slide(window, hop) {
                self.window(&path, range)?;
            }
        }
        self.path = Some(path);
        Ok(())
    }

    fn begin_path(&mut self, id: &str, row: u64) -> Result<(), Error> {
        if !self.seen.insert(id) {
            let group = self.state.job.group.clone().unwrap_or_default();
            return Err(self.wrong(format!(
                "row {row}: `{id}` comes back after other paths; the rows of a path must stand together, \
                 so sort the file by `{group}`"
            )));
        }
        self.state.paths += 1;
        self.path = Some(Path::new(id));
        Ok(())
    }

    fn end_path(&mut self) -> Result<(), Error> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        let windows = path.windows(self.state.job.windows.as_ref());
        let sliding = matches!(self.state.job.windows, Some(Windows::Sliding { .. }));
        if windows.is_empty() && !(sliding && path.has_slid()) {
            self.state.short_paths += 1;
        }
        windows
            .into_iter()
            .try_for_each(|range| self.window(&path, range))
    }

    fn window(&mut self, path: &Path, points: Range<u64>) -> Result<(), Error> {
        let job = &self.state.job;
        let (window, values) = path.window(points, job.width(), job.time.is_some());
        self.batch.windows.push(window);
        self.batch.values.extend_from_slice(values);
        let features = self.batch.windows.len() * self.schema.features();
        match self.batch.values.len() >= BATCH || features >= BATCH {
            true => self.compute(),
            false => Ok(()),
        }
    }

    fn compute(&mut self) -> Result<(), Error> {
        if self.batch.windows.is_empty() {
            return Ok(());
        }
        let features = features(&self.state.job, &self.batch, self.schema.features());
        if let Some(at) = features.iter().position(|feature| !feature.is_finite()) {
            let window = &self.batch.windows[at / self.schema.features()];
            let bits = if self.state.job.f32 { 32 } else { 64 };
            return Err(self.wrong(format!(
                "row {}: the features of the points up to here are too large for numbers of {bits} bits; \
                 --transform scale=FACTOR makes the data smaller",
                window.row
            )));
        }
        let unwritable = unwritable(&self.output);
        if self.part.is_none() {
            let part = Part::new(self.folder.unfinished()?, &self.schema);
            self.part = Some(part.map_err(&unwritable)?);
        }
        let part = self.part.as_mut().expect("a part has begun");
        part.push(&self.schema, &self.batch.windows, &features)
            .map_err(unwritable)?;
        self.part_numbers += features.len() as u64;
        self.state.rows += self.batch.windows.len() as u64;
        self.batch.clear();
        Ok(())
    }

    /// Makes sure of all that has been done.
    fn commit(&mut self, complete: bool) -> Result<(), Error> {
        self.compute()?;
        let part = self.part.take().map(|part| part.finish(&self.schema));
        let part = part.transpose().map_err(unwritable(&self.output))?;
        let first_row = self
            .path
            .as_ref()
            .and_then(Path::first_row)
            .unwrap_or(self.rows + 1);
        while self.starts.get(1).is_some_and(|next| next.row <= first_row) {
            self.starts.pop_front();
        }
        let state = &mut self.state;
        if let Some(start) = self.starts.front() {
            state.offset = start.offset;
            state.rows_before = start.row - 1;
            state.lines_before = start.lines_before;
            state.bytes_before = start.bytes_before;
        }
        (state.first_row, state.last_row) = (first_row, self.rows);
        state.bytes_done = self.bytes;
        state.path = self.path.as_ref().map(Path::state);
        state.complete = complete;
        let sidecars = (&self.seen.take_new()[..], &self.bad_rows[..]);
        self.folder.commit(part, sidecars, state)?;
        self.bad_rows.clear();
        self.part_numbers = 0;
        Ok(())
    }

    /// Counts a bad row, or stops at it.
    fn bad_row(&mut self, row: u64, line: Option<u64>, reason: &str) -> Result<(), Error> {
        if row <= self.state.last_row {
            return Ok(());
        }
        if !self.skip_bad_rows {
            let line = line
                .map(|line| format!(" (line {line})"))
                .unwrap_or_default();
            return Err(self.wrong(format!(
                "row {row}{line}, {reason}; --skip-bad-rows leaves such rows out"
            )));
        }
        if self.state.bad_rows_bytes == 0 && self.bad_rows.is_empty() {
            self.bad_rows.extend_from_slice(b"row,line,reason\n");
        }
        let line = line.map(|line| line.to_string()).unwrap_or_default();
        let mut writer = csv::Writer::from_writer(&mut self.bad_rows);
        let written = writer
            .write_record([&row.to_string(), &line, reason])
            .map_err(std::io::Error::from);
        written
            .and_then(|()| writer.flush())
            .expect("memory can be written to");
        self.state.bad_rows += 1;
        Ok(())
    }

    fn wrong(&self, reason: String) -> Error {
        Error::data(self.input, reason)
    }
}

fn unwritable(output: &FilePath) -> impl Fn(ParquetError) -> Error {
    move |error| Error::data(output, format!("not writable as Parquet: {error}"))
}
