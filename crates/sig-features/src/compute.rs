//! The features of a batch of windows, on all cores.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;
use sig_core::logsignatures::{LogSignatureOptions, logsignature_with};
use sig_core::signatures::signature;

use crate::batch::Batch;
use crate::job::Job;

/// Numbers of the points that one thread takes at a time.
const TASK: usize = 1 << 15;

/// Windows of one length: which, and the first number of each in the batch.
struct Task {
    length: usize,
    windows: Vec<(usize, usize)>,
}

/// The features `[windows, features]`. What is computed together depends on the batch alone and not
/// on the number of threads, and so do all bits of it.
pub(crate) fn features(job: &Job, batch: &Batch, terms: usize) -> Vec<f64> {
    let width = job.width();
    let computed: Vec<_> = tasks(batch, width)
        .into_par_iter()
        .with_max_len(1)
        .map(|task| {
            let rows = compute(job, batch, &task);
            (task, rows)
        })
        .collect();
    let mut features = vec![0.0; batch.windows.len() * terms];
    for (task, rows) in computed {
        for ((window, _), row) in task.windows.iter().zip(rows.chunks_exact(terms)) {
            features[window * terms..][..terms].copy_from_slice(row);
        }
    }
    features
}

fn tasks(batch: &Batch, width: usize) -> Vec<Task> {
    let mut lengths: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    let mut start = 0;
    for (index, window) in batch.windows.iter().enumerate() {
        let length = (window.points.end - window.points.start) as usize;
        lengths.entry(length).or_default().push((index, start));
        start += length * width;
    }
    let cut = |(length, windows): (usize, Vec<(usize, usize)>)| {
        let most = (TASK / (length * width)).max(1);
        let task = |windows: &[(usize, usize)]| Task {
            length,
            windows: windows.to_vec(),
        };
        windows.chunks(most).map(task).collect::<Vec<_>>()
    };
    lengths.into_iter().flat_map(cut).collect()
}

fn compute(job: &Job, batch: &Batch, task: &Task) -> Vec<f64> {
    let width = job.width();
    let mut values = Vec::with_capacity(task.windows.len() * task.length * width);
    for &(_, start) in &task.windows {
        let window = &batch.values[start..start + task.length * width];
        values.extend_from_slice(window);
        if job.time.is_some() {
            let first = window[width - 1];
            let own = values.len() - window.len();
            values[own..]
                .iter_mut()
                .skip(width - 1)
                .step_by(width)
                .for_each(|time| *time -= first);
        }
    }
    let dtype = if job.f32 { DType::F32 } else { DType::F64 };
    let shape = [task.windows.len(), task.length, width];
    let path = Tensor::<3>::from_data(TensorData::new(values, shape), (&Device::flex(), dtype));
    let path = job
        .transform
        .iter()
        .fold(path, |path, transform| transform.forward(path));
    let features = match job.log {
        None => signature(path, job.depth),
        Some(basis) => {
            let options = LogSignatureOptions::new().with_basis(basis.into());
            logsignature_with(path, job.depth, &options)
        }
    };
    let data = features.into_data().convert::<f64>();
    data.try_into_vec::<f64>().expect("converted to f64")
}
