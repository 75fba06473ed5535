//! Work on the threads of rayon's pool, in items that write to memory of their own.

use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Multiply-adds of vectors below which one thread does it sooner than it could wake another.
const WORTH_A_THREAD: usize = 20_000;

/// How often a thread looks whether the others have ended before it sleeps until they have: for
/// some ten microseconds.
const LOOKS: usize = 1000;

/// Calls `work` for every item with its index. Each thread makes its own scratch.
///
/// The calling thread does not wait for the pool but takes items as the pool's threads do, which
/// come to it when they have woken up: what they would take to do it all alone is often not much
/// longer than that. It takes them from the first on and the others from the last, so that of two
/// threads each has neighbours in its cache.
pub(super) fn each<P: Send, X>(
    items: Vec<P>,
    cost: usize,
    scratch: impl Fn() -> X + Sync,
    work: impl Fn(&mut X, usize, P) + Sync,
) {
    let threads = if cost < WORTH_A_THREAD {
        1
    } else {
        rayon::current_num_threads().min(items.len())
    };
    let items = Mutex::new(items.into_iter().enumerate());
    let next = |end: End| {
        let mut items = items.lock().expect("no thread panics with the lock");
        match end {
            End::First => items.next(),
            End::Last => items.next_back(),
        }
    };
    let take_items = |end| {
        let mut own = None;
        while let Some((index, item)) = next(end) {
            work(own.get_or_insert_with(&scratch), index, item);
        }
    };
    if threads <= 1 {
        return take_items(End::First);
    }
    let busy = AtomicUsize::new(threads - 1);
    rayon::in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                take_items(End::Last);
                busy.fetch_sub(1, Relaxed);
            });
        }
        take_items(End::First);
        // The others end at nearly the same time, mostly sooner than this thread would fall asleep
        // and be woken.
        let mut looks = 0..LOOKS;
        while busy.load(Relaxed) > 0 && looks.next().is_some() {
            hint::spin_loop();
        }
    });
}

/// The end that a thread takes its items from.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}
