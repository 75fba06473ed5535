//! Batches of windows, and their features, on all cores.

use std::ops::Range;

use burn::tensor::{DType, Device, Tensor, TensorData};
use rayon::prelude::*;
use sig_core::logsignatures::{LogSignatureOptions, logsignature_with};
use sig_core::signatures::signature;
use sig_data::since;

use crate::job::Job;
use crate::paths::{Window, clock};

/// Numbers of the points that one thread takes at a time.
const TASK: usize = 1 << 15;

/// Windows with their points.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) windows: Vec<Window>,
    /// `[points, numbers]`, window after window.
    pub(crate) values: Vec<f64>,
}

/// The features `[windows, features]`. What is computed together depends on the batch alone and not
/// on the number of threads, and so do all bits of it.
pub(crate) fn features(job: &Job, batch: &Batch, terms: usize) -> Vec<f64> {
    let (width, mut start) = (job.width(), 0);
    let place = |window: &Window| {
        let numbers = (window.points.end - window.points.start) as usize * width;
        start += numbers;
        start - numbers..start
    };
    // Windows of one length are computed together.
    let mut windows: Vec<_> = batch.windows.iter().map(place).enumerate().collect();
    windows.sort_by_key(|(_, at)| at.len());
    let lengths = windows.chunk_by(|(_, one), (_, other)| one.len() == other.len());
    let tasks = lengths.flat_map(|same| same.chunks((TASK / same[0].1.len()).max(1)));
    let tasks: Vec<_> = tasks.collect();
    let computed = tasks.into_par_iter().with_max_len(1);
    let computed: Vec<_> = computed.map(|task| compute(job, batch, task)).collect();
    let mut features = vec![0.0; batch.windows.len() * terms];
    let rows = computed.iter().flat_map(|rows| rows.chunks_exact(terms));
    for ((window, _), row) in windows.iter().zip(rows) {
        features[window * terms..][..terms].copy_from_slice(row);
    }
    features
}

/// The features of windows of one length, each with its numbers in the batch.
fn compute(job: &Job, batch: &Batch, task: &[(usize, Range<usize>)]) -> Vec<f64> {
    let (width, numbers, columns) = (job.width(), task[0].1.len(), job.columns.len());
    let channels = columns + usize::from(job.time.is_some());
    // Numbers of 32 bits are rounded after the differences are taken, not before.
    let from_start = job.f32 && job.is_of_increments();
    let mut values = Vec::with_capacity(task.len() * numbers / width * channels);
    for (_, at) in task {
        let window = &batch.values[at.clone()];
        let start = &window[..width];
        for point in window.chunks_exact(width) {
            let numbers = point[..columns].iter().zip(start);
            let origin = |number: &f64| if from_start { *number } else { 0.0 };
            values.extend(numbers.map(|(number, start)| number - origin(start)));
            if job.time.is_some() {
                values.push(since(clock(point), clock(start)));
            }
        }
    }
    let dtype = if job.f32 { DType::F32 } else { DType::F64 };
    let data = TensorData::new(values, [task.len(), numbers / width, channels]);
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
