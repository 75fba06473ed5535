//! Files of numbers, for the programs of burn-sig: CSV, Parquet and `.ts` read in chunks, and folders
//! whose files are either complete or absent. No tensors.
//!
//! ```text
//! Source::open   names of the columns        Source::column, time_column and channels find some
//!   .select      Columns: what is read       numbers, and columns of text
//!   Rows         .chunks: for large files    .table: for files that fit into memory
//! ```
//!
//! Whatever is wrong is an [`Error`]: one line with the file and, where there are any, the row, the
//! line, the column and the flag that helps.

#[cfg(feature = "clap")]
mod args;
mod difference;
mod error;
mod folder;
mod input;

#[cfg(feature = "clap")]
pub use args::FileArgs;
pub use difference::{Difference, difference};
pub use error::{Error, Problem};
pub use folder::{Folder, is_unfinished, write};
pub use input::{
    Chunk, Clock, Columns, CsvOptions, Format, Position, Rows, Run, SEPARATOR, Source, Table,
    decimal, delimiter, next_times, shown, since,
};
