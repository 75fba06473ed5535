//! The signatures of blocks of steps: a tree whose nodes are made as their last step comes in.

use std::collections::VecDeque;

use crate::{Algebra, Real};

/// Steps in a block of the lowest level.
const BLOCK: usize = 32;

/// Blocks of `BLOCK · 2^level` steps that are within a queue. Steps are counted from the first that
/// the stream ever had.
#[derive(Clone, Debug)]
pub(super) struct Blocks<T> {
    levels: Vec<Level<T>>,
    /// The signature of the steps after the last block.
    unfinished: Vec<T>,
}

/// Blocks one after another; the first has an index among all that the stream ever had.
#[derive(Clone, Debug)]
struct Level<T> {
    first: usize,
    signatures: VecDeque<Vec<T>>,
}

impl<T: Real> Blocks<T> {
    /// Without steps, from the signature of a point.
    pub(super) fn new(nothing: Vec<T>) -> Self {
        Self {
            levels: Vec::new(),
            unfinished: nothing,
        }
    }

    /// Adds a step at the end.
    pub(super) fn push(&mut self, z: &[T], algebra: &mut Algebra<T>) {
        algebra.append(&mut self.unfinished, z);
    }

    /// Drops what starts before a step.
    pub(super) fn forget(&mut self, step: usize) {
        for (level, blocks) in self.levels.iter_mut().enumerate() {
            if blocks.first * (BLOCK << level) < step && !blocks.signatures.is_empty() {
                blocks.signatures.pop_front();
                blocks.first += 1;
            }
        }
    }

    /// The largest block from a step on that ends at `end` or before, and its steps.
    pub(super) fn largest(&self, step: usize, end: usize) -> Option<(usize, &[T])> {
        let levels = self.levels.iter().enumerate().rev();
        let mut found = levels.filter_map(|(level, blocks)| {
            let steps = BLOCK << level;
            let fits = step.is_multiple_of(steps) && step + steps <= end;
            let index = (step / steps).checked_sub(blocks.first)?;
            let block = blocks.signatures.get(index).filter(|_| fits)?;
            Some((steps, block.as_slice()))
        });
        found.next()
    }

    /// Puts away the block that has become full with that many steps, and those it completes.
    pub(super) fn finish(&mut self, steps: usize, forgotten: usize, algebra: &Algebra<T>) {
        if !steps.is_multiple_of(BLOCK) {
            return;
        }
        let mut block = core::mem::replace(&mut self.unfinished, algebra.unit());
        for level in 0.. {
            let size = BLOCK << level;
            let index = steps / size - 1;
            if index * size < forgotten {
                // Its start is forgotten: it could never be used.
                return;
            }
            if self.levels.len() == level {
                self.levels.push(Level {
                    first: index,
                    signatures: VecDeque::new(),
                });
            }
            let blocks = &mut self.levels[level];
            if blocks.signatures.is_empty() {
                blocks.first = index;
            }
            blocks.signatures.push_back(block);
            if index.is_multiple_of(2) || blocks.signatures.len() < 2 {
                return;
            }
            let last = blocks.signatures.len() - 1;
            let (a, b) = (&blocks.signatures[last - 1], &blocks.signatures[last]);
            block = algebra.product(a, b);
        }
    }
}
