//! What a call says when it panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Checks that a call panics with a message of one line that has all the parts.
#[track_caller]
pub(crate) fn assert_panics<T>(parts: &[&str], call: impl FnOnce() -> T) {
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
}
