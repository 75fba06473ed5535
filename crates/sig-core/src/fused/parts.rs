//! Work in parts that write to disjoint stretches of memory, on the threads of rayon's pool.

use rayon::prelude::*;

/// Multiply-adds of vectors below which one thread does it sooner than it could wake another.
const WORTH_A_THREAD: usize = 20_000;

/// Calls `work` for every part with its index. Each thread makes its own scratch.
pub(super) fn each<P: Send, X>(
    parts: Vec<P>,
    cost: usize,
    scratch: impl Fn() -> X + Sync + Send,
    work: impl Fn(&mut X, usize, P) + Sync + Send,
) {
    if parts.len() < 2 || cost < WORTH_A_THREAD || rayon::current_num_threads() == 1 {
        let mut scratch = scratch();
        for (index, part) in parts.into_iter().enumerate() {
            work(&mut scratch, index, part);
        }
        return;
    }
    parts
        .into_par_iter()
        .enumerate()
        .for_each_init(scratch, |scratch, (index, part)| work(scratch, index, part));
}

/// A slice cut at each of `ends`, ascending.
pub(super) fn cut<T>(mut slice: &mut [T], ends: impl Iterator<Item = usize>) -> Vec<&mut [T]> {
    let mut start = 0;
    let mut parts = Vec::new();
    for end in ends {
        let (part, rest) = slice.split_at_mut(end - start);
        parts.push(part);
        slice = rest;
        start = end;
    }
    parts
}
