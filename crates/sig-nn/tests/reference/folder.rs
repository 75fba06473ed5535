//! Cases of a format in `testdata` and in the folder that `SIG_TESTDATA` names.

use std::io::Write;
use std::path::Path;

use burn::tensor::{DType, Device};
use serde_json::Value;

use super::layers::computes_f64;
use super::weights::cases;

/// Every case with a field, of a file of `testdata` and of all files of the folder that `SIG_TESTDATA`
/// names. How many the folder has is told past the capture of the test runner.
pub(crate) fn all_cases(file: &str, field: &str) -> Vec<Value> {
    let mut all = cases(file);
    assert!(all.iter().all(|case| case.get(field).is_some()), "{file}");
    if let Some(folder) = std::env::var_os("SIG_TESTDATA") {
        // Cargo runs tests in the folder of the crate; a path is meant from that of the workspace.
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(folder);
        let found = of_folder(&folder, field);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let line = format!(
            "reference: SIG_TESTDATA {name}: read {} cases of the format of {file}\n",
            found.len()
        );
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        all.extend(found);
    }
    all
}

fn of_folder(folder: &Path, field: &str) -> Vec<Value> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("SIG_TESTDATA: {}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    assert!(
        !files.is_empty(),
        "SIG_TESTDATA: {} has no .json file",
        folder.display()
    );
    let mut found = Vec::new();
    for file in files {
        let cases = read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        found.extend(cases.into_iter().filter(|case| case.get(field).is_some()));
    }
    found
}

fn read(file: &Path) -> Result<Vec<Value>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let cases = value["cases"].as_array().ok_or("no list \"cases\"")?;
    Ok(cases.clone())
}

/// The dtypes of a device, with how closely values and gradients are met.
pub(crate) fn precisions(device: &Device) -> Vec<(DType, f64)> {
    let mut precisions = vec![(DType::F32, 1e-5)];
    if computes_f64(device) {
        precisions.push((DType::F64, 1e-11));
    }
    precisions
}

/// A whole number of a case.
pub(crate) fn count(case: &Value, field: &str) -> usize {
    let count = case[field].as_u64();
    count.unwrap_or_else(|| panic!("{}: no number {field}", case["name"])) as usize
}

/// A word of a case.
pub(crate) fn word<'a>(case: &'a Value, field: &str) -> &'a str {
    let word = case[field].as_str();
    word.unwrap_or_else(|| panic!("{}: no word {field}", case["name"]))
}
