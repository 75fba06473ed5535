//! The words of a signature as a tree: a word's children are the words one letter longer.

use crate::SignatureSpec;

/// Channels and depth, with the offsets of the levels.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) channels: usize,
    pub(crate) depth: usize,
    offsets: Vec<usize>,
}

impl Tree {
    pub(crate) fn new(spec: SignatureSpec) -> Self {
        let ends = spec.level_ranges().map(|range| range.end);
        Self {
            channels: spec.channels(),
            depth: spec.depth(),
            offsets: [0, 0].into_iter().chain(ends).collect(),
        }
    }

    /// The tree without its top level, which may be that of the empty word alone.
    pub(crate) fn below_top(&self) -> Self {
        Self {
            channels: self.channels,
            depth: self.depth - 1,
            offsets: self.offsets[..=self.depth].to_vec(),
        }
    }

    /// Number of terms, the empty word not counted.
    pub(crate) fn terms(&self) -> usize {
        self.offsets[self.depth + 1]
    }

    /// Where a level, from 1, starts among the terms.
    pub(crate) fn offset(&self, level: usize) -> usize {
        self.offsets[level]
    }

    /// Number of words of a level.
    pub(crate) fn words(&self, level: usize) -> usize {
        match level {
            0 => 1,
            _ => self.offsets[level + 1] - self.offsets[level],
        }
    }

    /// Multiply-adds of a step: `Σ_{j=2..N} (N − j + 1) d^j`.
    pub(crate) fn step_cost(&self) -> usize {
        (1..=self.depth)
            .map(|level| (self.depth + 1 - level).saturating_mul(self.words(level)))
            .fold(0, usize::saturating_add)
    }

    /// Multiply-adds of a product of two signatures: `Σ_k (k − 1) d^k`, and the levels' own sums.
    pub(crate) fn product_cost(&self) -> usize {
        (1..=self.depth)
            .map(|level| level.saturating_mul(self.words(level)))
            .fold(0, usize::saturating_add)
    }
}
