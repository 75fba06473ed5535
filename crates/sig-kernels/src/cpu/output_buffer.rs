//! Memory for results, which every kernel writes as a whole and nobody has to fill before.

use std::mem::MaybeUninit;

use bytemuck::Pod;

/// Bytes from which large pages are asked for.
#[cfg(all(target_os = "linux", not(miri)))]
const LARGE: usize = 4 << 20;

/// Room for a number of results.
pub(super) struct OutputBuffer<T> {
    /// Without any numbers until all are written.
    numbers: Vec<T>,
    count: usize,
}

impl<T: Pod> OutputBuffer<T> {
    pub(super) fn new(count: usize) -> Self {
        let numbers = Vec::with_capacity(count);
        ask_for_large_pages(&numbers);
        Self { numbers, count }
    }

    pub(super) fn room(&mut self) -> &mut [MaybeUninit<T>] {
        &mut self.numbers.spare_capacity_mut()[..self.count]
    }

    /// The results.
    ///
    /// # Safety
    ///
    /// All of the [`room`](Self::room) must have been written.
    pub(super) unsafe fn assume_written(mut self) -> Vec<T> {
        // SAFETY: the capacity is at least `count`, and as many numbers are written, as the caller
        // promises.
        unsafe { self.numbers.set_len(self.count) };
        self.numbers
    }
}

/// Where the system has large pages for those who ask, a large result is written to some of them:
/// else the first touch of its many small ones takes longer than to compute it.
#[cfg(all(target_os = "linux", not(miri)))]
fn ask_for_large_pages<T>(room: &Vec<T>) {
    const PAGE: usize = 4096;
    let (start, bytes) = (room.as_ptr().cast::<u8>(), room.capacity() * size_of::<T>());
    if bytes < LARGE {
        return;
    }
    let skipped = start.align_offset(PAGE);
    // SAFETY: the pages are within a live allocation, which is larger than one, and the advice
    // changes no content. Where it is not taken, all goes on as before.
    unsafe {
        let first = start.add(skipped).cast_mut();
        let whole_pages = (bytes - skipped) / PAGE * PAGE;
        libc::madvise(first.cast(), whole_pages, libc::MADV_HUGEPAGE);
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
fn ask_for_large_pages<T>(_: &Vec<T>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small() {
        // Miri takes minutes for what is large, and asks for no pages.
        let large = if cfg!(miri) { 1 << 10 } else { 1 << 20 };
        for count in [0, 3, large, 2 * large + 7] {
            let mut buffer = OutputBuffer::<f32>::new(count);
            buffer.room().fill(MaybeUninit::new(1.0));
            // SAFETY: just written.
            assert_eq!(unsafe { buffer.assume_written() }, vec![1.0; count]);
        }
    }
}
