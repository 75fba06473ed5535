//! Four rows of four numbers turned into columns.

/// By the compiler's means.
#[inline(always)]
pub(super) fn plain<T: Copy>(rows: [[T; 4]; 4]) -> [[T; 4]; 4] {
    core::array::from_fn(|i| core::array::from_fn(|j| rows[j][i]))
}

/// In 8 instructions, which every x86-64 has.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn singles(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    use std::arch::x86_64::{_mm_movehl_ps, _mm_movelh_ps, _mm_unpackhi_ps, _mm_unpacklo_ps};

    let [a, b, c, d] = rows.map(bytemuck::cast);
    // SAFETY: these need SSE, which the definition of x86-64 includes, and touch no memory.
    let columns = unsafe {
        let (low, high) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
        let (next_low, next_high) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
        [
            _mm_movelh_ps(low, next_low),
            _mm_movehl_ps(next_low, low),
            _mm_movelh_ps(high, next_high),
            _mm_movehl_ps(next_high, high),
        ]
    };
    columns.map(bytemuck::cast)
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) use plain as singles;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree() {
        let rows: [[f32; 4]; 4] =
            core::array::from_fn(|i| core::array::from_fn(|j| (4 * i + j) as f32));
        assert_eq!(singles(rows), plain(rows));
        assert_eq!(plain(rows)[1], [1.0, 5.0, 9.0, 13.0]);
    }
}
