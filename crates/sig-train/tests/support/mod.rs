//! Studies small enough for a test, run as the command line runs them.
#![allow(dead_code, unreachable_pub)]

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use sig_train::{StudyArgs, StudyReport, data, run};
use tempfile::TempDir;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    study: StudyArgs,
}

/// A folder with a series in `series.csv` and room for artifacts.
pub struct Bench {
    root: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let series = data::synthetic::generate(300, 1, 7);
        let mut text = format!("hour,{}\n", series.names.join(","));
        for (hour, row) in series.rows.iter().enumerate() {
            let values: Vec<_> = row.iter().map(f64::to_string).collect();
            text += &format!("h{hour},{}\n", values.join(","));
        }
        fs::write(root.path().join("series.csv"), text).unwrap();
        Self { root }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The options of a study of the series, with its artifacts in the folder `to`.
    pub fn options(&self, to: &str, more: &[&str]) -> Vec<String> {
        self.options_on("flex", to, more)
    }

    fn options_on(&self, device: &str, to: &str, more: &[&str]) -> Vec<String> {
        let csv = self.path("series.csv");
        let base = [
            "--device",
            device,
            "--length",
            "8",
            "--horizon",
            "2",
            "--target",
            "target 1",
            "--scaling",
            "standard",
        ];
        let paths = [
            "--csv".into(),
            text(&csv),
            "--artifacts".into(),
            text(&self.path(to)),
        ];
        base.map(String::from)
            .into_iter()
            .chain(paths)
            .chain(more.iter().map(|&m| m.into()))
            .collect()
    }

    /// Runs that study.
    pub fn study(&self, to: &str, more: &[&str]) -> Result<StudyReport, String> {
        run_options(&self.options(to, more))
    }

    /// Runs it on that device.
    pub fn study_on(&self, device: &str, to: &str, more: &[&str]) -> Result<StudyReport, String> {
        run_options(&self.options_on(device, to, more))
    }

    /// The message of a study that must fail, which is one line.
    pub fn failure(&self, to: &str, more: &[&str]) -> String {
        let message = self.study(to, more).expect_err("this study must fail");
        assert_eq!(message.lines().count(), 1, "{message}");
        message
    }
}

/// Runs a study with exactly these options.
pub fn run_options(options: &[impl AsRef<str>]) -> Result<StudyReport, String> {
    run_any(options).map(|report| report.expect("a study was asked for"))
}

/// Runs what exactly these options ask for, a study or a forecast.
pub fn run_any(options: &[impl AsRef<str>]) -> Result<Option<StudyReport>, String> {
    let words = ["sigkan"]
        .into_iter()
        .chain(options.iter().map(AsRef::as_ref));
    let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
    run(&cli.study).map_err(|error| error.to_string())
}

pub fn text(path: &Path) -> String {
    path.to_str().unwrap().to_string()
}

/// The files below a folder, by their path in it.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(text(path.strip_prefix(folder).unwrap()));
            }
        }
    }
    found.sort();
    found
}
