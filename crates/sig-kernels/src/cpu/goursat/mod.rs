//! Signature kernels: the equation `∂²u/∂s∂t = δ u`, a Goursat problem, on the grid of the steps of
//! two paths. A lane takes a pair of paths.
//!
//! `pairs` says which, `lift` makes `δ` of a row of tiles from the points of the lanes and takes its
//! gradient back, `difference` and `series` go over the rows, and `worker` is what a thread has of
//! these. A gradient keeps the state before every √rows rows and goes over the rows between again,
//! from the last block to the first.
//!
//! A kernel is one number, so its gradient is the product of one number, which comes later, with
//! those of the kernel itself. Where these are not many they are computed with the kernels and
//! kept, which saves one of two passes over the grid. Of a grid nothing is kept: each of its numbers
//! has a gradient of its own, which the pass from the last row to the first adds where it comes by.

mod difference;
mod functions;
mod lift;
mod pairs;
mod series;
#[cfg(test)]
mod tests;
mod worker;

use core::mem::MaybeUninit;
use core::ops::Range;

use bytemuck::Pod;
use pulp::{Simd, WithSimd};

use super::SignatureKernel;
use super::lanes::{load_rows, store_rows_at};
use super::output_buffer::OutputBuffer;
use super::schedule::each;
use super::scratch::Scratch;
use super::simd::lanes;
use crate::{KernelSolver, Pairs, Real};
pub(super) use functions::Functions;
use pairs::List;
use worker::{Give, Worker};

/// Numbers of gradients that are kept between two calls at most: 32 MiB in f32. Rows keep theirs
/// however many they are: no more than the numbers of the paths.
const MOST_KEPT: usize = 1 << 23;

/// Parts that the gradients of Gram matrices are added up in, which does not depend on the threads.
const PARTS: usize = 32;

/// Pairs up to which numbers are taken one by one: what vectors would waste is memory and no less
/// time.
pub(super) const FEW: usize = 1;

/// What a call is of.
struct Sizes {
    lengths: [usize; 2],
    channels: usize,
}

impl Sizes {
    /// Tiles of a column and of a row.
    fn tiles(&self) -> [usize; 2] {
        self.lengths.map(|length| length - 1)
    }

    /// Numbers of a path of each batch.
    fn numbers(&self) -> [usize; 2] {
        self.lengths.map(|length| length * self.channels)
    }
}

pub(super) struct Values<'a, T> {
    pub(super) call: &'a SignatureKernel<'a, T>,
    pub(super) keeps: bool,
}

impl<T: Real> WithSimd for Values<'_, T> {
    type Output = (Vec<T>, Option<Vec<T>>);

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let problem = Problem::new(simd, self.call);
        let (count, of_group) = (lanes::<T, S>(), problem.kept_of_group());
        let groups = problem.list.count().div_ceil(count);
        let kept = groups.saturating_mul(of_group).saturating_mul(count);
        let keeps = match self.call.pairs {
            Pairs::Rows => self.keeps,
            Pairs::Gram | Pairs::Symmetric => self.keeps && kept <= MOST_KEPT,
            Pairs::Grid => false,
        };
        let of_pair = problem.of_pair();
        let mut values = OutputBuffer::<T>::new(problem.list.count() * of_pair);
        let mut kept = OutputBuffer::<T>::new(if keeps { kept } else { 0 });
        let of_values = values.room().chunks_mut(count * of_pair);
        let mut of_kept = kept.room().chunks_mut((of_group * count).max(1));
        let groups = of_values.map(|values| (values, of_kept.next())).collect();
        let work = |worker: &mut Worker<'_, T, S>, group: usize, (values, kept): Group<'_, T>| {
            if problem.is_grid() {
                return problem.write_grids(worker, group, values);
            }
            let kernels = match kept {
                None => worker.kernels(group, None),
                Some(kept) => {
                    let (kernels, gradients) = worker.gradients(group, None);
                    let gradients = gradients.iter().flat_map(|part| part.iter().copied());
                    let rooms = kept.chunks_exact_mut(count);
                    for (room, vector) in rooms.zip(gradients) {
                        write(room, numbers(&vector));
                    }
                    kernels
                }
            };
            write(values, numbers(&kernels));
        };
        each(groups, problem.cost(), || Worker::new(&problem), work);
        // SAFETY: every group wrote its values and, if there is room for them, its gradients.
        let (values, kept) = unsafe { (values.assume_written(), kept.assume_written()) };
        (problem.list.spread(values), keeps.then_some(kept))
    }
}

