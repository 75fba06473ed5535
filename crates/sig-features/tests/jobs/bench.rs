//! A job on a file of paths of different lengths.

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sig_features::{FeatureArgs, Summary, run};
use tempfile::TempDir;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,
}

/// A file of paths of different lengths, and what is in it.
pub(crate) struct Bench {
    pub(crate) paths: Vec<Vec<[f64; 3]>>,
    root: TempDir,
}

impl Bench {
    pub(crate) fn new(paths: usize, seed: u64) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut random = StdRng::seed_from_u64(seed);
        let path = |_| {
            let points = random.random_range(1..40);
            let mut time = 0.0;
            let point = |_| {
                time += random.random_range(0.0..2.0);
                [
                    random.random_range(-1.0..1.0),
                    random.random_range(-1.0..1.0),
                    time,
                ]
            };
            (0..points).map(point).collect()
        };
        let paths: Vec<Vec<[f64; 3]>> = (0..paths).map(path).collect();
        let mut text = String::from("when,id,a,b\n");
        for (id, path) in paths.iter().enumerate() {
            for [a, b, time] in path {
                text += &format!("{time},\"path {id}\",{a},{b}\n");
            }
        }
        fs::write(root.path().join("in.csv"), text).unwrap();
        Self { root, paths }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn options(&self, to: &str, more: &[&str]) -> Vec<String> {
        let input = self.path("in.csv").display().to_string();
        let output = self.path(to).display().to_string();
        let base = ["features", &input, "--output", &output];
        base.iter().chain(more).map(ToString::to_string).collect()
    }

    pub(crate) fn run(&self, to: &str, more: &[&str]) -> Result<Summary, String> {
        run_options(&self.options(to, more))
    }
}

pub(crate) fn run_options(options: &[String]) -> Result<Summary, String> {
    let cli = Cli::try_parse_from(options).map_err(|error| error.to_string())?;
    run(&cli.job).map_err(|error| error.to_string())
}
