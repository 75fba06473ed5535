//! Four rows of four numbers turned into columns, and the sums of four rows.

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

/// The sums of rows of a multiple of four numbers.
#[inline(always)]
pub(super) fn sums_of_singles(rows: [&[f32]; 4]) -> [f32; 4] {
    let [a, b, c, d] = singles(rows.map(|row| {
        let (fours, _) = row.as_chunks::<4>();
        let rest = fours[1..].iter();
        rest.fold(fours[0], |sum, &four| plus(sum, four))
    }));
    plus(plus(a, b), plus(c, d))
}

/// By an instruction, for the compiler gathers the numbers of loops over these.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn plus(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    // SAFETY: as of `singles`.
    bytemuck::cast(unsafe { std::arch::x86_64::_mm_add_ps(bytemuck::cast(a), bytemuck::cast(b)) })
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn plus(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    core::array::from_fn(|i| a[i] + b[i])
}

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

    #[test]
    fn sums_of_rows() {
        let row: [f32; 8] = core::array::from_fn(|i| i as f32);
        let rows = [&row[..], &row[..4], &[1.0; 8], &[0.0, 1.0, 0.0, 0.0]];
        assert_eq!(sums_of_singles(rows), [28.0, 6.0, 8.0, 1.0]);
    }
}
