//! Signatures and log-signatures of a CSV, Parquet or `.ts` file of any size, in bounded memory and on
//! all cores, as Parquet. [`run`] is the whole of it; `cargo run --release -p sig-features` is its
//! command line.
//!
//! # The data
//!
//! - Each row is one point, each column one channel; consecutive rows with the same values in the
//!   columns `--group` form one path. Without `--group` the whole file is one path, but in a `.ts` file
//!   of the UEA and UCR archives, each series, whose class goes along.
//! - All rows of a path must be consecutive: an id that comes back after another one ends the run, with
//!   the number of that row. This is checked for the first two million paths.
//! - Every path, or every window of it, gives one row of features. A window is cut out first and
//!   transformed then: `time` runs from 0 to 1 over the window, a basepoint stands in front of it, and
//!   nothing depends on the points before it. A path that is too short for its windows, or has a
//!   single point, gives no row and is counted.
//! - The column `--time` holds numbers that do not decrease within a path. It becomes the last channel,
//!   counted from the first point of the window.
//! - Sliding windows need memory for one window only; whole paths, expanding and dyadic windows need
//!   it for one path, of at most eight million numbers.
//!
//! # The output
//!
//! A folder with `part-00000.parquet` and so on. The columns are the ids, under the names of the
//! `--group` columns and as text; `start` and `end`, the points of the window within the path, from 0
//! and half-open; `row`, the number of its last row in the file, from 1; with `--time`,
//! `start_time` and `end_time`; then the features, named by [words or
//! brackets](sig_core::logsignatures::LogSignatureBasis::labels) such as `(0,1)`. `_features.json`
//! beside them, and the metadata `channels` of each file, say which channel each letter is.
//! `_bad_rows.csv` lists the rows that `--skip-bad-rows` left out. Programs that read a folder of
//! Parquet pass over names that begin with `_`.
//!
//! # Kills
//!
//! A part gets its name when all of it is on the disk, and `_features.json` then says how far the job
//! is. After a kill at any moment `--resume` goes on from the last whole part and leaves the same
//! files, byte for byte, as an uninterrupted run on any number of threads.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod compute;
mod consumer;
mod error;
mod job;
mod output;
mod paths;
mod progress;
mod run;
mod seen;
mod summary;

pub use args::FeatureArgs;
pub use error::Error;
pub use run::{rows, run};
/// An error of a file that is read or written.
#[doc(inline)]
pub use sig_data::Error as FileError;
pub use summary::Summary;
