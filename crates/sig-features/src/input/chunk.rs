/// Which columns of a file are read.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The numbers of a point, in order.
    pub(crate) numbers: Vec<usize>,
    /// The id.
    pub(crate) group: Option<usize>,
    /// All columns of the file.
    pub(crate) names: Vec<String>,
    /// Whether numbers may be missing, NaN.
    pub(crate) missing: bool,
}

/// A stretch of rows.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Where it starts, as [`Source::start`](super::Source::start) takes it.
    pub(crate) offset: u64,
    /// How much of the file it is.
    pub(crate) bytes: u64,
    /// All rows, and lines where the file has any.
    pub(crate) rows: u64,
    pub(crate) lines: u64,
    /// The good rows: `[rows, numbers]`, which row of the chunk each is, and their ids, one a run.
    pub(crate) values: Vec<f64>,
    pub(crate) indices: Vec<u32>,
    pub(crate) runs: Vec<Run>,
    /// The other rows.
    pub(crate) bad: Vec<Bad>,
}

/// Good rows with the same id.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: Box<str>,
    pub(crate) rows: usize,
}

/// A row that cannot be read.
#[derive(Debug)]
pub(crate) struct Bad {
    /// Which row of the chunk it is.
    pub(crate) index: u32,
    /// Which line of the chunk it starts in, in a file of lines.
    pub(crate) line: Option<u64>,
    pub(crate) reason: String,
}

impl Chunk {
    /// Adds the id of a good row.
    pub(super) fn push_id(&mut self, id: &str) {
        match self.runs.last_mut() {
            Some(run) if *run.id == *id => run.rows += 1,
            _ => self.runs.push(Run {
                id: id.into(),
                rows: 1,
            }),
        }
    }
}
