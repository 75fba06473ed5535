//! What grows at its end without being copied each time.

use core::ops::Range;

use burn::tensor::{DType, Device, Tensor};

use crate::series::places;

/// A tensor `[batch, length, width]` that grows along its second axis. It lies in pieces, each at least
/// twice as long as the next, so that there are few of them and a row is copied only when its piece has
/// grown by half.
#[derive(Clone, Debug)]
pub(crate) struct Pieces(Vec<Tensor<3>>);

impl Pieces {
    pub(crate) fn new(first: Tensor<3>) -> Self {
        Self(vec![first])
    }

    /// Adds rows at the end.
    pub(crate) fn push(&mut self, rows: Tensor<3>) {
        let mut length = length(&rows);
        let mut kept = self.0.len();
        while kept > 0 && self::length(&self.0[kept - 1]) < 2 * length {
            kept -= 1;
            length += self::length(&self.0[kept]);
        }
        let mut together = self.0.split_off(kept);
        together.push(rows);
        self.0.push(joined(together));
    }

    /// `[batch, length, width]`
    pub(crate) fn dims(&self) -> [usize; 3] {
        let [batch, _, width] = self.0[0].dims();
        [batch, self.length(), width]
    }

    pub(crate) fn length(&self) -> usize {
        self.0.iter().map(length).sum()
    }

    pub(crate) fn device(&self) -> Device {
        self.0[0].device()
    }

    pub(crate) fn dtype(&self) -> DType {
        self.0[0].dtype()
    }

    /// All rows.
    pub(crate) fn whole(&self) -> Tensor<3> {
        joined(self.0.clone())
    }

    /// The rows of a range that is not empty.
    pub(crate) fn slice(&self, range: Range<usize>) -> Tensor<3> {
        let part = |(piece, start): (&Tensor<3>, usize)| {
            let end = start + length(piece);
            let (from, to) = (range.start.max(start), range.end.min(end));
            match (from, to) {
                _ if from >= to => None,
                _ if (from, to) == (start, end) => Some(piece.clone()),
                _ => Some(piece.clone().narrow(1, from - start, to - from)),
            }
        };
        joined(self.each().filter_map(part).collect())
    }

    /// The rows at some places, at least one, in their order.
    pub(crate) fn select(&self, chosen: &[usize]) -> Tensor<3> {
        let device = self.device();
        let mut order = vec![0; chosen.len()];
        let (mut parts, mut count) = (Vec::new(), 0);
        for (piece, start) in self.each() {
            let piece_range = start..start + length(piece);
            let mut within = Vec::new();
            for (order, &place) in order.iter_mut().zip(chosen) {
                if piece_range.contains(&place) {
                    *order = count + within.len();
                    within.push(place - start);
                }
            }
            count += within.len();
            if !within.is_empty() {
                parts.push(piece.clone().select(1, places(within, &device)));
            }
        }
        let rows = joined(parts);
        match order.is_sorted() {
            true => rows,
            false => rows.select(1, places(order, &device)),
        }
    }

    /// A tensor with the rows of some ranges in it, and where they lie there.
    pub(crate) fn ranges(&self, ranges: Vec<Range<usize>>) -> (Tensor<3>, Vec<Range<usize>>) {
        if let [whole] = &self.0[..] {
            return (whole.clone(), ranges);
        }
        let rows: Vec<usize> = ranges.iter().cloned().flatten().collect();
        let mut start = 0;
        let place = |range: Range<usize>| {
            let place = start..start + range.len();
            start = place.end;
            place
        };
        (self.select(&rows), ranges.into_iter().map(place).collect())
    }

    /// The pieces and where they start.
    fn each(&self) -> impl Iterator<Item = (&Tensor<3>, usize)> {
        self.0.iter().scan(0, |end, piece| {
            let start = *end;
            *end += length(piece);
            Some((piece, start))
        })
    }
}

fn length(piece: &Tensor<3>) -> usize {
    piece.dims()[1]
}

fn joined(mut pieces: Vec<Tensor<3>>) -> Tensor<3> {
    match pieces.len() {
        1 => pieces.remove(0),
        _ => Tensor::cat(pieces, 1),
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    /// Rows that tell their place, in two paths.
    fn rows(range: Range<usize>) -> Tensor<3> {
        let count = range.len();
        let path = |sign: f32| range.clone().map(move |place| sign * place as f32);
        let values: Vec<f32> = path(1.0).chain(path(-1.0)).collect();
        Tensor::from_data(TensorData::new(values, [2, count, 1]), &Device::flex())
    }

    fn values(tensor: Tensor<3>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn rows_are_found_wherever_they_lie() {
        let mut pieces = Pieces::new(rows(0..3));
        let mut end = 3;
        for count in [1, 1, 5, 40, 2, 1, 7, 3, 1] {
            pieces.push(rows(end..end + count));
            end += count;
            assert_eq!(pieces.dims(), [2, end, 1]);
            assert_eq!(values(pieces.whole()), values(rows(0..end)));
            for start in 0..end {
                for stop in start + 1..=end {
                    let want = values(rows(start..stop));
                    assert_eq!(values(pieces.slice(start..stop)), want);
                }
            }
            let chosen: Vec<usize> = (0..2 * end).map(|i| i * 7 % end).collect();
            let one = |sign: f32| chosen.iter().map(move |&place| sign * place as f32);
            let want: Vec<f32> = one(1.0).chain(one(-1.0)).collect();
            assert_eq!(values(pieces.select(&chosen)), want);
            let ranges = vec![end - 2..end, 0..end, 1..2];
            let (some, found) = pieces.ranges(ranges.clone());
            for (range, found) in ranges.into_iter().zip(found) {
                let part = some.clone().narrow(1, found.start, found.len());
                assert_eq!(values(part), values(rows(range)));
            }
        }
        assert!(pieces.0.len() > 2, "one piece proves little");
    }

    #[test]
    fn rows_are_copied_a_few_times_each() {
        let mut pieces = Pieces::new(rows(0..1));
        let (length, mut written) = (4096, 0);
        for end in 1..length {
            pieces.push(rows(end..end + 1));
            written += self::length(pieces.0.last().unwrap());
            assert!(pieces.0.len() <= 13, "{} pieces", pieces.0.len());
        }
        assert!(written < 12 * length, "{written} rows written");
    }
}
