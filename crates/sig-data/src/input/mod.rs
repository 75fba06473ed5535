//! Rows of files, read a chunk at a time and parsed on all cores.

mod chunk;
mod csv;
mod encoding;
mod next;
mod number;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
mod source;
mod table;
mod time;
mod ts;

pub use chunk::{Chunk, Columns, Position, Run, SEPARATOR, shown};
pub use csv::{CsvOptions, decimal, delimiter};
pub use next::next_times;
pub use source::{Format, Rows, Source};
pub use table::Table;
pub use time::{Clock, since};
