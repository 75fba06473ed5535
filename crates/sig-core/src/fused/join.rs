//! The signatures of segments joined to those of paths, two by two, and the way back.

use pulp::Simd;

use super::chen::{Product, ProductAdjoint};
use super::lanes::{load_rows, store_all, store_rows};
use super::pages;
use super::parts::{cut, each};
use super::scratch::Scratch;
use super::simd::{Number, lanes};
use super::tree::Tree;

/// Signatures `[row][segment][term]`.
pub(super) struct Segments<T> {
    pub(super) data: Vec<T>,
    pub(super) rows: usize,
    pub(super) segments: usize,
}

impl<T: Number> Segments<T> {
    /// Pairs of segments that are neighbours; the last may have none.
    fn pairs(&self) -> usize {
        self.rows * self.segments.div_ceil(2)
    }

    /// The segment on the left of a pair, and that on the right if there is one.
    fn pair(&self, pair: usize) -> (usize, Option<usize>) {
        let half = self.segments.div_ceil(2);
        let (row, segment) = (pair / half, pair % half * 2);
        let left = row * self.segments + segment;
        (left, (segment + 1 < self.segments).then_some(left + 1))
    }

    /// Where the rows of a block of pairs start, for signatures of so many terms. Lanes left over
    /// repeat the last pair.
    fn offsets(&self, block: usize, count: usize, terms: usize) -> [Vec<Option<usize>>; 2] {
        let pairs = block * count..(block + 1) * count;
        let [mut left, mut right] = [const { Vec::new() }; 2];
        for pair in pairs {
            let (first, second) = self.pair(pair.min(self.pairs() - 1));
            left.push(Some(first * terms));
            right.push(second.map(|second| second * terms));
        }
        [left, right]
    }

    /// Joins neighbours: half as many segments.
    pub(super) fn join<S: Simd>(&self, simd: S, tree: &Tree) -> Self {
        let (terms, count) = (tree.terms(), lanes::<T, S>());
        let mut data = pages::unwritten(self.pairs() * terms);
        let parts: Vec<&mut [_]> = data.chunks_mut((count * terms).max(1)).collect();
        let scratch = || [(); 3].map(|()| Scratch::new(terms));
        each(
            parts,
            terms * self.pairs(),
            scratch,
            |[left, right, out], block, rows| {
                let [at_left, at_right] = self.offsets(block, count, terms);
                load_rows(simd, &self.data, &at_left, left);
                load_rows(simd, &self.data, &at_right, right);
                simd.vectorize(Product::<T, S> {
                    simd,
                    tree,
                    left,
                    right,
                    out,
                });
                store_all(simd, out, rows, terms);
            },
        );
        Self {
            // SAFETY: the loop stored every pair of a block into its row.
            data: unsafe { pages::written(data) },
            rows: self.rows,
            segments: self.segments.div_ceil(2),
        }
    }

    /// The gradients of these segments' signatures from that of those they were joined to, whose
    /// depth is that of `tree`; of these only the levels below its top are needed, and held.
    pub(super) fn join_adjoint<S: Simd>(&self, simd: S, tree: &Tree, joined: &[T]) -> Vec<T> {
        let (terms, count) = (tree.terms(), lanes::<T, S>());
        let below_top = tree.terms() - tree.words(tree.depth);
        let mut data = vec![T::zeroed(); self.rows * self.segments * terms];
        let blocks = self.pairs().div_ceil(count);
        let ends = (0..blocks).map(|block| {
            let last = ((block + 1) * count).min(self.pairs()) - 1;
            let (left, right) = self.pair(last);
            (right.unwrap_or(left) + 1) * terms
        });
        let scratch = || {
            let factors = [(); 2].map(|()| Scratch::new(below_top));
            (factors, [(); 3].map(|()| Scratch::new(terms)))
        };
        let parts = cut(&mut data, ends);
        each(
            parts,
            2 * terms * self.pairs(),
            scratch,
            |scratch, block, rows| {
                let ([left, right], [gradient, left_gradient, right_gradient]) = scratch;
                let [at_left, at_right] = self.offsets(block, count, below_top);
                load_rows(simd, &self.data, &at_left, left);
                load_rows(simd, &self.data, &at_right, right);
                let pairs = block * count..self.pairs().min((block + 1) * count);
                let joined_at: Vec<_> = (0..count)
                    .map(|lane| Some((pairs.start + lane).min(pairs.end - 1) * terms))
                    .collect();
                load_rows(simd, joined, &joined_at, gradient);
                simd.vectorize(ProductAdjoint::<T, S> {
                    simd,
                    tree,
                    left,
                    right,
                    gradient,
                    left_gradient,
                    right_gradient,
                });
                let [at_left, at_right] = self.offsets(block, count, terms);
                let base = at_left[0].expect("a block has a pair");
                for (at, vectors) in [(at_left, left_gradient), (at_right, right_gradient)] {
                    let at: Vec<_> = at[..pairs.len()]
                        .iter()
                        .map(|at| at.map(|at| at - base))
                        .collect();
                    store_rows(simd, vectors, pages::overwrite(rows), &at);
                }
            },
        );
        data
    }
}
