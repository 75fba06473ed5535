//! Pairs of paths in the order they are computed in.

use core::ops::Range;

use crate::Pairs;

/// The pairs of a call. Consecutive ones share the first path where they can.
pub(super) struct List {
    pairs: Pairs,
    second: usize,
    /// Where the pairs of each first path begin; of a symmetric matrix alone.
    starts: Vec<usize>,
    count: usize,
}

impl List {
    pub(super) fn new(pairs: Pairs, [first, second]: [usize; 2]) -> Self {
        let starts: Vec<usize> = match pairs {
            Pairs::Symmetric => (0..first)
                .map(|i| i * first - i * i.saturating_sub(1) / 2)
                .collect(),
            _ => Vec::new(),
        };
        Self {
            pairs,
            second,
            starts,
            count: match pairs {
                Pairs::Rows | Pairs::Grid => first,
                Pairs::Gram => first * second,
                Pairs::Symmetric => first * (first + 1) / 2,
            },
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The paths of a pair.
    pub(super) fn at(&self, index: usize) -> [usize; 2] {
        match self.pairs {
            Pairs::Rows | Pairs::Grid => [index, index],
            Pairs::Gram => [index / self.second, index % self.second],
            Pairs::Symmetric => {
                let first = self.starts.partition_point(|&start| start <= index) - 1;
                [first, first + index - self.starts[first]]
            }
        }
    }

    /// The paths of both batches among some pairs.
    pub(super) fn paths(&self, pairs: Range<usize>) -> [Range<usize>; 2] {
        let ([i, j], [last, k]) = (self.at(pairs.start), self.at(pairs.end - 1));
        let second = match self.pairs {
            Pairs::Rows | Pairs::Grid => j..k + 1,
            _ if i == last => j..k + 1,
            Pairs::Gram => 0..self.second,
            Pairs::Symmetric => i..self.second,
        };
        [i..last + 1, second]
    }

    /// The numbers of pairs as a matrix or a row.
    pub(super) fn spread<T: Copy>(&self, numbers: Vec<T>) -> Vec<T> {
        if self.pairs != Pairs::Symmetric {
            return numbers;
        }
        let size = self.second;
        let place = |i: usize, j: usize| self.starts[i.min(j)] + i.max(j) - i.min(j);
        let row = |i: usize| (0..size).map(move |j| (i, j));
        (0..size)
            .flat_map(row)
            .map(|(i, j)| numbers[place(i, j)])
            .collect()
    }

    /// What the gradients of a pair's kernel are multiplied by: the gradient of this kernel in `output`.
    /// It is 1 for a grid, whose gradients have that of `output` in them.
    pub(super) fn gathered<T: crate::Real>(&self, output: &[T], index: usize) -> T {
        let [i, j] = self.at(index);
        match self.pairs {
            Pairs::Symmetric if i != j => output[i * self.second + j] + output[j * self.second + i],
            Pairs::Symmetric => output[i * self.second + j],
            Pairs::Grid => T::nearest(1.0),
            _ => output[index],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symmetric() {
        let list = List::new(Pairs::Symmetric, [3, 3]);
        let pairs: Vec<_> = (0..list.count()).map(|index| list.at(index)).collect();
        assert_eq!(pairs, [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]);
        assert_eq!(
            list.spread(vec![0, 1, 2, 3, 4, 5]),
            [0, 1, 2, 1, 3, 4, 2, 4, 5]
        );
        assert_eq!(list.paths(1..3), [0..1, 1..3]);
        assert_eq!(list.paths(2..4), [0..2, 0..3]);
    }
}
