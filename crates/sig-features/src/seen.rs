//! The ids of the paths so far, to find one that comes back.

use std::collections::HashSet;

use twox_hash::XxHash64;

/// Ids that are kept at most, which takes 36 MiB.
const MOST: usize = 1 << 21;

/// A set of ids, as hashes of 64 bits: of two million, two are the same by chance once in eight
/// million jobs.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hashes: HashSet<u64>,
    /// In order, those that are not yet on the disk.
    new: Vec<u64>,
}

impl Seen {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let hashes = bytes.chunks_exact(8);
        let hashes = hashes.map(|hash| u64::from_le_bytes(hash.try_into().expect("8 bytes")));
        Self {
            hashes: hashes.collect(),
            new: Vec::new(),
        }
    }

    /// Whether it has not been there before.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        let hash = XxHash64::oneshot(0, id.as_bytes());
        if self.hashes.len() >= MOST {
            return !self.hashes.contains(&hash);
        }
        let new = self.hashes.insert(hash);
        if new {
            self.new.push(hash);
        }
        new
    }

    /// What has been added since the last call, as bytes.
    pub(crate) fn take_new(&mut self) -> Vec<u8> {
        self.new.drain(..).flat_map(u64::to_le_bytes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_from_bytes() {
        let mut seen = Seen::default();
        assert!(seen.insert("a") && seen.insert("b") && !seen.insert("a"));
        let bytes = seen.take_new();
        assert_eq!(bytes.len(), 16);
        assert!(seen.take_new().is_empty());
        let mut again = Seen::from_bytes(&bytes);
        assert!(!again.insert("a") && !again.insert("b") && again.insert("c"));
        assert_eq!(again.take_new().len(), 8);
    }
}
