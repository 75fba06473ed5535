//! A job from its options to its folder.

use std::io::{Write, stderr};
use std::time::Duration;

use sig_data::{CsvOptions, Format, Rows, Source};

use crate::args::FeatureArgs;
use crate::consumer::Consumer;
use crate::error::Error;
use crate::job::Job;
use crate::output::{Input, Output, State};
use crate::progress::Progress;
use crate::summary::Summary;

/// Does a job, or what is left of it.
///
/// # Errors
///
/// Says what is wrong with the options, the input, by row where there is one, or the folder. What has
/// been written stays, and [`resume`](FeatureArgs::resume) goes on from it.
pub fn run(args: &FeatureArgs) -> Result<Summary, Error> {
    if args.threads == Some(0) {
        return Err(Error::Usage("--threads 0: at least one is needed".into()));
    }
    // 0 is one per core.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0));
    let pool = pool.build();
    let pool = pool.map_err(|error| Error::Usage(format!("--threads: {error}")))?;
    pool.install(|| job(args))
}

/// The rows of the input with the columns that a job reads, to be timed without the job.
///
/// # Errors
///
/// Says what is wrong with the options or the input.
pub fn rows(args: &FeatureArgs) -> Result<Rows, Error> {
    Ok(open(args)?.1)
}

fn open(args: &FeatureArgs) -> Result<(Job, Rows), Error> {
    let options = args.file.csv(CsvOptions::default());
    let source = Source::open(&args.input, Format::of(&args.input)?, options)?;
    let job = Job::new(args, &source)?;
    let columns = job.columns(&source)?;
    let (time, group) = (columns.clock.as_slice(), &columns.labels[..]);
    let uses = [
        ("channels", &columns.numbers[..]),
        ("time", time),
        ("group", group),
    ];
    // Nobody to tell is no reason to stop.
    let _ = writeln!(stderr(), "{}", source.describe(&uses));
    let rows = source.select(columns);
    let rows = rows.map_err(|error| error.help("--columns chooses others"))?;
    Ok((job, rows))
}

fn job(args: &FeatureArgs) -> Result<Summary, Error> {
    let input = Input::of(&args.input)?;
    let (job, mut rows) = open(args)?;
    let output = Output::open(&args.output, State::new(job, input), args.resume)?;
    if output.state.complete {
        output.tidy()?;
        return Ok(Summary::new(&output.state, 0, Duration::ZERO));
    }
    let start = output.state.position;
    rows.seek(start)?;
    let mut progress = Progress::new(output.state.input.bytes, start.bytes);
    let mut consumer = Consumer::new(args, output);
    consume(&mut rows, &mut consumer, &mut progress)?;
    let state = consumer.state();
    let bytes = state.bytes_done.saturating_sub(start.bytes);
    Ok(Summary::new(state, bytes, progress.finish()))
}

/// While some chunks become features, the next ones are read and parsed.
fn consume(
    rows: &mut Rows,
    consumer: &mut Consumer<'_>,
    progress: &mut Progress,
) -> Result<(), Error> {
    // Chunks that are parsed side by side.
    let count = (4 * rayon::current_num_threads()).clamp(8, 32);
    let mut chunks = rows.chunks(count)?;
    while !chunks.is_empty() {
        let work = || {
            chunks.iter().try_for_each(|chunk| {
                consumer.push(chunk)?;
                progress.add(chunk.end.bytes - chunk.start.bytes, consumer.state().rows);
                Ok::<_, Error>(())
            })
        };
        let (done, next) = rayon::join(work, || rows.chunks(count));
        // What is wrong with these rows comes before what is wrong with the next.
        done?;
        chunks = next?;
    }
    consumer.finish()
}
