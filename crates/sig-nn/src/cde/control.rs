//! What drives the layers: the first point of each path, and one row per window.

use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
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
    pub(crate) transforms: &'a [PathTransform],
    pub(crate) windows: &'a Windows,
    pub(crate) depth: usize,
}

impl Cut<'_> {
    /// Log-signatures of the windows, in brackets.
    #[track_caller]
    pub(crate) fn drive(&self, path: Tensor<3>) -> Drive {
        let path = PathTransform::forward_all(self.transforms, path);
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
        let rows = RaggedWindows::new(self.windows, &lengths);
        let start = first_points(&path);
        let (controls, counts) = rows.of_rows(self.logarithms(path, &rows.windows));
        Drive {
            start,
            controls,
            counts: Some(counts),
        }
    }

    #[track_caller]
    fn logarithms(&self, path: Tensor<3>, windows: &Windows) -> Tensor<3> {
        logsignature_windows(path, self.depth, windows, LogSignatureBasis::Brackets)
    }
}

pub(crate) fn first_points(path: &Tensor<3>) -> Tensor<2> {
    path.clone().narrow(1, 0, 1).squeeze_dim(1)
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
