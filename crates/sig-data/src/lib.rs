//! Files of numbers, for the programs of burn-sig: CSV and Parquet read in chunks, and folders whose
//! files are either complete or absent. No tensors.
//!
//! ```text
//! Source::open   names of the columns        Source::column, time_column and channels find some
//!   .select      Columns: what is read       numbers, and one column of text
//!   Rows         .chunks: for large files    .table: for files that fit into memory
//! ```
//!
//! Whatever is wrong is an [`Error`]: one line with the file and, where there are any, the row, the
//! line, the column and the flag that helps.

mod difference;
mod error;
mod folder;
mod input;

pub use difference::{Difference, difference};
pub use error::{Error, Problem};
pub use folder::{Folder, is_unfinished, write};
pub use input::{
    Chunk, Clock, Columns, CsvOptions, Format, Position, Rows, Run, Source, Table, decimal,
    delimiter, since,
};
