//! From rows to paths, and from paths to their windows.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sig_core::windows::Windows;
use sig_data::{Clock, since};

/// Numbers of a path that are kept at most: 64 MiB.
const MOST: usize = 8 << 20;

/// A path as far as it has been read. Its state is that without its points, which are read again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Path {
    #[serde(with = "shared_text")]
    id: Arc<str>,
    /// Points that no window needs any more, and where the next sliding window starts.
    dropped: u64,
    next: u64,
    last_time: Option<Clock>,
    /// The other points, `[points, numbers]`, and their rows.
    #[serde(skip)]
    values: Vec<f64>,
    #[serde(skip)]
    rows: VecDeque<u64>,
}

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

impl Path {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// The path before the points that it keeps were pushed.
    pub(crate) fn without_points(&self) -> Self {
        Self {
            id: self.id.clone(),
            dropped: self.dropped,
            next: self.next,
            last_time: self.last_time.filter(|_| self.rows.is_empty()),
            ..Self::default()
        }
    }

    /// Whether it may have been left by a job, whose paths have fewer points than `most`.
    pub(crate) fn is_sound(&self, most: u64) -> bool {
        self.dropped <= self.next && self.next < most
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The row of the first point that is kept.
    pub(crate) fn first_row(&self) -> Option<u64> {
        self.rows.front().copied()
    }

    fn len(&self) -> u64 {
        self.dropped + self.rows.len() as u64
    }

    /// Adds a point, the last numbers of which are its time if paths are `timed`.
    ///
    /// # Errors
    ///
    /// Refuses a point whose time is before that of the point before it.
    pub(crate) fn push(&mut self, point: &[f64], row: u64, timed: bool) -> Result<(), String> {
        let time = timed.then(|| clock(point)).filter(|time| !time[0].is_nan());
        if let (Some(last), Some(time)) = (self.last_time, time)
            && since(time, last) < 0.0
        {
            let [time, last] = [time, last].map(|time| time[0] + time[1]);
            let reason = format!("the time {time} is before {last}, that of the point before");
            return Err(reason);
        }
        self.last_time = time.or(self.last_time);
        self.values.extend_from_slice(point);
        self.rows.push_back(row);
        Ok(())
    }

    /// The row of the first point that is one too many to keep.
    pub(crate) fn too_long(&self, width: usize) -> Option<u64> {
        self.rows.get(MOST / width).copied()
    }

    /// The next sliding window, if all its points are there. No point before it is needed any more.
    pub(crate) fn slide(&mut self, window: usize, hop: usize) -> Option<Range<u64>> {
        let range = self.next..self.next + window as u64;
        if range.end > self.len() {
            return None;
        }
        self.next += hop as u64;
        Some(range)
    }

    /// Lets go of the points before the next sliding window.
    pub(crate) fn trim(&mut self, width: usize) {
        let gone = (self.next.min(self.len()) - self.dropped) as usize;
        self.values.drain(..gone * width);
        self.rows.drain(..gone);
        self.dropped += gone as u64;
    }

    /// The windows of the path now that it is complete, sliding ones aside.
    pub(crate) fn windows(&self, windows: Option<&Windows>) -> Vec<Range<u64>> {
        let length = self.len() as usize;
        let windows = windows.unwrap_or(&Windows::Dyadic { levels: 0 });
        let enough = match windows {
            Windows::Expanding { first, .. } => length >= *first,
            Windows::Dyadic { levels } => length > 1 << levels,
            _ => false,
        };
        let ranges = enough.then(|| windows.ranges(length)).into_iter().flatten();
        let points = |range: Range<usize>| range.start as u64..range.end as u64;
        ranges.map(points).collect()
    }

    /// Whether there has been a sliding window.
    pub(crate) fn has_slid(&self) -> bool {
        self.next > 0
    }

    /// A window and its points.
    pub(crate) fn window(&self, points: Range<u64>, width: usize, timed: bool) -> (Window, &[f64]) {
        let kept = (points.start - self.dropped) as usize..(points.end - self.dropped) as usize;
        let values = &self.values[kept.start * width..kept.end * width];
        let window = Window {
            id: self.id.clone(),
            row: self.rows[kept.end - 1],
            times: timed.then(|| {
                let ends = [&values[..width], values].map(clock);
                let [start, end] = ends.map(|time| time[0] + time[1]);
                (start, end)
            }),
            points,
        };
        (window, values)
    }
}

/// The time of the last of some points.
pub(crate) fn clock(points: &[f64]) -> Clock {
    *points.last_chunk().expect("a point ends with its time")
}

/// Serde's own way to share needs a feature that would be turned on for every crate.
mod shared_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
}
