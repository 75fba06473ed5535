//! Rows of files, read a chunk at a time and parsed on all cores.

mod chunk;
mod csv;
mod field;
mod parquet;
mod shared;
mod source;
mod table;
mod time;

pub use chunk::{Chunk, Columns, Position, Run};
pub use csv::{CsvOptions, decimal, delimiter};
pub use source::{Format, Rows, Source};
pub use table::Table;
pub use time::{Clock, since};
