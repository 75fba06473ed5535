//! Linear functions of the signature of a path in the plane that do not change when it is rotated.
//!
//! In the letters `z = x + iy` and `z̄ = x − iy` a rotation by `θ` multiplies the term of a word by
//! `e^{iθ(#z − #z̄)}`. So the terms of words with as many `z` as `z̄` are invariant, and they span all
//! linear invariants ([Diehl 2013](https://arxiv.org/abs/1305.6883)). Conjugation swaps the letters:
//! the real and the imaginary parts of the words that begin with `z` are a basis over the reals.
//!
//! Words of the letters `z, z̄` and of `x, y` are binary numbers here, the first letter highest, with
//! the ones at `z̄` or at `y`.

use crate::modular::pivots;

/// Which rotational invariants of a level are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RotationBasis {
    /// All linear invariants: the real parts of all words with as many `z` as `z̄` that begin with
    /// `z`, in alphabetical order, then the imaginary parts. Bases `"a"` of iisignature.
    All,
    /// Those of [`All`](Self::All) that, beside products of invariants of lower levels, are needed to
    /// span the level: nothing that they say follows from lower levels. They span, with the
    /// products, what the bases `"s"` and `"q"` of iisignature span.
    Independent,
    /// The products of invariants of lower levels, by shuffles: redundant, and not independent of
    /// each other. Basis `"k"` of iisignature.
    Products,
}

/// The rotational invariants of plane paths on the even levels of their signatures.
///
/// # Example
///
/// ```
/// # use sig_kernels::{RotationBasis, RotationInvariants};
///
/// let invariants = RotationInvariants::new(4, RotationBasis::All);
/// assert_eq!(invariants.len(), 2 + 6);
/// // Half the square of the chord, xx + yy, and twice the area, yx − xy.
/// assert_eq!(invariants.coefficients(2), [[1., 0., 0., 1.], [0., -1., 1., 0.]]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RotationInvariants {
    basis: RotationBasis,
    /// Those of the levels 2, 4, …, each with a coefficient for each word of the level.
    levels: Vec<Vec<Vec<f64>>>,
}

impl RotationInvariants {
    /// The invariants up to a level. Their number grows as `2^depth`: at depth 10 there are 350.
    ///
    /// # Panics
    ///
    /// If `depth` is odd, 0, or more than 16.
    #[track_caller]
    pub fn new(depth: usize, basis: RotationBasis) -> Self {
        assert!(
            depth > 0 && depth.is_multiple_of(2) && depth <= 16,
            "RotationInvariants: the depth must be even, from 2 to 16, since only even levels have \
             invariants, got {depth}"
        );
        let levels = (2..=depth).step_by(2);
        Self {
            basis,
            levels: levels.map(|level| of_level(level, basis)).collect(),
        }
    }

    /// The last level.
    pub fn depth(&self) -> usize {
        2 * self.levels.len()
    }

    /// Which invariants there are of each level.
    pub fn basis(&self) -> RotationBasis {
        self.basis
    }

    /// The number of invariants of all levels.
    #[allow(
        clippy::len_without_is_empty,
        reason = "there are always some, but for the products at depth 2"
    )]
    pub fn len(&self) -> usize {
        self.levels.iter().map(Vec::len).sum()
    }

    /// The invariants of an even level, each a coefficient for each of the `2^level` words, in the
    /// order of the terms of a signature.
    ///
    /// # Panics
    ///
    /// If `level` is odd, 0, or beyond the depth.
    #[track_caller]
    pub fn coefficients(&self, level: usize) -> &[Vec<f64>] {
        assert!(
            level > 0 && level.is_multiple_of(2) && level <= self.depth(),
            "RotationInvariants: there are levels 2, 4, …, {}, got {level}",
            self.depth()
        );
        &self.levels[level / 2 - 1]
    }
}

/// The real or the imaginary part of a word of `z` and `z̄`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Real,
    Imaginary,
}

const PARTS: [Part; 2] = [Part::Real, Part::Imaginary];

fn of_level(level: usize, basis: RotationBasis) -> Vec<Vec<f64>> {
    let words = words(level);
    let mut all = Vec::new();
    for part in PARTS {
        let row = |&word: &usize| expanded(word, level, part);
        let rows: Vec<Vec<f64>> = words.iter().map(row).collect();
        if basis == RotationBasis::All {
            all.extend(rows);
            continue;
        }
        let products = products(level, part, &words);
        if basis == RotationBasis::Independent {
            // A row that begins nowhere else completes the span.
            let known = pivots(&products);
            let new = (0..rows.len()).filter(|place| !known.contains(place));
            all.extend(new.map(|place| rows[place].clone()));
            continue;
        }
        for product in &products {
            let mut sum = vec![0.0; 1 << level];
            for (&factor, row) in product.iter().zip(&rows).filter(|(x, _)| **x != 0) {
                // Products are kept doubled.
                let factor = factor as f64 / 2.0;
                sum.iter_mut()
                    .zip(row)
                    .for_each(|(sum, x)| *sum += factor * x);
            }
            all.push(sum);
        }
    }
    all
}

