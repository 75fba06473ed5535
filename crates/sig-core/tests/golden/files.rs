//! Finding and reading the files.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// A case as it stands in a file.
pub(crate) struct RawCase {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) fields: Map<String, Value>,
}

/// Every case of every folder, and what is wrong with files that cannot be read.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) cases: Vec<RawCase>,
    pub(crate) problems: Vec<(String, String)>,
}

/// Reads the workspace's `testdata` and the folder named by `SIG_TESTDATA`, if set.
pub(crate) fn read() -> Read {
    let mut read = Read::default();
    // Where the workspace is not, tests that were carried there have the folder beside them.
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata"));
    let own = if own.is_dir() {
        own
    } else {
        Path::new("testdata")
    };
    read.folder(own, "testdata");
    if let Some(folder) = std::env::var_os("SIG_TESTDATA") {
        // Cargo runs tests in the folder of the crate; a path is meant from that of the workspace.
        let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        read.folder(&workspace.join(folder), "SIG_TESTDATA");
    }
    read
}

impl Read {
    fn folder(&mut self, folder: &Path, label: &str) {
        let before = self.cases.len() + self.problems.len();
        match json_files(folder) {
            Ok(files) => files.iter().for_each(|file| self.file(file, label)),
            Err(error) => self.problem(label, format!("{}: {error}", folder.display())),
        }
        if self.cases.len() + self.problems.len() == before {
            let message = format!("{}: the folder has no .json file", folder.display());
            self.problem(label, message);
        }
    }

    fn file(&mut self, file: &Path, label: &str) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = match label {
            "testdata" => name.into_owned(),
            label => format!("{label}/{name}"),
        };
        match cases(file) {
            Ok(cases) if cases.is_empty() => {
                self.problem(&name, format!("{name}: the list \"cases\" is empty"));
            }
            Ok(cases) => self
                .cases
                .extend(cases.into_iter().enumerate().map(|(i, fields)| {
                    let case = fields.get("name").and_then(Value::as_str);
                    RawCase {
                        file: name.clone(),
                        name: case.map_or_else(|| format!("case {i}"), str::to_owned),
                        fields,
                    }
                })),
            Err(message) => self.problem(&name, format!("{name}: {message}")),
        }
    }

    fn problem(&mut self, place: &str, message: String) {
        self.problems.push((place.to_owned(), message));
    }
}

fn json_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn cases(file: &Path) -> Result<Vec<Map<String, Value>>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = value.get("cases").ok_or("no field \"cases\" at the top")?;
    let list = list.as_array().ok_or("\"cases\" is not a list")?;
    let object = |(i, case): (usize, &Value)| match case.as_object() {
        Some(fields) => Ok(fields.clone()),
        None => Err(format!("case {i} is not an object")),
    };
    list.iter().enumerate().map(object).collect()
}
