//! Windows that are best computed together.

use core::ops::Range;
use std::collections::BTreeMap;

/// Windows in sets: the longest of a set has less than twice the steps of the shortest, so that
/// little is lost when all of a set take as long as the longest.
pub fn similar_windows(windows: &[Range<usize>]) -> Vec<Vec<usize>> {
    let mut sets: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (window, range) in windows.iter().enumerate() {
        let steps = range.len() - 1;
        let size = steps.checked_ilog2().unwrap_or(0);
        sets.entry(size).or_default().push(window);
    }
    sets.into_values().collect()
}
