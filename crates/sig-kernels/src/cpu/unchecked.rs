//! Reads and writes of a few vectors without a check of each: the compiler can't see that the inner
//! loops stay within their slices, and the checks would cost as much as the work. Every kernel that
//! uses them asserts beforehand, once a call, where its last step ends. Debug builds check each.

use bytemuck::Pod;

/// `slice[at..at + N]`
///
/// # Safety
///
/// `at + N` must not exceed the length of the slice.
#[inline(always)]
pub(super) unsafe fn read<V: Copy, const N: usize>(slice: &[V], at: usize) -> [V; N] {
    debug_assert!(at + N <= slice.len(), "{at} + {N} of {}", slice.len());
    // SAFETY: within the slice, as the caller promises; an array is as aligned as its items.
    unsafe { *slice.as_ptr().add(at).cast::<[V; N]>() }
}

/// `slice[at..at + N] = values`
///
/// # Safety
///
/// `at + N` must not exceed the length of the slice.
#[inline(always)]
pub(super) unsafe fn write<V: Copy, const N: usize>(slice: &mut [V], at: usize, values: [V; N]) {
    debug_assert!(at + N <= slice.len(), "{at} + {N} of {}", slice.len());
    // SAFETY: within the slice, as the caller promises; an array is as aligned as its items.
    unsafe { *slice.as_mut_ptr().add(at).cast::<[V; N]>() = values }
}

/// The vector `V` of the numbers from `slice[at]` on, wherever they lie.
///
/// # Safety
///
/// All of its numbers must lie within the slice.
#[inline(always)]
pub(super) unsafe fn read_vector<T, V: Pod>(slice: &[T], at: usize) -> V {
    debug_assert!((at * size_of::<T>()) + size_of::<V>() <= size_of_val(slice));
    // SAFETY: within the slice, as the caller promises; any bytes are a vector.
    unsafe { slice.as_ptr().add(at).cast::<V>().read_unaligned() }
}

/// Writes a vector over the numbers from `slice[at]` on, wherever they lie.
///
/// # Safety
///
/// All of its numbers must lie within the slice.
#[inline(always)]
pub(super) unsafe fn write_vector<T, V: Pod>(slice: &mut [T], at: usize, vector: V) {
    debug_assert!((at * size_of::<T>()) + size_of::<V>() <= size_of_val(slice));
    // SAFETY: within the slice, as the caller promises.
    unsafe {
        slice
            .as_mut_ptr()
            .add(at)
            .cast::<V>()
            .write_unaligned(vector)
    }
}
