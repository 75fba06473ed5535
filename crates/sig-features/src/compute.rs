//! Batches of windows, and their features, on all cores.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;
use sig_core::logsignatures::{LogSignatureOptions, logsignature_with};
use sig_core::signatures::signature;

use crate::job::Job;
use crate::paths::Window;

/// Numbers of the points that one thread takes at a time.
const TASK: usize = 1 << 15;

/// Windows with their points.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) windows: Vec<Window>,
    /// `[points, numbers]`, window after window.
    pub(crate) values: Vec<f64>,
}

/// Windows of one length: which, and their numbers in the batch.
type Task = Vec<(usize, Range<usize>)>;

/// The features `[windows, features]`. What is computed together depends on the batch alone and not
/// on the number of threads, and so do all bits of it.
pub(crate) fn features(job: &Job, batch: &Batch, terms: usize) -> Vec<f64> {
    let tasks = tasks(batch, job.width());
    let computed = tasks.par_iter().with_max_len(1);
    let computed: Vec<_> = computed.map(|task| compute(job, batch, task)).collect();
    let mut features = vec![0.0; batch.windows.len() * terms];
    for (task, rows) in tasks.iter().zip(computed) {
        for ((window, _), row) in task.iter().zip(rows.chunks_exact(terms)) {
            features[window * terms..][..terms].copy_from_slice(row);
        }
    }
    features
}

fn tasks(batch: &Batch, width: usize) -> Vec<Task> {
    let mut lengths: BTreeMap<usize, Task> = BTreeMap::new();
    let mut start = 0;
    for (index, window) in batch.windows.iter().enumerate() {
        let numbers = (window.points.end - window.points.start) as usize * width;
        let windows = lengths.entry(numbers).or_default();
        windows.push((index, start..start + numbers));
        start += numbers;
    }
    let cut = |(numbers, windows): (usize, Task)| {
        let tasks = windows.chunks((TASK / numbers).max(1));
        tasks.map(<[_]>::to_vec).collect::<Vec<_>>()
    };
    lengths.into_iter().flat_map(cut).collect()
}

fn compute(job: &Job, batch: &Batch, task: &Task) -> Vec<f64> {
    let windows = task.iter().map(|(_, at)| &batch.values[at.clone()]);
    let mut values = windows.collect::<Vec<_>>().concat();
    let (width, numbers) = (job.width(), task[0].1.len());
    if job.time.is_some() {
        for window in values.chunks_exact_mut(numbers) {
            let first = window[width - 1];
            for time in window.iter_mut().skip(width - 1).step_by(width) {
                *time -= first;
            }
        }
    }
    let dtype = if job.f32 { DType::F32 } else { DType::F64 };
    let data = TensorData::new(values, [task.len(), numbers / width, width]);
    let path = Tensor::<3>::from_data(data, (&Device::flex(), dtype));
    let transforms = job.transform.iter();
    let path = transforms.fold(path, |path, transform| transform.forward(path));
    let features = match job.log {
        None => signature(path, job.depth),
        Some(basis) => {
            let options = LogSignatureOptions::new().with_basis(basis);
            logsignature_with(path, job.depth, &options)
        }
    };
    let data = features.into_data().convert::<f64>();
    data.try_into_vec::<f64>().expect("converted to f64")
}
