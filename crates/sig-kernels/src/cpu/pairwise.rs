//! Neighbours joined two by two, whatever order they come in.

use std::sync::Mutex;

/// Joins values of which each comes from some thread: whoever brings the second of two neighbours
/// joins them and goes on with what they make. Which are joined depends on their number alone, so
/// that the result does not depend on the threads.
pub(super) struct Pairwise<V> {
    /// For each pair of each level, from the single values up, that which came first.
    waiting: Vec<Vec<Mutex<Option<V>>>>,
}

impl<V> Pairwise<V> {
    /// For that many values.
    pub(super) fn new(count: usize) -> Self {
        let mut waiting = Vec::new();
        let mut left = count;
        while left > 1 {
            waiting.push((0..left / 2).map(|_| Mutex::new(None)).collect());
            left = left.div_ceil(2);
        }
        Self { waiting }
    }

    /// Takes the value at an index. Who brings the last one is given what all make.
    pub(super) fn put(
        &self,
        mut index: usize,
        mut value: V,
        mut join: impl FnMut(V, V) -> V,
    ) -> Option<V> {
        for pairs in &self.waiting {
            // The last of an odd number has no neighbour.
            if let Some(pair) = pairs.get(index / 2) {
                let mut waiting = pair.lock().expect("no thread panics with the lock");
                let Some(other) = waiting.take() else {
                    *waiting = Some(value);
                    return None;
                };
                drop(waiting);
                value = match index % 2 {
                    0 => join(value, other),
                    _ => join(other, value),
                };
            }
            index /= 2;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_gives_the_same_tree() {
        let join = |a: String, b: String| format!("({a}{b})");
        let expected = ["", "0", "(01)", "((01)2)", "((01)(23))", "(((01)(23))4)"];
        for (count, expected) in expected.into_iter().enumerate().skip(1) {
            for start in 0..count {
                let pairwise = Pairwise::new(count);
                // 3 is prime to each of these numbers but itself.
                let stride = if count == 3 { 1 } else { 3 };
                let order = (0..count).map(|i| (start + i * stride) % count);
                let whole: Vec<_> = order
                    .map(|index| pairwise.put(index, index.to_string(), join))
                    .collect();
                let (last, before) = whole.split_last().unwrap();
                assert!(before.iter().all(Option::is_none));
                assert_eq!(last.as_deref(), Some(expected));
            }
        }
    }
}
