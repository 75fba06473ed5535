//! Elimination in matrices of integers: exact inverses where they are of integers, and ranks.

/// A Mersenne prime. Residues are taken between −p/2 and p/2, so that entries of an inverse below
/// 2^60 are exact. The largest one of a change of basis is 7560 for two channels at depth 10, and
/// grows some sevenfold a level.
const PRIME: u64 = (1 << BITS) - 1;
const BITS: u32 = 61;

/// The inverse of a square matrix of determinant ±1, rows one after another, by elimination modulo
/// a prime.
pub(crate) fn inverse(matrix: &[i64], size: usize) -> Vec<i64> {
    let mut rows: Vec<Vec<u64>> = (0..size)
        .map(|i| {
            let mut row = residues(&matrix[i * size..(i + 1) * size]);
            row.resize(2 * size, 0);
            row[size + i] = 1;
            row
        })
        .collect();
    let pivots = eliminate(&mut rows, size);
    assert!(pivots.len() == size, "a change of basis is invertible");
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

/// The columns in which the rows of the reduced echelon form of a matrix begin, by elimination
/// modulo a prime: as many as its rank.
pub(crate) fn pivots(matrix: &[Vec<i64>]) -> Vec<usize> {
    let columns = matrix.first().map_or(0, Vec::len);
    let mut rows: Vec<_> = matrix.iter().map(|row| residues(row)).collect();
    eliminate(&mut rows, columns)
}

fn residues(row: &[i64]) -> Vec<u64> {
    let residue = |x: &i64| x.rem_euclid(PRIME as i64) as u64;
    row.iter().map(residue).collect()
}

/// Brings rows to the reduced echelon form in their first columns, and returns where they begin.
fn eliminate(rows: &mut [Vec<u64>], columns: usize) -> Vec<usize> {
    let mut pivots = Vec::new();
    for column in 0..columns {
        let rank = pivots.len();
        let Some(pivot) = (rank..rows.len()).find(|&i| rows[i][column] != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        let factor = reciprocal(rows[rank][column]);
        rows[rank].iter_mut().for_each(|x| *x = times(*x, factor));
        let pivot_row = rows[rank].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if i == rank || factor == 0 {
                continue;
            }
            for (x, &p) in row[column..].iter_mut().zip(&pivot_row[column..]) {
                if p != 0 {
                    *x = plus(*x, times(PRIME - factor, p));
                }
            }
        }
        pivots.push(column);
    }
    pivots
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
pub(crate) fn product(a: &[i64], b: &[i64], m: usize, k: usize) -> Vec<i64> {
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

    #[test]
    fn pivots_of_dependent_rows() {
        let rows = [vec![0, 2, 4, 1], vec![0, 1, 2, 0], vec![0, 3, 6, 1]];
        assert_eq!(pivots(&rows), [1, 3]);
        assert_eq!(pivots(&[]), []);
    }
}
