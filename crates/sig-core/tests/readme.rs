//! The table of features in the README: each tick of ours names a test that exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of all test functions below a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after
                    .split("fn ")
                    .nth(1)
                    .and_then(|rest| rest.split('(').next());
                found.extend(name.map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_tick_names_tests_that_exist() {
    let mut found = BTreeSet::new();
    tests(&root().join("crates"), &mut found);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("## Beside other libraries").nth(1);
    let section = section
        .expect("the README has the table")
        .split("\n## ")
        .next()
        .unwrap();
    let rows = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1);
    let mut ticks = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 10, "{row}");
        if cells[1] != "✓" {
            continue;
        }
        ticks += 1;
        let names: Vec<&str> = cells[9].split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named: {row}");
        for name in names {
            let exists = match name.ends_with(".json") {
                true => root().join("testdata").join(name).exists(),
                false => found.contains(name),
            };
            assert!(exists, "there is no test {name}: {row}");
        }
    }
    assert!(ticks >= 20, "{ticks} rows");
}
