//! Counts what is allocated in main memory. The crates that do so either lack a peak that can be set
//! back or fill zeroed memory themselves, which costs more than what is measured here.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static MEMORY: Counted = Counted {
    now: AtomicUsize::new(0),
    most: AtomicUsize::new(0),
};

struct Counted {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counted {
    fn add(&self, bytes: usize) {
        let now = self.now.fetch_add(bytes, Relaxed) + bytes;
        self.most.fetch_max(now, Relaxed);
    }
}

// SAFETY: all is left to the system's allocator; the counters change nothing about the memory.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        // SAFETY: what the caller promises is handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.add(size);
        self.now.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        self.now.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(old, layout) }
    }
}

/// What `work` allocates at most beyond what is held before, in MiB.
pub(crate) fn peak_mib(work: impl FnOnce()) -> f64 {
    let before = MEMORY.now.load(Relaxed);
    MEMORY.most.store(before, Relaxed);
    work();
    let most = MEMORY.most.load(Relaxed).saturating_sub(before);
    most as f64 / f64::from(1 << 20)
}
