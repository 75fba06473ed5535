//! What a job has left in its folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

/// The rows of all parts of a folder.
pub(crate) fn rows(folder: &Path) -> Vec<Row> {
    let parts = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut parts: Vec<_> = parts
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect();
    parts.sort();
    let rows = |part: &PathBuf| {
        let file = SerializedFileReader::new(fs::File::open(part).unwrap()).unwrap();
        file.get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    parts.iter().flat_map(rows).collect()
}

pub(crate) fn text(row: &Row, name: &str) -> String {
    let field = row
        .get_column_iter()
        .find(|(column, _)| *column == name)
        .unwrap()
        .1;
    match field {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The features of a row, which follow the column `last`.
pub(crate) fn features(row: &Row, last: &str) -> Vec<f64> {
    let columns = row
        .get_column_iter()
        .skip_while(|(name, _)| *name != last)
        .skip(1);
    let number = |field: &Field| match field {
        Field::Double(number) => *number,
        Field::Float(number) => f64::from(*number),
        other => panic!("{other} is no number"),
    };
    columns.map(|(_, field)| number(field)).collect()
}

/// All files of a folder but the state, which knows when the input was made.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = |path: PathBuf| {
        (
            path.file_name().unwrap().to_string_lossy().into(),
            fs::read(&path).unwrap(),
        )
    };
    entries.map(file).collect()
}
