use clap::Args;

use crate::{CsvOptions, decimal, delimiter};

/// The options of a file that the programs share.
#[derive(Args, Clone, Debug, Default)]
pub struct FileArgs {
    /// Columns of ids: rows with the same ids are a path or a series of their own [default: the whole
    /// file is one; in a .ts file each series]
    #[arg(
        help_heading = "File",
        long,
        value_name = "COLUMNS",
        value_delimiter = ','
    )]
    pub group: Vec<String>,

    /// The columns that are channels, in this order [default: all of numbers but --group, --time and an
    /// index]
    #[arg(
        help_heading = "File",
        long,
        value_name = "COLUMNS",
        value_delimiter = ','
    )]
    pub columns: Vec<String>,

    /// Columns that are no channels
    #[arg(
        help_heading = "File",
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        conflicts_with = "columns"
    )]
    pub drop: Vec<String>,

    /// Separator of the values of a CSV file [default: a comma]
    #[arg(help_heading = "File", long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<char>,

    /// Character before the decimals of a number in a CSV file [default: a point]
    #[arg(help_heading = "File", long, value_name = "CHARACTER", value_parser = decimal)]
    pub decimal: Option<char>,

    /// The CSV file has no header: its columns are called 1, 2, …
    #[arg(help_heading = "File", long)]
    pub no_header: bool,
}

impl FileArgs {
    /// How a CSV file is written; what is not given is as in `before`.
    pub fn csv(&self, before: CsvOptions) -> CsvOptions {
        CsvOptions {
            delimiter: self.delimiter.unwrap_or(before.delimiter),
            decimal: self.decimal.unwrap_or(before.decimal),
            header: before.header && !self.no_header,
        }
    }
}
