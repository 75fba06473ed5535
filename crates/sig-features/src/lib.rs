//! Signatures and log-signatures of a CSV or Parquet file of any size, in bounded memory and on all
//! cores, as Parquet. [`run`] is the whole of it; `cargo run --release --example features` is its
//! command line.
//!
//! # The data
//!
//! - The file has a row a point and a column a channel. Rows that stand together and have the same
//!   value in the column `--group` are one path; without it the whole file is.
//! - Rows of a group must stand together: where an id comes back after another one, the run ends with
//!   the number of that row. The ids of the first two million paths are watched for this.
//! - Every path, or every window of it, gives a row of features. A window is a path of its own: it is
//!   cut out first and transformed then. So `time` runs from 0 to 1 over the window, a basepoint
//!   stands in front of it, and nothing depends on what came before. A path too short for its
//!   windows, or of a single point, gives no row and is counted.
//! - The column `--time` holds numbers that do not fall within a path. It becomes the last channel,
//!   counted from the first point of the window.
//! - Sliding windows need memory for a window only; whole paths, expanding and dyadic windows need
//!   it for a path, which may have eight million numbers.
//!
//! # The output
//!
//! A folder with `part-00000.parquet` and so on. The columns are the id, under the name of the
//! `--group` column and as text; `start` and `end`, the points of the window within the path, from 0
//! and half-open; `row`, the number of the last of them in the file, from 1; with `--time`,
//! `start_time` and `end_time`; then the features, named by [words or
//! brackets](sig_core::logsignatures::LogSignatureBasis::labels) such as `(0,1)`. Which channel each letter is, is
//! in `_features.json` beside them and in each file's own metadata, `channels`. `_bad_rows.csv` lists
//! the rows that `--skip-bad-rows` left out. Names that begin with `_` are passed over by those who
//! read a folder of Parquet.
//!
//! # Kills
//!
//! A part is renamed to its name when all of it is on the disk, and `_features.json` then says how
//! far the job is. So after a kill at any moment `--resume` goes on from the last whole part, and the
//! folder has the same files, byte for byte, as an uninterrupted run would have left on any number
//! of threads.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod batch;
mod compute;
mod consumer;
mod error;
mod input;
mod job;
mod memory;
mod output;
mod paths;
mod progress;
mod run;
mod seen;

pub use args::FeatureArgs;
pub use error::Error;
pub use run::{Summary, run};