/// Where the values of a group go, and its gradients.
type Group<'a, T> = (&'a mut [MaybeUninit<T>], Option<&'a mut [MaybeUninit<T>]>);

pub(super) struct Gradient<'a, T> {
    pub(super) call: &'a SignatureKernel<'a, T>,
    pub(super) output: &'a [T],
    pub(super) kept: Option<&'a [T]>,
}

/// The gradients that some groups give.
struct Part<'a, T> {
    groups: Range<usize>,
    paths: [Range<usize>; 2],
    gradients: [&'a mut [T]; 2],
}

impl<T: Real> WithSimd for Gradient<'_, T> {
    type Output = [Vec<T>; 2];

    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let problem = Problem::new(simd, self.call);
        let (count, total) = (lanes::<T, S>(), problem.list.count());
        let groups = total.div_ceil(count);
        let (parts, widths) = (groups.min(PARTS), problem.sizes.numbers());
        let places: Vec<_> = (0..parts)
            .map(|part| {
                let groups = part * groups / parts..(part + 1) * groups / parts;
                let pairs = groups.start * count..(groups.end * count).min(total);
                (groups, problem.list.paths(pairs))
            })
            .collect();
        // The gradients of all parts, one after the other.
        let mut rooms = [0, 1].map(|which| {
            let paths = places.iter().map(|(_, paths)| paths[which].len());
            vec![T::default(); paths.sum::<usize>() * widths[which]]
        });
        let mut rest = rooms.each_mut().map(Vec::as_mut_slice);
        let mut room = |which: usize, size: usize| {
            let (room, behind) = core::mem::take(&mut rest[which]).split_at_mut(size);
            rest[which] = behind;
            room
        };
        let parts = places.iter().cloned().map(|(groups, paths)| Part {
            groups,
            gradients: [0, 1].map(|which| room(which, paths[which].len() * widths[which])),
            paths,
        });
        let work = |worker: &mut Worker<'_, T, S>, _, mut part: Part<'_, T>| {
            for group in part.groups.clone() {
                let pairs = group * count..((group + 1) * count).min(total);
                match self.kept {
                    Some(kept) => {
                        let size = problem.kept_of_group() * count;
                        let kept = &kept[group * size..][..size];
                        let (x, y) = kept.split_at(widths[0] * count);
                        problem.add(self.output, pairs, [x, y], count, &mut part);
                    }
                    None => {
                        let mut give = |row: usize, gradient: &mut [T::Vector<S>]| {
                            problem.read_grids(self.output, group, row, gradient);
                        };
                        let give = problem.is_grid().then_some(&mut give as Give<'_, _>);
                        let (_, gradients) = worker.gradients(group, give);
                        let [x, y] = gradients.each_ref().map(|part| bytemuck::cast_slice(part));
                        problem.add(self.output, pairs, [x, y], count, &mut part);
                    }
                }
            }
        };
        let cost = if self.kept.is_some() {
            0
        } else {
            4 * problem.cost()
        };
        each(parts.collect(), cost, || Worker::new(&problem), work);
        if let Pairs::Rows | Pairs::Grid = self.call.pairs {
            // Each path is in one part.
            return rooms;
        }
        [0, 1].map(|which| {
            let mut gradient = vec![T::default(); self.call.rows[which] * widths[which]];
            let mut room = &rooms[which][..];
            for (_, paths) in &places {
                let [start, size] =
                    [paths[which].start, paths[which].len()].map(|n| n * widths[which]);
                let (part, rest) = room.split_at(size);
                for (to, &from) in gradient[start..].iter_mut().zip(part) {
                    *to += from;
                }
                room = rest;
            }
            gradient
        })
    }
}

/// A call with what all its groups need.
struct Problem<'a, T: Real, S: Simd> {
    simd: S,
    call: &'a SignatureKernel<'a, T>,
    sizes: Sizes,
    list: List,
}

