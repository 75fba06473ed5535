//! Memory for large results.

/// Bytes from which large pages are asked for.
#[cfg(target_os = "linux")]
const LARGE: usize = 4 << 20;

/// `count` zeros. Where the system has large pages for those who ask, a large result is written to
/// some of them: else the first touch of its many small ones takes longer than to compute it.
pub(super) fn zeros<T: bytemuck::Pod>(count: usize) -> Vec<T> {
    let zeros = vec![T::zeroed(); count];
    #[cfg(all(target_os = "linux", not(miri)))]
    if size_of_val(&zeros[..]) >= LARGE {
        advise(bytemuck::cast_slice(&zeros));
    }
    zeros
}

/// Asks for large pages for what lies within these bytes.
#[cfg(all(target_os = "linux", not(miri)))]
fn advise(bytes: &[u8]) {
    const PAGE: usize = 4096;
    let skipped = bytes.as_ptr().align_offset(PAGE);
    let length = (bytes.len() - skipped) / PAGE * PAGE;
    let pages = &bytes[skipped..][..length];
    // SAFETY: the range is within a live allocation, and the advice changes no content. Where it is
    // not taken, all goes on as before.
    unsafe {
        libc::madvise(
            pages.as_ptr().cast_mut().cast(),
            length,
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small() {
        for count in [0, 3, 1 << 20, (1 << 21) + 7] {
            assert_eq!(zeros::<f32>(count), vec![0.0; count]);
        }
    }
}
