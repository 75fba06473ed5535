//! Exact inverses of integer matrices whose inverse is of integers.

/// A prime. Residues are taken between −p/2 and p/2, so that entries of an inverse below 2^30 are
/// exact; those of a change of basis of a free Lie algebra are far smaller.
const PRIME: i64 = (1 << 31) - 1;

/// The inverse of a square matrix of determinant ±1, rows one after another, by elimination modulo
/// a prime.
pub(super) fn inverse(matrix: &[i64], size: usize) -> Vec<i64> {
    let width = 2 * size;
    let mut rows: Vec<Vec<i64>> = (0..size)
        .map(|i| {
            let mut row: Vec<i64> = matrix[i * size..(i + 1) * size]
                .iter()
                .map(|x| x.rem_euclid(PRIME))
                .collect();
            row.resize(width, 0);
            row[size + i] = 1;
            row
        })
        .collect();
    for column in 0..size {
        let pivot = (column..size).find(|&i| rows[i][column] != 0);
        rows.swap(column, pivot.expect("a change of basis is invertible"));
        let factor = reciprocal(rows[column][column]);
        rows[column]
            .iter_mut()
            .for_each(|x| *x = *x * factor % PRIME);
        let pivot_row = rows[column].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if i == column || factor == 0 {
                continue;
            }
            for (x, &p) in row[column..].iter_mut().zip(&pivot_row[column..]) {
                *x = (*x + (PRIME - factor) * p) % PRIME;
            }
        }
    }
    let signed = |x: i64| if x > PRIME / 2 { x - PRIME } else { x };
    rows.iter()
        .flat_map(|row| row[size..].iter().map(|&x| signed(x)))
        .collect()
}

/// `x^(p−2)`, by Fermat.
fn reciprocal(x: i64) -> i64 {
    let (mut power, mut product, mut exponent) = (x, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = product * power % PRIME;
        }
        power = power * power % PRIME;
        exponent >>= 1;
    }
    product
}

/// The product of matrices `[n, m]` and `[m, k]`.
pub(super) fn product(a: &[i64], b: &[i64], m: usize, k: usize) -> Vec<i64> {
    let mut out = vec![0; a.len() / m * k];
    for (out, a) in out.chunks_mut(k).zip(a.chunks(m)) {
        for (&a, b) in a.iter().zip(b.chunks(k)).filter(|(a, _)| **a != 0) {
            for (out, &b) in out.iter_mut().zip(b) {
                *out += a * b;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_times_matrix_is_one() {
        let matrix = [0, 1, 0, -1, 2, 0, 5, -7, 1];
        let one = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        assert_eq!(product(&matrix, &inverse(&matrix, 3), 3, 3), one);
    }
}
