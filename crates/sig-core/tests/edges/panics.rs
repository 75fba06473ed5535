//! What a call says when it panics, and where.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether the last panic of the thread was at a place within these crates.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Checks that a call panics with a message of one line that has all the parts, at the place of the
/// caller: not somewhere within the library.
#[track_caller]
pub(crate) fn assert_panics<T>(parts: &[&str], call: impl FnOnce() -> T) {
    watch_places();
    let Err(payload) = catch_unwind(AssertUnwindSafe(call)) else {
        panic!("no panic, expected one that says {parts:?}");
    };
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .expect("a panic has a message");
    for part in parts {
        assert!(message.contains(part), "{message:?} does not say {part:?}");
    }
    assert!(
        !message.contains('\n'),
        "{message:?} has more than one line"
    );
    assert!(
        !WITHIN.get(),
        "{message:?} points to a place within the library"
    );
}

/// Keeps the place of each panic from now on.
fn watch_places() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            let place = panic.location().map_or("", |place| place.file());
            WITHIN.set(place.contains("crates/sig-") && place.contains("/src/"));
            before(panic);
        }));
    });
}