impl<'a, T: Real, S: Simd> Problem<'a, T, S> {
    fn new(simd: S, call: &'a SignatureKernel<'a, T>) -> Self {
        Self {
            simd,
            call,
            sizes: Sizes {
                lengths: call.lengths,
                channels: call.channels,
            },
            list: List::new(call.pairs, call.rows),
        }
    }

    fn is_grid(&self) -> bool {
        self.call.pairs == Pairs::Grid
    }

    /// Vertices of a column and of a row.
    fn vertices(&self) -> [usize; 2] {
        let ([m, n], [a, b]) = (self.sizes.tiles(), self.call.solver.dyadic());
        [(m << a) + 1, (n << b) + 1]
    }

    /// Numbers of the output for a pair.
    fn of_pair(&self) -> usize {
        if self.is_grid() {
            self.vertices().iter().product()
        } else {
            1
        }
    }

    /// Writes the grids of a group, one after the other.
    fn write_grids(
        &self,
        worker: &mut Worker<'_, T, S>,
        group: usize,
        values: &mut [MaybeUninit<T>],
    ) {
        let ([_, columns], of_pair) = (self.vertices(), self.of_pair());
        let grids = values.len() / of_pair;
        let mut take = |row: usize, vertices: &[T::Vector<S>]| {
            let at: Vec<_> = (0..grids).map(|l| l * of_pair + row * columns).collect();
            store_rows_at::<T, S>(self.simd, vertices, values, &at);
        };
        let one = T::splat(self.simd, T::nearest(1.0));
        take(0, &Scratch::filled(columns, one));
        worker.kernels(group, Some(&mut take));
    }

    /// Reads what `output`, the gradient of all grids, has for a row of vertices of a group.
    fn read_grids(&self, output: &[T], group: usize, row: usize, gradient: &mut [T::Vector<S>]) {
        let ([_, columns], of_pair) = (self.vertices(), self.of_pair());
        let (count, last) = (lanes::<T, S>(), self.list.count() - 1);
        let pairs = (0..count).map(|lane| (group * count + lane).min(last));
        let at: Vec<_> = pairs.map(|pair| pair * of_pair + row * columns).collect();
        load_rows::<T, S>(self.simd, output, &at, gradient);
    }

    /// Vectors of the gradients of a group.
    fn kept_of_group(&self) -> usize {
        self.sizes.numbers().iter().sum()
    }

    /// Multiply-adds of vectors.
    fn cost(&self) -> usize {
        let [m, n] = self.sizes.tiles();
        let tile = match self.call.solver {
            KernelSolver::Series { order } => 3 * order * (order + 1),
            KernelSolver::FiniteDifference { dyadic: [a, b] } => 4 << (a + b),
        };
        let groups = self.list.count().div_ceil(lanes::<T, S>());
        let tile = tile + 2 * self.sizes.channels;
        [m, n, tile].into_iter().fold(groups, usize::saturating_mul)
    }

    /// Adds the gradients of pairs, of which each lane has those of one kernel, to those of paths.
    fn add(
        &self,
        output: &[T],
        pairs: Range<usize>,
        lanes: [&[T]; 2],
        count: usize,
        part: &mut Part<'_, T>,
    ) {
        let widths = self.sizes.numbers();
        for (lane, pair) in pairs.enumerate() {
            let (weight, paths) = (self.list.gathered(output, pair), self.list.at(pair));
            for which in [0, 1] {
                let start = (paths[which] - part.paths[which].start) * widths[which];
                let to = &mut part.gradients[which][start..][..widths[which]];
                for (to, from) in to.iter_mut().zip(lanes[which].chunks_exact(count)) {
                    *to += weight * from[lane];
                }
            }
        }
    }
}

/// The numbers of a vector.
#[inline(always)]
fn numbers<T: Real, V: Pod>(vector: &V) -> &[T] {
    bytemuck::cast_slice(core::slice::from_ref(vector))
}

#[inline(always)]
fn numbers_mut<T: Real, V: Pod>(vector: &mut V) -> &mut [T] {
    bytemuck::cast_slice_mut(core::slice::from_mut(vector))
}

fn write<T: Copy>(to: &mut [MaybeUninit<T>], from: &[T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        to.write(from);
    }
}
