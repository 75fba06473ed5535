//! Rows of different lengths: where each ends, in windows and in outputs.

use std::ops::Range;

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use sig_core::windows::Windows;

/// The windows that each row of a ragged batch has when it is alone, as windows of the whole batch.
pub(crate) struct RaggedWindows {
    /// Windows of the batch, all those of the rows among them.
    pub(crate) windows: Windows,
    /// Which of them each row has.
    chosen: Vec<Vec<usize>>,
}

impl RaggedWindows {
    /// # Panics
    ///
    /// Panics as [`Windows::ranges`] if a row is too short for its windows.
    #[track_caller]
    pub(crate) fn new(windows: &Windows, lengths: &[usize]) -> Self {
        let mut rows = Vec::new();
        for &points in lengths {
            rows.push(windows.ranges(points));
        }
        if matches!(windows, Windows::Dyadic { .. }) {
            return Self::of_each_row(&rows);
        }
        // A longer row has the windows of a shorter one, and then more; where its last one is
        // longer, the shorter row rests within it.
        let first = |row: &Vec<Range<usize>>| (0..row.len()).collect();
        Self {
            windows: windows.clone(),
            chosen: rows.iter().map(first).collect(),
        }
    }

    /// Rows that have windows of their own.
    pub(crate) fn of_each_row(rows: &[Vec<Range<usize>>]) -> Self {
        let mut all: Vec<(usize, usize)> = rows.iter().flatten().map(ends).collect();
        all.sort_unstable();
        all.dedup();
        let place = |range: &Range<usize>| all.binary_search(&ends(range)).expect("is one of all");
        let places = |row: &Vec<Range<usize>>| row.iter().map(&place).collect();
        let chosen = rows.iter().map(places).collect();
        let windows = all.into_iter().map(|(start, end)| start..end);
        Self {
            windows: Windows::Intervals(windows.collect()),
            chosen,
        }
    }

    /// From the results of all windows of the batch, `[batch, all, n]`, those of each row, zeros
    /// behind its last, and how many it has.
    pub(crate) fn of_rows(&self, all: Tensor<3>) -> (Tensor<3>, Vec<usize>) {
        let [batch, count, terms] = all.dims();
        let counts: Vec<usize> = self.chosen.iter().map(Vec::len).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        if batch * most == 0 {
            let empty = Tensor::zeros([batch, most, terms], (&all.device(), all.dtype()));
            return (empty, counts);
        }
        let mut rows = Vec::with_capacity(batch * most);
        for (row, chosen) in self.chosen.iter().enumerate() {
            let padding = std::iter::repeat(&0);
            let windows = chosen.iter().chain(padding).take(most);
            rows.extend(windows.map(|window| row * count + window));
        }
        let rows = places(rows, &all.device());
        let windows = all.reshape([batch * count, terms]).select(0, rows);
        (
            zero_after(windows.reshape([batch, most, terms]), &counts),
            counts,
        )
    }
}

fn ends(range: &Range<usize>) -> (usize, usize) {
    (range.start, range.end)
}

/// Rows with zeros from their lengths on, whatever was there.
pub(crate) fn zero_after(rows: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
    let [batch, length, width] = rows.dims();
    if lengths.iter().all(|&points| points == length) {
        return rows;
    }
    let row = |&points: &usize| (0..length).map(move |t| t >= points);
    let after: Vec<bool> = lengths.iter().flat_map(row).collect();
    let after = TensorData::new(after, [batch, length, 1]);
    let after = Tensor::<3, Bool>::from_data(after, &rows.device());
    rows.mask_fill(after.expand([batch, length, width]), 0)
}

/// Places along an axis, on a device.
pub(crate) fn places(places: Vec<usize>, device: &Device) -> Tensor<1, Int> {
    let count = places.len();
    let places: Vec<i64> = places.into_iter().map(|place| place as i64).collect();
    Tensor::from_data(TensorData::new(places, [count]), device)
}

/// The mean of the first `lengths[row]` entries of each row, whatever is behind them:
/// `[batch, width]`.
pub(crate) fn mean_of_rows(rows: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
    let shares: Vec<f64> = lengths.iter().map(|&length| 1.0 / length as f64).collect();
    let shares = TensorData::new(shares, [lengths.len(), 1]).convert_dtype(rows.dtype());
    let shares = Tensor::<2>::from_data(shares, (&rows.device(), rows.dtype()));
    zero_after(rows, lengths).sum_dim(1).squeeze_dim(1) * shares
}
