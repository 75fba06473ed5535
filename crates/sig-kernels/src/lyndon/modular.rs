//! Exact inverses of integer matrices whose inverse is of integers.

/// A Mersenne prime. Residues are taken between −p/2 and p/2, so that entries of an inverse below
/// 2^60 are exact. The largest one of a change of basis is 7560 for two channels at depth 10, and
/// grows some sevenfold a level.
const PRIME: u64 = (1 << BITS) - 1;
const BITS: u32 = 61;

/// The inverse of a square matrix of determinant ±1, rows one after another, by elimination modulo
/// a prime.
pub(super) fn inverse(matrix: &[i64], size: usize) -> Vec<i64> {
    let residue = |x: &i64| x.rem_euclid(PRIME as i64) as u64;
    let mut rows: Vec<Vec<u64>> = (0..size)
        .map(|i| {
            let mut row: Vec<u64> = matrix[i * size..(i + 1) * size]
                .iter()
                .map(residue)
                .collect();
            row.resize(2 * size, 0);
            row[size + i] = 1;
            row
        })
        .collect();
    for column in 0..size {
        let pivot = (column..size).find(|&i| rows[i][column] != 0);
        rows.swap(column, pivot.expect("a change of basis is invertible"));
        let factor = reciprocal(rows[column][column]);
        rows[column].iter_mut().for_each(|x| *x = times(*x, factor));
        let pivot_row = rows[column].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if i == column || factor == 0 {
                continue;
            }
            for (x, &p) in row[column..].iter_mut().zip(&pivot_row[column..]) {
                if p != 0 {
                    *x = plus(*x, times(PRIME - factor, p));
                }
            }
        }
    }
    let signed = |&x: &u64| {
        if x > PRIME / 2 {
            x as i64 - PRIME as i64
        } else {
            x as i64
        }
    };
    rows.iter()
        .flat_map(|row| row[size..].iter().map(signed))
        .collect()
}

fn plus(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// 2^61 is 1 modulo the prime, so that the upper bits of a product are added to the lower ones.
fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    plus((product >> BITS) as u64, product as u64 & PRIME)
}

/// `x^(p−2)`, by Fermat.
fn reciprocal(x: u64) -> u64 {
    let (mut power, mut product, mut exponent) = (x, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product = times(product, power);
        }
        power = times(power, power);
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
        let one = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        for x in [1, -7, 1 << 29] {
            let matrix = [0, 1, 0, -1, 2, x, 0, x, -1];
            let inverse = inverse(&matrix, 3);
            assert_eq!(product(&matrix, &inverse, 3, 3), one, "{x}");
        }
    }
}
