//! The changes of basis as sparse matrices over all coordinates.

use super::blocks::{Block, blocks};
use super::{LogSignatureBasis, lyndon_places};
use crate::SignatureSpec;

/// What leads into and out of a basis of the free Lie algebra.
pub struct ChangeOfBasis {
    to_basis: SparseMatrix,
    to_lyndon: SparseMatrix,
    to_words: SparseMatrix,
}

/// A change of the coordinates of Lie elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LieMap {
    /// The coordinates from the terms at the Lyndon words.
    ToBasis,
    /// The terms at the Lyndon words from the coordinates.
    ToLyndon,
    /// The terms at all words from the coordinates.
    ToWords,
}

/// A matrix whose rows have few entries. It has a row and a column at least.
///
/// `output[i] = first(i) · input + Σ output[target] += value · input[source]` over the other entries.
#[derive(Debug)]
pub struct SparseMatrix {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
    /// One entry of each row, or none at all where a row is empty.
    pub first: Entries,
    /// All other entries.
    pub rest: Entries,
}

/// Entries of a sparse matrix.
#[derive(Debug, Default)]
pub struct Entries {
    /// The row of each.
    pub targets: Vec<usize>,
    /// The column of each.
    pub sources: Vec<usize>,
    /// The value of each.
    pub values: Vec<i64>,
}

impl ChangeOfBasis {
    pub(super) fn new(spec: SignatureSpec, basis: LogSignatureBasis) -> Self {
        let blocks = blocks(spec, basis);
        let coordinates = blocks.iter().map(|block| block.elements.len()).sum();
        let to_words = entries(&blocks, |block| {
            (&block.to_words, &block.words, &block.elements)
        });
        let to_basis = entries(&blocks, |block| {
            (&block.to_basis, &block.elements, &block.lyndon)
        });
        let lyndon = &lyndon_places(spec).words;
        // They ascend.
        let at_lyndon = to_words.iter().filter_map(|&(word, source, value)| {
            let target = lyndon.binary_search(&word).ok()?;
            Some((target, source, value))
        });
        let square = [coordinates; 2];
        Self {
            to_lyndon: SparseMatrix::new(square, at_lyndon.collect()),
            to_basis: SparseMatrix::new(square, to_basis),
            to_words: SparseMatrix::new([spec.terms(), coordinates], to_words),
        }
    }

    /// The matrix of a map.
    pub fn matrix(&self, map: LieMap) -> &SparseMatrix {
        match map {
            LieMap::ToBasis => &self.to_basis,
            LieMap::ToLyndon => &self.to_lyndon,
            LieMap::ToWords => &self.to_words,
        }
    }
}

impl SparseMatrix {
    /// From the row, the column and the value of each entry.
    fn new([rows, columns]: [usize; 2], mut entries: Vec<(usize, usize, i64)>) -> Self {
        entries.sort_unstable();
        let mut filled = 0;
        entries
            .chunk_by(|a, b| a.0 == b.0)
            .for_each(|_| filled += 1);
        let (mut first, mut rest) = (Entries::default(), Entries::default());
        let mut before = None;
        for (target, source, value) in entries {
            let leads = filled == rows && before != Some(target);
            before = Some(target);
            let list = if leads { &mut first } else { &mut rest };
            list.targets.push(target);
            list.sources.push(source);
            list.values.push(value);
        }
        Self {
            rows,
            columns,
            first,
            rest,
        }
    }

    /// Whether the output is the input.
    pub fn is_identity(&self) -> bool {
        let Entries {
            sources, values, ..
        } = &self.first;
        let in_place = sources.iter().copied().eq(0..self.rows);
        in_place && self.rest.values.is_empty() && values.iter().all(|&value| value == 1)
    }
}

/// All entries of the blocks of a matrix `[targets, sources]` of each class: row, column, value.
fn entries(
    blocks: &[Block],
    matrix: impl Fn(&Block) -> (&[i64], &[usize], &[usize]),
) -> Vec<(usize, usize, i64)> {
    let mut entries = Vec::new();
    for block in blocks {
        let (values, targets, sources) = matrix(block);
        let height = values.len() / block.size;
        let classes = targets.chunks(height).zip(sources.chunks(block.size));
        for (targets, sources) in classes {
            let rows = targets.iter().zip(values.chunks(block.size));
            for (&target, row) in rows {
                let entry = |(&value, &source)| (value != 0).then_some((target, source, value));
                entries.extend(row.iter().zip(sources).filter_map(entry));
            }
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogSignatureBasis::{Brackets, Hall, Words};

    impl SparseMatrix {
        fn times(&self, input: &[i64]) -> Vec<i64> {
            let mut output = vec![0; self.rows];
            for Entries {
                targets,
                sources,
                values,
            } in [&self.first, &self.rest]
            {
                for ((&target, &source), &value) in targets.iter().zip(sources).zip(values) {
                    output[target] += value * input[source];
                }
            }
            output
        }
    }

    #[test]
    fn into_a_basis_and_out_again_is_the_identity() {
        for (channels, depth) in [(1, 3), (2, 6), (3, 4), (4, 3)] {
            let spec = SignatureSpec::new(channels, depth);
            let n = Words.terms(channels, depth);
            let input: Vec<i64> = (0..n as i64).map(|i| (i * i) % 17 - 8).collect();
            for basis in [Words, Brackets, Hall] {
                let change = ChangeOfBasis::new(spec, basis);
                let coordinates = change.to_basis.times(&input);
                assert_eq!(change.to_lyndon.times(&coordinates), input);
                let terms = change.to_words.times(&coordinates);
                let lyndon = &lyndon_places(spec).words;
                let at_lyndon: Vec<i64> = lyndon.iter().map(|&word| terms[word]).collect();
                assert_eq!(at_lyndon, input, "{channels} {depth} {basis:?}");
            }
        }
    }

    /// There is one coordinate, however many terms there are.
    #[test]
    fn one_channel_at_any_depth() {
        let change = ChangeOfBasis::new(SignatureSpec::new(1, 1 << 50), Brackets);
        assert!(change.to_basis.is_identity() && change.to_lyndon.is_identity());
    }

    #[test]
    fn bases_differ_where_they_should() {
        let trivial = |channels, depth| {
            let change = ChangeOfBasis::new(SignatureSpec::new(channels, depth), Brackets);
            change.to_basis.is_identity()
        };
        assert!(trivial(2, 4) && !trivial(2, 5));
        assert!(trivial(3, 2) && !trivial(3, 3));
    }
}
