//! The table of `benches/peers/compare.py`, from its JSON.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// A measurement of one library.
#[derive(Deserialize)]
pub(crate) struct PeerRow {
    pub(crate) peer: String,
    pub(crate) workload: String,
    pub(crate) shape: [usize; 4],
    pub(crate) pass: String,
    pub(crate) median_ms: f64,
}

/// The measurements of all libraries.
pub(crate) struct Peers(Vec<PeerRow>);

impl Peers {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let told = |error: String| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
        let rows: Vec<PeerRow> =
            serde_json::from_str(&text).map_err(|error| told(error.to_string()))?;
        match rows.is_empty() {
            true => Err(told("no rows".into())),
            false => Ok(Self(rows)),
        }
    }

    /// A header, then one line per workload and pass with the time of each library.
    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let mut names: Vec<&str> = Vec::new();
        let mut cases: Vec<(&str, [usize; 4], &str)> = Vec::new();
        for row in &self.0 {
            let case = (row.workload.as_str(), row.shape, row.pass.as_str());
            if !names.contains(&row.peer.as_str()) {
                names.push(&row.peer);
            }
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        let header = ["workload", "batch, length, channels, depth", "pass"];
        let header = header.into_iter().chain(names.iter().copied());
        let lines = cases.iter().map(|&(workload, shape, pass)| {
            let time = |name: &&str| {
                let same = |row: &&PeerRow| {
                    row.peer == *name && row.workload == workload && row.pass == pass
                };
                let row = self.0.iter().find(same);
                row.map_or("–".into(), |row| format!("{:.3}", row.median_ms))
            };
            let shape = shape.map(|size| size.to_string()).join(", ");
            let head = [workload.to_string(), shape, pass.to_string()];
            head.into_iter().chain(names.iter().map(time)).collect()
        });
        let header = header.map(String::from).collect();
        std::iter::once(header).chain(lines).collect()
    }
}
