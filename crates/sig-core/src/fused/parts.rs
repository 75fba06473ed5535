//! Work in parts that write to disjoint stretches of memory, on the threads of rayon's pool.

use std::sync::Mutex;

/// Multiply-adds of vectors below which one thread does it sooner than it could wake another.
const WORTH_A_THREAD: usize = 20_000;

/// Calls `work` for every part with its index. Each thread makes its own scratch.
///
/// The calling thread does not wait for the pool but takes parts as the pool's threads do, which
/// come to it when they have woken up: what they would take to do it all alone is often not much
/// longer than that.
pub(super) fn each<P: Send, X>(
    parts: Vec<P>,
    cost: usize,
    scratch: impl Fn() -> X + Sync,
    work: impl Fn(&mut X, usize, P) + Sync,
) {
    let threads = match cost < WORTH_A_THREAD {
        true => 1,
        false => rayon::current_num_threads().min(parts.len()),
    };
    let parts = Mutex::new(parts.into_iter().enumerate());
    let next = || parts.lock().expect("no thread panics with the lock").next();
    let take_parts = || {
        let mut own = None;
        while let Some((index, part)) = next() {
            work(own.get_or_insert_with(&scratch), index, part);
        }
    };
    match threads {
        0 | 1 => take_parts(),
        _ => rayon::in_place_scope(|scope| {
            (1..threads).for_each(|_| scope.spawn(|_| take_parts()));
            take_parts();
        }),
    }
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