/// The words with as many `z` as `z̄` that begin with `z`, in alphabetical order.
fn words(level: usize) -> Vec<usize> {
    let half = level as u32 / 2;
    let words = 0..1 << (level - 1);
    words
        .filter(|word: &usize| word.count_ones() == half)
        .collect()
}

/// A part of a word of `z` and `z̄` in the words of `x` and `y`: each `y` brings a factor `i` from `z`,
/// `−i` from `z̄`.
fn expanded(word: usize, level: usize, part: Part) -> Vec<f64> {
    let coefficient = |letters: usize| {
        let ys = letters.count_ones();
        let negative = ys / 2 + (letters & word).count_ones();
        let of_part = (ys % 2 == 1) == (part == Part::Imaginary);
        match (of_part, negative % 2) {
            (false, _) => 0.0,
            (true, 0) => 1.0,
            (true, _) => -1.0,
        }
    };
    (0..1 << level).map(coefficient).collect()
}

/// Twice the products of invariants of lower levels that are in a part of a level, each with a
/// coefficient for each of the words of the level.
fn products(level: usize, part: Part, of_level: &[usize]) -> Vec<Vec<i64>> {
    let mut products = Vec::new();
    let mut lower = (2..=level / 2).step_by(2).collect::<Vec<_>>();
    // Products of equal levels come last.
    lower.sort_by_key(|&lower| (2 * lower == level, lower));
    for lower in lower {
        let upper = level - lower;
        for (a, b) in factors(part, lower < upper) {
            let (first, second) = (words(lower), words(upper));
            for (i, &u) in first.iter().enumerate() {
                // A product of two of one kind is the same in both orders.
                let start = if lower == upper && a == b { i } else { 0 };
                for &v in &second[start..] {
                    products.push(product((u, lower, a), (v, upper, b), part, of_level));
                }
            }
        }
    }
    products
}

/// The parts of two factors whose product is in a part; of different levels, or of the same.
fn factors(part: Part, different: bool) -> Vec<(Part, Part)> {
    use Part::{Imaginary, Real};
    match (part, different) {
        (Real, true) => vec![(Imaginary, Imaginary), (Real, Real)],
        (Real, false) => vec![(Real, Real), (Imaginary, Imaginary)],
        (Imaginary, true) => vec![(Real, Imaginary), (Imaginary, Real)],
        (Imaginary, false) => vec![(Real, Imaginary)],
    }
}

/// Twice the product of a part of a word and a part of another. Of the words `u` and `v` it is a sum of
/// the same part of `uv` and of `uv̄`, since `2 Re u Re v = Re uv + Re uv̄`, and so on.
fn product(
    (u, lower, a): (usize, usize, Part),
    (v, upper, b): (usize, usize, Part),
    part: Part,
    of_level: &[usize],
) -> Vec<i64> {
    use Part::{Imaginary, Real};
    let level = lower + upper;
    let (plain, conjugate) = match (a, b) {
        (Real, Real) | (Imaginary, Real) => (1, 1),
        (Imaginary, Imaginary) => (-1, 1),
        (Real, Imaginary) => (1, -1),
    };
    let mut sum = vec![0; of_level.len()];
    let everywhere = |level: usize| (1 << level) - 1;
    for (v, factor) in [(v, plain), (v ^ everywhere(upper), conjugate)] {
        for mut word in shuffles((u, lower), (v, upper)) {
            let mut factor = factor;
            if word >> (level - 1) == 1 {
                word ^= everywhere(level);
                factor *= if part == Real { 1 } else { -1 };
            }
            let place = of_level.binary_search(&word).expect("a balanced word");
            sum[place] += factor;
        }
    }
    sum
}

/// All shuffles of two words, as often as they come.
fn shuffles((u, lower): (usize, usize), (v, upper): (usize, usize)) -> Vec<usize> {
    if lower == 0 || upper == 0 {
        return vec![u | v];
    }
    // The last letter is that of the one or of the other.
    let ending = |u: usize, lower: usize, v: usize, upper: usize, last: usize| {
        let shorter = shuffles((u, lower), (v, upper));
        shorter.into_iter().map(move |word| word << 1 | last)
    };
    let first = ending(u >> 1, lower - 1, v, upper, u & 1);
    first
        .chain(ending(u, lower, v >> 1, upper - 1, v & 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(basis: RotationBasis) -> Vec<usize> {
        let count = |depth| RotationInvariants::new(depth, basis).len();
        (2..=8).step_by(2).map(count).collect()
    }

    /// The table in iisignature's manual.
    #[test]
    fn as_many_as_in_iisignature() {
        assert_eq!(counts(RotationBasis::All), [2, 8, 28, 98]);
        assert_eq!(counts(RotationBasis::Independent), [2, 5, 15, 46]);
        assert_eq!(counts(RotationBasis::Products), [0, 3, 15, 76]);
    }

    #[test]
    #[should_panic(expected = "the depth must be even, from 2 to 16")]
    fn odd_levels_have_none() {
        RotationInvariants::new(3, RotationBasis::All);
    }
}
