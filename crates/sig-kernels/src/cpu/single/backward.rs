//! The gradient of a path, a chunk of steps after another from its beginning to its end.

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::Simd;

use super::adjoint::{ExtendAdjoint, LettersAdjoint};
use super::forward::{Forward, chunks, points, steps};
use super::increments::Order;
use super::levels::{Layout, SumsOfLevels};
use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{lanes, vectorize};

/// What a thread needs to go back through a path, allocated once.
pub(crate) struct Backward<'a, T: Real, S: Simd> {
    simd: S,
    layout: &'a Layout,
    chunk: usize,
    forward: Forward<'a, T, S>,
    /// The levels below the top before each chunk.
    checkpoints: Scratch<T::Vector<S>>,
    sums: SumsOfLevels<T::Vector<S>>,
    gradient: Scratch<T::Vector<S>>,
    /// That of the increments of a chunk: from the letters, `[step][letter]`, and from all other
    /// words, `[step][channel]`, its lanes to be summed.
    from_letters: Scratch<T::Vector<S>>,
    from_words: Scratch<T::Vector<S>>,
    /// These sums.
    sums_of_words: Scratch<T>,
    inverses: Vec<T::Vector<S>>,
}

impl<'a, T: Real, S: Simd> Backward<'a, T, S> {
    /// For paths of so many steps, and chunks of so many.
    pub(crate) fn new(simd: S, layout: &'a Layout, steps: usize, chunk: usize) -> Self {
        let (d, depth) = (layout.tree.channels, layout.tree.depth);
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c.max(1) as f64));
        Self {
            simd,
            layout,
            chunk,
            forward: Forward::new(simd, layout, chunk),
            checkpoints: Scratch::new(steps.div_ceil(chunk) * layout.vectors_below_top()),
            sums: SumsOfLevels::new(layout, chunk),
            gradient: Scratch::new(layout.vectors()),
            from_letters: Scratch::new(chunk * d.div_ceil(layout.lanes)),
            from_words: Scratch::new(chunk * d),
            sums_of_words: Scratch::new(chunk * d),
            inverses: (0..=depth).map(inverse).collect(),
        }
    }

    /// Writes the gradient of the points of a path from that of its signature.
    ///
    /// # Arguments
    ///
    /// - `checkpoints`: the levels below the top after each chunk but the last, if given.
    pub(crate) fn run(
        &mut self,
        path: &[T],
        checkpoints: &[T],
        output: &[T],
        gradient: &mut [MaybeUninit<T>],
    ) {
        self.layout.load(output, &mut self.gradient);
        self.back(
            path,
            checkpoints,
            Order::FromEnd,
            gradient,
            |backward, steps| {
                backward.levels(0, steps.len());
            },
        );
    }

    /// The same from that of the signatures of all prefixes. They are made from the beginning of
    /// the path, and the words are reversed, so it goes as with a signature from the end of a path.
    pub(crate) fn run_stream(&mut self, path: &[T], output: &[T], gradient: &mut [MaybeUninit<T>]) {
        let terms = self.layout.tree.terms();
        let reversed = self.layout.reversed();
        bytemuck::fill_zeroes(&mut self.gradient);
        self.back(
            path,
            &[],
            Order::FromBeginning,
            gradient,
            |backward, steps| {
                for (t, step) in steps.enumerate().rev() {
                    let output = &output[step * terms..][..terms];
                    backward
                        .layout
                        .add(output, &reversed, &mut backward.gradient);
                    backward.levels(t, 1);
                }
            },
        );
    }

    /// Goes back over the chunks. What `chunk` is given are the steps of one, which were taken
    /// forwards up to the level below the top.
    fn back(
        &mut self,
        path: &[T],
        given: &[T],
        order: Order,
        gradient: &mut [MaybeUninit<T>],
        mut chunk: impl FnMut(&mut Self, Range<usize>),
    ) {
        let (d, below_top) = (self.layout.tree.channels, self.layout.vectors_below_top());
        let chunks = chunks(steps(path, d), self.chunk, order);
        let last = chunks.len().saturating_sub(1);
        bytemuck::fill_zeroes(&mut self.forward.state);
        for (index, steps) in chunks.clone().enumerate() {
            let to = &mut self.checkpoints[index * below_top..][..below_top];
            if index == 0 || given.is_empty() {
                to.copy_from_slice(&self.forward.state[..below_top]);
            } else {
                let width = below_top * self.layout.lanes;
                let given = &given[(index - 1) * width..][..width];
                bytemuck::cast_slice_mut(to).copy_from_slice(given);
            }
            if given.is_empty() && index < last {
                self.forward.z.read(points(path, d, steps), order);
                self.forward.advance(self.layout.tree.depth - 1);
            }
        }
        let gradient = {
            gradient.fill(MaybeUninit::new(T::zeroed()));
            // SAFETY: just written.
            unsafe { gradient.assume_init_mut() }
        };
        for (index, steps) in chunks.enumerate().rev() {
            self.forward.z.read(points(path, d, steps.clone()), order);
            let checkpoint = &self.checkpoints[index * below_top..][..below_top];
            self.forward.state[..below_top].copy_from_slice(checkpoint);
            self.forward.advance(self.layout.tree.depth - 1);
            bytemuck::fill_zeroes(&mut self.from_words[..steps.len() * d]);
            chunk(self, steps.clone());
            self.add_points(order, &mut gradient[steps.start * d..(steps.end + 1) * d]);
        }
    }

    /// Takes the gradient back over some steps of the chunk.
    fn levels(&mut self, first: usize, count: usize) {
        let (simd, layout, z) = (self.simd, self.layout, self.forward.z.some(first, count));
        let (tree, d) = (&layout.tree, z.channels);
        for level in (2..=tree.depth).rev() {
            let (h_gradient, out_gradient) = self.sums.two(level - 1);
            simd.vectorize(ExtendAdjoint::<T, S> {
                simd,
                width: tree.words(level - 1),
                z,
                z_gradient: &mut self.from_words[first * d..],
                h: self.forward.sums.of(level - 1).from(first).shared(),
                h_gradient: h_gradient.from(first),
                out_gradient: out_gradient.from(first).shared(),
                gradient: layout.level(&mut self.gradient, level),
                inverses: &self.inverses,
            });
        }
        simd.vectorize(LettersAdjoint::<T, S> {
            simd,
            steps: count,
            z_gradient: &mut self.from_letters[first * d.div_ceil(layout.lanes)..],
            out_gradient: self.sums.of(1).from(first).shared(),
            gradient: layout.level(&mut self.gradient, 1),
            inverses: &self.inverses,
        });
    }

    /// Adds the gradient of the increments of a chunk to that of its points.
    fn add_points(&mut self, order: Order, points: &mut [T]) {
        let (simd, d) = (self.simd, self.layout.tree.channels);
        let steps = points.len() / d - 1;
        let room = d.next_multiple_of(self.layout.lanes);
        let from_letters: &[T] = bytemuck::cast_slice(&self.from_letters);
        let (from_words, sums) = (&self.from_words[..steps * d], &mut self.sums_of_words);
        vectorize(
            simd,
            #[inline(always)]
            || sum_lanes::<T, S>(from_words, &mut sums[..steps * d]),
        );
        for step in 0..steps {
            let t = match order {
                Order::FromBeginning => step,
                Order::FromEnd => steps - 1 - step,
            };
            let from_letters = &from_letters[t * room..][..d];
            let from_words = &sums[t * d..][..d];
            let (from, to) = points[step * d..][..2 * d].split_at_mut(d);
            let numbers = from_letters.iter().zip(from_words).map(|(&a, &b)| a + b);
            for ((from, to), z) in from.iter_mut().zip(to).zip(numbers) {
                *from = *from - z;
                *to += z;
            }
        }
    }
}

/// The sum of the numbers of each vector, of four at once.
#[inline(always)]
fn sum_lanes<T: Real, S: Simd>(vectors: &[T::Vector<S>], sums: &mut [T]) {
    let count = lanes::<T, S>();
    let numbers: &[T] = bytemuck::cast_slice(vectors);
    let quarter = |vector: &[T]| -> [T; 4] {
        let mut quarters = vector.chunks_exact(4);
        let mut sum: [T; 4] = match quarters.next() {
            Some(first) => first.try_into().expect("four"),
            None => core::array::from_fn(|i| vector.get(i).copied().unwrap_or(T::zeroed())),
        };
        for quarter in quarters {
            for i in 0..4 {
                sum[i] += quarter[i];
            }
        }
        sum
    };
    for (sums, vectors) in sums.chunks_mut(4).zip(numbers.chunks(4 * count)) {
        let row = |i: usize| match i < sums.len() {
            true => quarter(&vectors[i * count..][..count]),
            false => [T::zeroed(); 4],
        };
        let columns = T::transpose([row(0), row(1), row(2), row(3)]);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = (columns[0][i] + columns[1][i]) + (columns[2][i] + columns[3][i]);
        }
    }
}
