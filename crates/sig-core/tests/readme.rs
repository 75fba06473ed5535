//! README and guide: each ✓ of ours in the table of features names a test that exists, and links
//! between files lead somewhere.

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
    let guide = fs::read_to_string(root().join("docs/src/other-libraries.md")).unwrap();
    let section = guide.split("## Features compared").nth(1);
    let section = section
        .expect("the chapter has the table")
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

/// The anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.replace(' ', "-");
    kept.chars()
        .filter(|&c| c == '-' || c == '_' || c.is_alphanumeric())
        .collect()
}

#[test]
fn links_between_files_lead_somewhere() {
    let chapters = fs::read_dir(root().join("docs/src")).unwrap();
    let chapters = chapters.map(|entry| entry.unwrap().path());
    let pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    let mut links = 0;
    for page in pages.into_iter().chain(chapters) {
        let text = fs::read_to_string(&page).unwrap();
        for after in text.split("](").skip(1) {
            let link = after.split(')').next().unwrap();
            if link.starts_with("http") || link.contains(' ') {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            // The guide is also a book, which has its own chapters alone.
            let in_book = page.parent().unwrap().ends_with("docs/src");
            assert!(
                !in_book || !path.contains('/'),
                "{}: {link}",
                page.display()
            );
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line) == heading);
                assert!(found, "{}: {link}", page.display());
            }
            links += 1;
        }
    }
    assert!(links >= 40, "{links} links");
}
