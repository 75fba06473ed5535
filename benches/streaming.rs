//! Moving windows and intervals against computing them anew: `cargo bench --bench streaming`.
//! Four channels at depth 4. The device is the default one; `BURN_DEVICE` names another that is
//! compiled in.

mod workloads;

use std::ops::Range;

use burn::tensor::{DType, Device, Tensor};
use burn_sig::prelude::*;
use divan::{Bencher, counter::ItemsCount};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

fn main() {
    divan::main();
}

const CHANNELS: usize = 4;
const DEPTH: usize = 4;
const WINDOWS: [usize; 3] = [64, 640, 6400];
const LENGTHS: [usize; 3] = [1_000, 10_000, 100_000];
const INTERVALS: usize = 100;

fn path(device: &Device, length: usize) -> Tensor<3> {
    workloads::walks([1, length, CHANNELS], device, DType::F32)
}

/// A point comes, one goes, and the signature of those within is asked for.
#[divan::bench(args = WINDOWS, min_time = 0.2)]
fn window_by_queue(bencher: Bencher, window: usize) {
    let points = path(&Device::default(), 2 * window).into_data();
    let points = points.try_to_vec::<f32>().expect("f32 is the default");
    let mut queue = SignatureQueue::<f32>::new(CHANNELS, DEPTH);
    queue.push_batch(&points[..window * CHANNELS]);
    let mut coming = points.chunks_exact(CHANNELS).cycle().skip(window);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        queue.push(coming.next().expect("a cycle has no end"));
        queue.pop_front();
        queue.signature()
    });
}

/// The signature of all points within, from the points.
#[divan::bench(args = WINDOWS, min_time = 0.2)]
fn window_anew(bencher: Bencher, window: usize) {
    let device = Device::default();
    let path = path(&device, window);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        let output = signature(path.clone(), DEPTH);
        device.sync().expect("the signature is computed");
        output
    });
}

fn intervals(length: usize) -> Vec<Range<usize>> {
    let mut random = StdRng::seed_from_u64(7);
    let mut interval = || {
        let start = random.random_range(0..length - 1);
        start..random.random_range(start + 2..=length)
    };
    (0..INTERVALS).map(|_| interval()).collect()
}

/// What is kept of the path.
#[divan::bench(args = LENGTHS, sample_count = 10, min_time = 0.2)]
fn path_made(bencher: Bencher, length: usize) {
    let device = Device::default();
    let points = path(&device, length);
    bencher.bench_local(|| {
        let path = IndexedPath::new(points.clone(), DEPTH);
        device.sync().expect("the blocks are computed");
        path
    });
}

/// A point comes, and the signature of the last 100 is asked for.
#[divan::bench(args = LENGTHS, min_time = 0.2)]
fn path_updated(bencher: Bencher, length: usize) {
    let device = Device::default();
    let points = path(&device, length);
    let mut path = IndexedPath::new(points.clone(), DEPTH);
    let mut coming = (0..length).cycle();
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        let place = coming.next().expect("a cycle has no end");
        path.update(points.clone().narrow(1, place, 1));
        let output = path.signature(path.length() - 100..path.length());
        device.sync().expect("the signature is computed");
        output
    });
}

/// Signatures of random intervals.
#[divan::bench(args = LENGTHS, sample_count = 10, min_time = 0.2)]
fn intervals_by_path(bencher: Bencher, length: usize) {
    let device = Device::default();
    let path = IndexedPath::new(path(&device, length), DEPTH);
    let intervals = intervals(length);
    bencher.counter(ItemsCount::new(INTERVALS)).bench_local(|| {
        let output = path.signatures(&intervals);
        device.sync().expect("the signatures are computed");
        output
    });
}

/// The same, each from its points.
#[divan::bench(args = LENGTHS, sample_count = 3)]
fn intervals_anew(bencher: Bencher, length: usize) {
    let device = Device::default();
    let path = path(&device, length);
    let intervals = Windows::Intervals(intervals(length));
    bencher.counter(ItemsCount::new(INTERVALS)).bench_local(|| {
        let output = signature_windows(path.clone(), DEPTH, &intervals);
        device.sync().expect("the signatures are computed");
        output
    });
}
