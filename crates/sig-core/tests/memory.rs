//! Memory: few paths of many terms take little more than their output, and what a signature leaves to
//! its gradient is freed, whether that is taken or not.

#![cfg(feature = "flex")]

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use burn::tensor::{DType, Device, Distribution, Tensor};
use peak_alloc::PeakAlloc;
use sig_core::signatures::signature;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Tests whose memory is counted: one at a time, and on one thread. Each thread keeps scratch from when
/// it first has work, which may be at any time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    static POOL: Once = Once::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    POOL.call_once(|| pool.build_global().expect("the first in this process"));
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes held after some rounds more than after the first, in which threads take what they keep.
fn growth(mut round: impl FnMut()) -> usize {
    (0..3).for_each(|_| round());
    let before = MEMORY.current_usage();
    (0..10).for_each(|_| round());
    MEMORY.current_usage().saturating_sub(before)
}

/// In lanes these would take eight times their output and more.
#[test]
fn few_paths_of_many_terms() {
    let _alone = alone();
    for (shape, dtype) in [
        ([1, 20, 1500], DType::F32),
        ([1, 12, 1345], DType::F64),
        ([16, 5, 98], DType::F32),
    ] {
        let path = Tensor::<3>::random(shape, Distribution::Default, (&Device::flex(), dtype));
        let output = shape[0] * (shape[2] + shape[2] * shape[2]) * dtype.size();
        let held = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let signature = signature(path, 2);
        let beside = MEMORY.peak_usage() - held - output;
        let most = 2 * output + (1 << 20);
        assert!(beside <= most, "{shape:?}: {beside} beside {output}");
        drop(signature);
    }
}

/// 32 paths of 128 points in 4 channels, whose states take 84 numbers each 32 steps: 43 KB.
#[test]
fn states_are_freed() {
    let _alone = alone();
    let device = Device::flex().autodiff();
    let like = (&device, DType::F32);
    let path = Tensor::<3>::random([32, 128, 4], Distribution::Default, like) / 16;
    let path = path.require_grad();
    let states = 40_000;

    let held = MEMORY.current_usage();
    let kept = signature(path.clone(), 4);
    let with_graph = MEMORY.current_usage() - held;
    assert!(
        with_graph > 32 * 340 * 4 + states,
        "nothing is kept: {with_graph}"
    );
    drop(kept);

    let differentiate = || {
        let gradients = signature(path.clone(), 4).sum().backward();
        path.grad(&gradients).expect("the path requires it");
    };
    let differentiated = growth(differentiate);
    assert!(differentiated < states, "{differentiated} bytes are left");
    // Burn frees what was dropped when it next goes through the graph.
    let dropped = growth(|| {
        drop(signature(path.clone(), 4));
        differentiate();
    });
    assert!(dropped < states, "{dropped} bytes are left");
}
