//! Windows that are computed together.

use std::ops::Range;
use std::sync::Arc;

/// A window of a path.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) id: Arc<str>,
    /// Its points within the path.
    pub(crate) points: Range<u64>,
    /// The number of the row of its last point.
    pub(crate) row: u64,
    /// The times of its first and its last point, if there are any.
    pub(crate) times: Option<(f64, f64)>,
}

/// Windows with their points.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) windows: Vec<Window>,
    /// `[points, numbers]`, window after window.
    pub(crate) values: Vec<f64>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.windows.clear();
        self.values.clear();
    }
}
