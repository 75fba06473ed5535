//! What a signature leaves to its gradient is freed, whether that is taken or not.

#![cfg(feature = "flex")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use burn::tensor::{DType, Device, Distribution, Tensor};
use sig_core::signatures::signature;

#[global_allocator]
static MEMORY: Counted = Counted {
    held: AtomicUsize::new(0),
};

struct Counted {
    held: AtomicUsize,
}

// SAFETY: all is left to the system's allocator; the counter changes nothing about the memory.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.held.fetch_add(layout.size(), Relaxed);
        // SAFETY: what the caller promises is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        self.held.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(old, layout) }
    }
}

/// Bytes held after some rounds more than after the first, in which threads take what they keep.
fn growth(mut round: impl FnMut()) -> usize {
    (0..3).for_each(|_| round());
    let before = MEMORY.held.load(Relaxed);
    (0..10).for_each(|_| round());
    MEMORY.held.load(Relaxed).saturating_sub(before)
}

/// 32 paths of 128 points in 4 channels, whose states take 84 numbers each 32 steps: 43 KB.
#[test]
fn states_are_freed() {
    // Each thread keeps scratch from when it first has work, which may be at any time.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    pool.build_global().expect("the first in this process");
    let device = Device::flex().autodiff();
    let like = (&device, DType::F32);
    let path = Tensor::<3>::random([32, 128, 4], Distribution::Default, like) / 16;
    let path = path.require_grad();
    let states = 40_000;

    let held = MEMORY.held.load(Relaxed);
    let kept = signature(path.clone(), 4);
    let with_graph = MEMORY.held.load(Relaxed) - held;
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
