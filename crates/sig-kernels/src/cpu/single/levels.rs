//! How terms and partial sums lie in memory.

use std::mem::MaybeUninit;
use std::ops::Range;

use bytemuck::Pod;

use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::tree::Tree;

/// Where the terms of each level lie: rows of whole vectors, a row for each first letter. The
/// letters are one row.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(super) tree: Tree,
    pub(super) lanes: usize,
    /// In vectors, of levels from the first on and then of what follows the last.
    offsets: Vec<usize>,
}

impl Layout {
    pub(crate) fn new(tree: Tree, lanes: usize) -> Self {
        let mut offsets = vec![0];
        for level in 1..=tree.depth {
            let (rows, width) = rows(&tree, level);
            offsets.push(offsets[level - 1] + rows * width.div_ceil(lanes));
        }
        Self {
            tree,
            lanes,
            offsets,
        }
    }

    /// Vectors of all levels.
    pub(super) fn vectors(&self) -> usize {
        self.offsets[self.tree.depth]
    }

    /// Vectors of the levels below the top.
    pub(super) fn vectors_below_top(&self) -> usize {
        self.offsets[self.tree.depth - 1]
    }

    /// The terms of a level.
    pub(super) fn level<'a, V>(&self, terms: &'a mut [V], level: usize) -> &'a mut [V] {
        &mut terms[self.offsets[level - 1]..self.offsets[level]]
    }

    /// Copies terms to where they follow each other.
    pub(super) fn store<T: Pod, V: Pod>(&self, terms: &[V], to: &mut [MaybeUninit<T>]) {
        self.each_row(|from, at| {
            let numbers: &[T] = bytemuck::cast_slice(&terms[from..]);
            let width = at.len();
            to[at].write_copy_of_slice(&numbers[..width]);
        });
    }

    /// Copies terms from where they follow each other; zeros fill the rows.
    pub(super) fn load<T: Pod, V: Pod>(&self, from: &[T], terms: &mut [V]) {
        bytemuck::fill_zeroes(terms);
        self.each_row(|to, at| {
            let numbers: &mut [T] = bytemuck::cast_slice_mut(&mut terms[to..]);
            numbers[..at.len()].copy_from_slice(&from[at]);
        });
    }

    /// Adds terms that follow each other, each to that of the reversed word.
    ///
    /// # Arguments
    ///
    /// - `reversed`: which these are, as [`reversed`](Self::reversed) says.
    pub(super) fn add<T: Real, V: Pod>(&self, from: &[T], reversed: &[u32], terms: &mut [V]) {
        self.each_row(|to, at| {
            let numbers: &mut [T] = bytemuck::cast_slice_mut(&mut terms[to..]);
            for (number, &word) in numbers.iter_mut().zip(&reversed[at]) {
                *number += from[word as usize];
            }
        });
    }

    /// For each word the place of the reversed word among all terms.
    pub(super) fn reversed(&self) -> Vec<u32> {
        let (tree, d) = (&self.tree, self.tree.channels);
        let mut places: Vec<u32> = (0..d as u32).collect();
        for level in 2..=tree.depth {
            let lower = tree.offset(level - 1)..tree.offset(level);
            let (below, here) = (lower.start as u32, lower.end as u32);
            for letter in 0..d as u32 {
                for at in lower.clone() {
                    let prefix = places[at] - below;
                    places.push(here + prefix * d as u32 + letter);
                }
            }
        }
        places
    }

    /// Calls a function for every row, with its first vector and its range among all terms.
    fn each_row(&self, mut each: impl FnMut(usize, Range<usize>)) {
        let mut first = 0;
        for level in 1..=self.tree.depth {
            let (rows, width) = rows(&self.tree, level);
            for row in 0..rows {
                let at = self.tree.offset(level) + row * width;
                each(first, at..at + width);
                first += width.div_ceil(self.lanes);
            }
        }
    }
}

fn rows(tree: &Tree, level: usize) -> (usize, usize) {
    match level {
        1 => (1, tree.channels),
        _ => (tree.channels, tree.words(level - 1)),
    }
}

/// So many levels above that a constant does not tell how many.
pub(super) const MANY: usize = usize::MAX;

/// Levels above: those that the constant tells, or else those that are given.
#[inline(always)]
pub(super) fn levels_above<const ABOVE: usize>(given: usize) -> usize {
    match ABOVE {
        MANY => given,
        few => few,
    }
}

/// The partial sums of a level, `[step][k][word]`, of steps of a chunk and of the `above` levels
/// above it.
#[derive(Clone, Copy)]
pub(super) struct Sums<D> {
    pub(super) data: D,
    /// Vectors of all words.
    pub(super) room: usize,
    pub(super) above: usize,
}

/// The partial sums of all levels below the top, or their gradients.
pub(super) struct SumsOfLevels<V>(Vec<Sums<Scratch<V>>>);

impl<V: Pod> SumsOfLevels<V> {
    /// For so many steps. What lies behind the words may be multiplied with zero, so it is zero.
    pub(super) fn new(layout: &Layout, steps: usize) -> Self {
        let sums = |level: usize| {
            let (room, above) = (layout.room(level), layout.tree.depth - level);
            let mut data = Scratch::new(steps * above * room);
            for row in data.chunks_exact_mut(room) {
                row[room.saturating_sub(2)] = V::zeroed();
                row[room - 1] = V::zeroed();
            }
            Sums { data, room, above }
        };
        Self((1..layout.tree.depth).map(sums).collect())
    }

    /// Those of a level, none of the top.
    pub(super) fn of(&mut self, level: usize) -> Sums<&mut [V]> {
        match self.0.get_mut(level - 1) {
            Some(sums) => sums.as_mut(),
            None => Sums {
                data: &mut [],
                room: usize::MAX,
                above: 0,
            },
        }
    }

    /// Those of a level, which is not the top, and of the next.
    pub(super) fn two(&mut self, level: usize) -> (Sums<&mut [V]>, Sums<&mut [V]>) {
        let (lower, upper) = self.0.split_at_mut(level);
        let lower = lower[level - 1].as_mut();
        let none = Sums {
            data: &mut [][..],
            room: 0,
            above: 0,
        };
        (lower, upper.first_mut().map_or(none, Sums::as_mut))
    }
}

impl<V: Pod> Sums<Scratch<V>> {
    fn as_mut(&mut self) -> Sums<&mut [V]> {
        Sums {
            data: &mut self.data,
            room: self.room,
            above: self.above,
        }
    }
}

impl<'a, V> Sums<&'a mut [V]> {
    /// Those from a step on.
    pub(super) fn from(self, step: usize) -> Self {
        Self {
            data: &mut self.data[step * self.above * self.room..],
            ..self
        }
    }

    pub(super) fn shared(self) -> Sums<&'a [V]> {
        Sums {
            data: self.data,
            room: self.room,
            above: self.above,
        }
    }
}

impl Layout {
    /// Vectors of a level's words without rows, with what a vector at the end of the last row has
    /// beyond it.
    fn room(&self, level: usize) -> usize {
        self.tree.words(level).div_ceil(self.lanes) + usize::from(level > 1)
    }

    /// Steps of a chunk: so many that their partial sums stay in the cache.
    pub(crate) fn chunk(&self, steps: usize, bytes: usize) -> usize {
        const CACHE: usize = 32 << 10;
        let vectors = (1..self.tree.depth)
            .map(|level| (self.tree.depth - level).saturating_mul(self.room(level)))
            .fold(1, usize::saturating_add);
        let most = (CACHE / bytes / self.lanes / vectors).clamp(8, 32);
        steps.div_ceil(steps.div_ceil(most))
    }
}
