//! A job from its options to its folder.

use std::fmt;
use std::time::{Duration, Instant};

use crate::args::FeatureArgs;
use crate::consumer::Consumer;
use crate::error::Error;
use crate::input::{Layout, Source};
use crate::job::Job;
use crate::memory::peak_mib;
use crate::output::{Folder, Input, State};
use crate::progress::{Progress, mib};

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
    /// Bytes that were read, by this run, and how long it took.
    pub bytes: u64,
    /// See `bytes`.
    pub time: Duration,
    /// How long reading and parsing alone took, if it was to be compared.
    pub parsing: Option<Duration>,
    /// The most memory that the process has had, where the system tells.
    pub peak_mib: Option<u64>,
}

/// Does a job, or what is left of it.
///
/// # Errors
///
/// Says what is wrong with the options, the input, by row where there is one, or the folder. What has
/// been written stays, and [`resume`](FeatureArgs::resume) goes on from it.
pub fn run(args: &FeatureArgs) -> Result<Summary, Error> {
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = args.threads {
        if threads == 0 {
            return Err(Error::Usage("--threads 0: at least one is needed".into()));
        }
        pool = pool.num_threads(threads);
    }
    let pool = pool
        .build()
        .map_err(|error| Error::Usage(format!("--threads: {error}")))?;
    pool.install(|| job(args))
}

fn job(args: &FeatureArgs) -> Result<Summary, Error> {
    let input = Input::of(&args.input)?;
    let mut source = Source::open(&args.input, args.delimiter)?;
    let job = Job::new(args, source.names())?;
    let layout = job.layout(source.names())?;
    source.start(&layout, None)?;
    let new = State::new(job, input, source.header_lines());
    let found = match args.resume {
        true => Folder::state(&args.output)?,
        false => None,
    };
    let (state, folder, ids) = match found {
        Some(state) => {
            state.check(&new)?;
            if state.complete {
                Folder::tidy(&args.output, &state)?;
                return Ok(Summary::new(&state, 0, Duration::ZERO, None));
            }
            let (folder, ids) = Folder::reopen(&args.output, &state)?;
            (state, folder, ids)
        }
        None => (new, Folder::create(&args.output, args.resume)?, Vec::new()),
    };
    let parsing = match args.compare_parsing {
        true => Some(parse(&mut source, &layout, state.input.bytes)?),
        false => None,
    };
    let offset = (!state.is_new()).then_some(state.offset);
    source.start(&layout, offset)?;
    let before = state.bytes_before;
    let mut progress = Progress::new("features", state.input.bytes, before);
    let mut consumer = Consumer::new(
        &args.input,
        &args.output,
        args.skip_bad_rows,
        state,
        (folder, &ids),
    )?;
    consume(&mut source, &layout, &mut consumer, &mut progress)?;
    let state = &consumer.state;
    Ok(Summary::new(
        state,
        state.bytes_done - before,
        progress.finish(),
        parsing,
    ))
}

impl Summary {
    fn new(state: &State, bytes: u64, time: Duration, parsing: Option<Duration>) -> Self {
        Self {
            paths: state.paths,
            short_paths: state.short_paths,
            rows: state.rows,
            features: state.job.labels().len(),
            parts: state.parts,
            bad_rows: state.bad_rows,
            bytes,
            time,
            parsing,
            peak_mib: peak_mib(),
        }
    }
}

/// Chunks that are parsed side by side.
fn round() -> usize {
    (4 * rayon::current_num_threads()).clamp(8, 32)
}

/// While some chunks become features, the next ones are read and parsed.
fn consume(
    source: &mut Source,
    layout: &Layout,
    consumer: &mut Consumer<'_>,
    progress: &mut Progress,
) -> Result<(), Error> {
    let count = round();
    let mut chunks = source.next(layout, count)?;
    while !chunks.is_empty() {
        let work = || {
            chunks.iter().try_for_each(|chunk| {
                consumer.push(chunk)?;
                progress.add(chunk.bytes, consumer.state.rows);
                Ok(())
            })
        };
        let (done, next) = rayon::join(work, || source.next(layout, count));
        // What is wrong with these rows comes before what is wrong with the next.
        done?;
        chunks = next?;
    }
    consumer.finish()
}

/// How long it takes to read and parse the file and nothing else.
fn parse(source: &mut Source, layout: &Layout, total: u64) -> Result<Duration, Error> {
    let mut progress = Progress::new("parsing alone", total, 0);
    let (started, count) = (Instant::now(), round());
    loop {
        let chunks = source.next(layout, count)?;
        if chunks.is_empty() {
            break;
        }
        progress.add(chunks.iter().map(|chunk| chunk.bytes).sum(), 0);
    }
    progress.finish();
    Ok(started.elapsed())
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rows of {} features from {} paths in {} files",
            self.rows, self.features, self.paths, self.parts
        )?;
        if self.short_paths > 0 {
            write!(
                f,
                "\n{} paths are too short and have no row",
                self.short_paths
            )?;
        }
        if self.bad_rows > 0 {
            write!(
                f,
                "\n{} bad rows left out, listed in _bad_rows.csv",
                self.bad_rows
            )?;
        }
        let (seconds, mib) = (self.time.as_secs_f64(), mib(self.bytes));
        write!(
            f,
            "\n{mib:.0} MiB in {seconds:.1} s, {:.0} MiB/s",
            mib / seconds.max(1e-9)
        )?;
        if let Some(parsing) = self.parsing {
            let parsing = parsing.as_secs_f64();
            write!(
                f,
                "; reading and parsing alone {parsing:.1} s, so {:.2} times that",
                seconds / parsing
            )?;
        }
        match self.peak_mib {
            Some(mib) => write!(f, "\nmost memory {mib} MiB"),
            None => Ok(()),
        }
    }
}
