//! The folder of results, in which every file is either complete or absent.

pub(crate) use sig_data::{Folder as Artifacts, write};

/// Whether a file of this name was being written when its process ended.
pub(crate) fn is_unfinished(name: &str) -> bool {
    // Burn's are called `model.bpk.123-0.tmp`.
    let record = name.contains(".bpk.") && name.ends_with(".tmp");
    record || sig_data::is_unfinished(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_left_unfinished_is_removed() {
        let root = tempfile::tempdir().unwrap();
        for name in [".unfinished-x", "model.bpk.9-0.tmp", "other"] {
            std::fs::write(root.path().join(name), "").unwrap();
        }
        let artifacts = Artifacts::existing(root.path());
        artifacts.remove_all(is_unfinished).unwrap();
        assert_eq!(artifacts.names().unwrap(), ["other"]);
    }
}
