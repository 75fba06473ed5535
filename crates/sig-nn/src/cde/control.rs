//! What drives the layers: the first point of each path, and one row per window.

use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
use sig_core::backend::nothing;
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::windows::{Windows, logsignature_windows};

use crate::PathTransform;
use crate::ragged::RaggedWindows;

/// The first points `[batch, channels]`, the controls `[batch, windows, n]` with zeros behind the
/// last window of a row, and how many windows each row has if they differ.
pub(crate) struct Drive {
    pub(crate) start: Tensor<2>,
    pub(crate) controls: Tensor<3>,
    pub(crate) counts: Option<Vec<usize>>,
}

/// How a layer takes a path apart.
pub(crate) struct Cut<'a> {
    pub(crate) layer: &'static str,
    pub(crate) transforms: &'a [PathTransform],
    pub(crate) windows: &'a Windows,
    pub(crate) depth: usize,
}

impl Cut<'_> {
    /// Log-signatures of the windows, in brackets.
    #[track_caller]
    pub(crate) fn drive(&self, path: Tensor<3>) -> Drive {
        let path = PathTransform::forward_all(self.transforms, path);
        self.assert_covered(path.dims()[1]);
        Drive {
            start: first_points(&path),
            controls: self.logarithms(path, self.windows),
            counts: None,
        }
    }

    /// The same of rows of different lengths.
    #[track_caller]
    pub(crate) fn drive_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Drive {
        let (path, lengths) = PathTransform::forward_all_ragged(self.transforms, path, lengths);
        for &points in &lengths {
            self.assert_covered(points);
        }
        let rows = RaggedWindows::new(self.windows, &lengths);
        let start = first_points(&path);
        let (controls, counts) = rows.of_rows(self.logarithms(path, &rows.windows));
        Drive {
            start,
            controls,
            counts: Some(counts),
        }
    }

    /// Panics unless each window begins at the point where the one before ends, the first at the first
    /// point of a path and the last one ends at its last: else increments are lost or counted twice.
    #[track_caller]
    fn assert_covered(&self, points: usize) {
        let (layer, ranges) = (self.layer, self.windows.ranges(points));
        for (i, pair) in ranges.windows(2).enumerate() {
            let [before, window] = [&pair[0], &pair[1]];
            assert!(
                window.start + 1 == before.end,
                "{layer}: each window must begin at the last point of the window before; window {i} has \
                 the points {before:?}, window {} the points {window:?}, and must begin at point {}",
                i + 1,
                before.end - 1
            );
        }
        // Without a window nothing but the first point is seen.
        let start = ranges.first().map_or(0, |window| window.start);
        let end = ranges.last().map_or(1, |window| window.end);
        assert!(
            start == 0 && end == points,
            "{layer}: the windows must cover all points of a path, 0..{points} (axis 1, after the \
             transforms), got {start}..{end}"
        );
    }

    #[track_caller]
    fn logarithms(&self, path: Tensor<3>, windows: &Windows) -> Tensor<3> {
        logsignature_windows(path, self.depth, windows, LogSignatureBasis::Brackets)
    }
}

pub(crate) fn first_points(path: &Tensor<3>) -> Tensor<2> {
    points_at(path.clone(), 0)
}

/// The point of each row at an index, `[batch, channels]`.
pub(super) fn points_at(path: Tensor<3>, index: usize) -> Tensor<2> {
    let [batch, _, channels] = path.dims();
    if batch == 0 {
        return nothing(path, [0, channels]);
    }
    path.narrow(1, index, 1).squeeze_dim(1)
}

/// Controls one by one, `[batch, n]` each.
///
/// They are halved again and again: the gradient of each cut is as large as what was cut, so that of
/// single rows cut from all of them would grow with the square of their number.
pub(crate) fn each(controls: Tensor<3>) -> Vec<Tensor<2>> {
    fn halve(controls: Tensor<3>, range: Range<usize>, all: &mut Vec<Tensor<2>>) {
        match range.len() {
            0 => {}
            1 => all.push(controls.squeeze_dim(1)),
            length => {
                let half = length / 2;
                let part = |start, length| controls.clone().narrow(1, start, length);
                halve(part(0, half), 0..half, all);
                halve(part(half, length - half), half..length, all);
            }
        }
    }
    let (mut all, count) = (Vec::new(), controls.dims()[1]);
    halve(controls, 0..count, &mut all);
    all
}

/// States `[batch, hidden]` as `[batch, states, hidden]`.
pub(crate) fn stacked(states: Vec<Tensor<2>>) -> Tensor<3> {
    Tensor::stack(states, 1)
}

/// The states of an empty batch, in the graph of the first ones: no solver runs, since Burn's Flex
/// crashes in the product of an empty batch.
pub(crate) fn no_states(initial: Tensor<2>, windows: usize) -> Tensor<3> {
    let [_, hidden] = initial.dims();
    nothing(initial, [0, windows + 1, hidden])
}

/// Panics, in the name of a layer, unless what the states start from is `[batch, width]` and the
/// log-signatures of the windows are those of `channels` channels up to `depth`.
#[track_caller]
pub(crate) fn assert_drive(
    layer: &str,
    (name, first, width): (&str, &Tensor<2>, usize),
    logsignatures: &Tensor<3>,
    (channels, depth): (usize, usize),
) {
    let ([batch, size], [rows, _, n]) = (first.dims(), logsignatures.dims());
    assert!(
        size == width,
        "{layer}: axis 1 of {name} must have the size {width}, got {size}"
    );
    assert!(
        batch == rows,
        "{layer}: {name} and logsignatures must have the same batch (axis 0), got {batch} and {rows}"
    );
    let terms = LogSignatureBasis::Brackets.terms(channels, depth);
    assert!(
        n == terms,
        "{layer}: axis 2 of logsignatures must have {terms} coordinates ({channels} channels at depth \
         {depth}), got {n}"
    );
}

/// The matrix `[channels + pairs, channels + channels²]` that brings the log-signatures of depth 2 to
/// increments and antisymmetric areas `L`, with `L_ij = l_ij = −L_ji`.
pub(crate) fn areas(channels: usize, like: &Tensor<3>) -> Tensor<2> {
    let width = channels + channels * channels;
    let pairs = (0..channels).flat_map(|i| (i + 1..channels).map(move |j| (i, j)));
    let pairs: Vec<(usize, usize)> = pairs.collect();
    let mut values = vec![0.0f64; (channels + pairs.len()) * width];
    for i in 0..channels {
        values[i * width + i] = 1.0;
    }
    for (row, (i, j)) in pairs.iter().enumerate() {
        let row = &mut values[(channels + row) * width..][channels..width];
        row[i * channels + j] = 1.0;
        row[j * channels + i] = -1.0;
    }
    let data = TensorData::new(values, [channels + pairs.len(), width]);
    let target = (&like.device(), like.dtype());
    Tensor::from_data(data.convert_dtype(like.dtype()), target)
}
