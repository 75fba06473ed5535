//! What is checked when a layer is made.

/// Panics, in the name of a layer, if a size is 0.
#[track_caller]
pub(crate) fn assert_positive<const N: usize>(layer: &str, sizes: [(&str, usize); N]) {
    for (name, size) in sizes {
        assert!(size > 0, "{layer}: {name} must be at least 1, got 0");
    }
}
