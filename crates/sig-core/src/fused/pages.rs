//! Memory for results.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::slice;

use bytemuck::Pod;

/// Bytes from which large pages are asked for.
#[cfg(all(target_os = "linux", not(miri)))]
const LARGE: usize = 4 << 20;

/// Room for `count` numbers, all to be written before [`written`] makes numbers of them.
pub(super) fn unwritten<T: Pod>(count: usize) -> Vec<MaybeUninit<T>> {
    let mut room: Vec<MaybeUninit<T>> = Vec::with_capacity(count);
    // SAFETY: the room is there, and what may be uninitialised needs no initialisation.
    unsafe { room.set_len(count) };
    large(room.as_ptr().cast(), size_of_val(&room[..]));
    room
}

/// # Safety
///
/// Every number must have been written.
pub(super) unsafe fn written<T: Pod>(room: Vec<MaybeUninit<T>>) -> Vec<T> {
    let mut room = ManuallyDrop::new(room);
    // SAFETY: the same allocation and layout, its numbers written, and not freed by its old owner.
    unsafe { Vec::from_raw_parts(room.as_mut_ptr().cast(), room.len(), room.capacity()) }
}

/// Numbers, to be written over.
pub(super) fn overwrite<T: Pod>(numbers: &mut [T]) -> &mut [MaybeUninit<T>] {
    let (first, count) = (numbers.as_mut_ptr().cast(), numbers.len());
    // SAFETY: the same memory and layout; nobody here writes what is not initialised.
    unsafe { slice::from_raw_parts_mut(first, count) }
}

/// Where the system has large pages for those who ask, a large result is written to some of them:
/// else the first touch of its many small ones takes longer than to compute it.
fn large(start: *const u8, bytes: usize) {
    #[cfg(all(target_os = "linux", not(miri)))]
    if bytes >= LARGE {
        advise(start, bytes);
    }
    #[cfg(not(all(target_os = "linux", not(miri))))]
    let _ = (start, bytes);
}

/// Asks for large pages for what lies within these bytes of an allocation.
#[cfg(all(target_os = "linux", not(miri)))]
fn advise(start: *const u8, bytes: usize) {
    const PAGE: usize = 4096;
    let skipped = start.align_offset(PAGE);
    // SAFETY: the pages are within a live allocation, which is larger than one, and the advice changes
    // no content. Where it is not taken, all goes on as before.
    unsafe {
        let first = start.add(skipped).cast_mut();
        libc::madvise(
            first.cast(),
            (bytes - skipped) / PAGE * PAGE,
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small() {
        // Miri takes minutes for what is large, and asks for no pages.
        let large = if cfg!(miri) { 1 << 10 } else { 1 << 20 };
        for count in [0, 3, large, 2 * large + 7] {
            let mut room = unwritten::<f32>(count);
            room.fill(MaybeUninit::new(1.0));
            // SAFETY: just written.
            assert_eq!(unsafe { written(room) }, vec![1.0; count]);
        }
    }
}
