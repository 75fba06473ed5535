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
use crate::cpu::simd::vectorize;

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
    /// That of the increments of a chunk, `[step][channel]`: from words of two letters and more,
    /// its lanes to be summed; from the letters, with room for a vector behind them; and their sum.
    from_words: Scratch<T::Vector<S>>,
    from_letters: Scratch<T>,
    z_gradient: Scratch<T>,
    inverses: Vec<T::Vector<S>>,
    /// Where the reversed word of each lies, for streams.
    reversed: Vec<u32>,
}

impl<'a, T: Real, S: Simd> Backward<'a, T, S> {
    /// For paths of so many steps, and chunks of so many.
    pub(crate) fn new(
        simd: S,
        layout: &'a Layout,
        steps: usize,
        chunk: usize,
        order: Order,
    ) -> Self {
        let (d, depth) = (layout.tree.channels, layout.tree.depth);
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c.max(1) as f64));
        Self {
            simd,
            layout,
            chunk,
            forward: Forward::new(simd, layout, chunk, order),
            checkpoints: Scratch::new(steps.div_ceil(chunk) * layout.vectors_below_top()),
            sums: SumsOfLevels::new(layout, chunk),
            gradient: Scratch::new(layout.vectors()),
            from_words: Scratch::filled(chunk * d, T::splat(simd, T::zeroed())),
            from_letters: Scratch::new(chunk * d + layout.lanes),
            z_gradient: Scratch::new(chunk * d),
            inverses: (0..=depth).map(inverse).collect(),
            reversed: match order {
                Order::FromBeginning => layout.reversed(),
                Order::FromEnd => Vec::new(),
            },
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
        self.back(path, checkpoints, gradient, |backward, steps| {
            backward.levels(0, steps.len());
        });
    }

    /// The same from that of the signatures of all prefixes. They are made from the beginning of
    /// the path, and the words are reversed, so it goes as with a signature from the end of a path.
    pub(crate) fn run_stream(&mut self, path: &[T], output: &[T], gradient: &mut [MaybeUninit<T>]) {
        let terms = self.layout.tree.terms();
        bytemuck::fill_zeroes(&mut self.gradient);
        self.back(path, &[], gradient, |backward, steps| {
            for (t, step) in steps.enumerate().rev() {
                let output = &output[step * terms..][..terms];
                let (layout, gradient) = (backward.layout, &mut backward.gradient);
                layout.add(output, &backward.reversed, gradient);
                backward.levels(t, 1);
            }
        });
    }

    /// Goes back over the chunks. What `chunk` is given are the steps of one, which were taken
    /// forwards up to the level below the top.
    fn back(
        &mut self,
        path: &[T],
        given: &[T],
        gradient: &mut [MaybeUninit<T>],
        mut chunk: impl FnMut(&mut Self, Range<usize>),
    ) {
        let (d, below_top) = (self.layout.tree.channels, self.layout.vectors_below_top());
        let chunks = chunks(steps(path, d), self.chunk, self.forward.order);
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
                self.forward.z.read(points(path, d, steps));
                self.forward.advance(self.layout.tree.depth - 1);
            }
        }
        let gradient = {
            gradient.fill(MaybeUninit::new(T::zeroed()));
            // SAFETY: just written.
            unsafe { gradient.assume_init_mut() }
        };
        for (index, steps) in chunks.enumerate().rev() {
            self.forward.z.read(points(path, d, steps.clone()));
            let checkpoint = &self.checkpoints[index * below_top..][..below_top];
            self.forward.state[..below_top].copy_from_slice(checkpoint);
            self.forward.advance(self.layout.tree.depth - 1);
            self.from_letters.fill(T::zeroed());
            chunk(self, steps.clone());
            self.add_points(&mut gradient[steps.start * d..(steps.end + 1) * d]);
        }
    }

    /// Takes the gradient back over some steps of the chunk.
    fn levels(&mut self, first: usize, count: usize) {
        let (simd, layout, z) = (self.simd, self.layout, self.forward.z.some(first, count));
        let tree = &layout.tree;
        for level in (2..=tree.depth).rev() {
            let (h_gradient, out_gradient) = self.sums.two(level - 1);
            simd.vectorize(ExtendAdjoint::<T, S> {
                simd,
                width: tree.words(level - 1),
                z,
                z_gradient: &mut self.from_words,
                h: self.forward.sums.of(level - 1).from(first).shared(),
                h_gradient: h_gradient.from(first),
                out_gradient: out_gradient.from(first).shared(),
                gradient: layout.level(&mut self.gradient, level),
                inverses: &self.inverses,
            });
        }
        simd.vectorize(LettersAdjoint::<T, S> {
            simd,
            z,
            z_gradient: &mut self.from_letters,
            out_gradient: self.sums.of(1).from(first).shared(),
            gradient: layout.level(&mut self.gradient, 1),
            inverses: &self.inverses,
        });
    }

    /// Adds the gradient of the increments of a chunk to that of its points.
    fn add_points(&mut self, points: &mut [T]) {
        let (simd, d) = (self.simd, self.layout.tree.channels);
        let width = points.len() - d;
        let (from_words, from_letters) = (&self.from_words[..width], &self.from_letters[..width]);
        let z_gradient = &mut self.z_gradient[..width];
        vectorize(
            simd,
            #[inline(always)]
            || {
                sum_lanes(simd, from_words, z_gradient);
                for (z, &letter) in z_gradient.iter_mut().zip(from_letters) {
                    *z += letter;
                }
                for (point, &z) in points.iter_mut().zip(&*z_gradient) {
                    *point = *point - z;
                }
                for (point, &z) in points[d..].iter_mut().zip(&*z_gradient) {
                    *point += z;
                }
            },
        );
    }
}

/// The sum of the lanes of each vector.
#[inline(always)]
fn sum_lanes<T: Real, S: Simd>(simd: S, vectors: &[T::Vector<S>], sums: &mut [T]) {
    let (fours, rest) = vectors.as_chunks::<4>();
    let (sums_of_fours, sums_of_rest) = sums.as_chunks_mut::<4>();
    for (&four, sums) in fours.iter().zip(sums_of_fours) {
        *sums = T::sums(simd, four);
    }
    for (&vector, sum) in rest.iter().zip(sums_of_rest) {
        *sum = T::sum(simd, vector);
    }
}
