//! Work in parts that write to disjoint stretches of memory, on the threads of rayon's pool.

use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Multiply-adds of vectors below which one thread does it sooner than it could wake another.
const WORTH_A_THREAD: usize = 20_000;

/// How often a thread looks whether the others have ended before it sleeps until they have: for some
/// ten microseconds.
const LOOKS: usize = 1000;

/// Calls `work` for every part with its index. Each thread makes its own scratch.
///
/// The calling thread does not wait for the pool but takes parts as the pool's threads do, which
/// come to it when they have woken up: what they would take to do it all alone is often not much
/// longer than that. It takes them from the first on and the others from the last, so that of two
/// threads each has neighbours in its cache.
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
    let next = |end: End| {
        let mut parts = parts.lock().expect("no thread panics with the lock");
        match end {
            End::First => parts.next(),
            End::Last => parts.next_back(),
        }
    };
    let take_parts = |end| {
        let mut own = None;
        while let Some((index, part)) = next(end) {
            work(own.get_or_insert_with(&scratch), index, part);
        }
    };
    if threads <= 1 {
        return take_parts(End::First);
    }
    let busy = AtomicUsize::new(threads - 1);
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                take_parts(End::Last);
                busy.fetch_sub(1, Relaxed);
            });
        }
        take_parts(End::First);
        // The others end at nearly the same time, mostly sooner than this thread would fall asleep
        // and be woken.
        let mut looks = 0..LOOKS;
        while busy.load(Relaxed) > 0 && looks.next().is_some() {
            hint::spin_loop();
        }
    });
}

/// Where a thread takes its parts from.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
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
