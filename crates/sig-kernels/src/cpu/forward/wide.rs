//! Few paths of many terms. The state of a vector of paths would take many times the memory of the
//! output, so there are no lanes: a path goes by itself, its signature lies in the output from the
//! first step on, and a vector holds words that differ in their last letter alone.
//!
//! The words that begin with some letters are an item of work of their own, so that threads share a
//! path without a join.

use std::ops::Range;

use pulp::Simd;

use crate::Real;
use crate::cpu::Signature;
use crate::cpu::plan::Span;
use crate::cpu::schedule::each;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::{lanes, vectorize};

/// Bytes of a state in lanes from which paths go by themselves, and those whose channels fill no
/// vector, which takes them four times as long.
const LARGE_STATE: usize = 8 << 20;
const HUGE_STATE: usize = 512 << 20;
/// Vectors of paths that keep all threads busy.
const ENOUGH_GROUPS: usize = 32;
/// Steps that go through all words together.
const CHUNK: usize = 32;
/// Siblings that go side by side, and vectors of their children.
const SIBLINGS: usize = 4;
const COLUMNS: usize = 2;
/// Words of the level below the top that an item has at least: each reads all increments.
const LEAST_WORDS: usize = 32;

/// Whether a call is one of few paths with many terms. It depends on the sizes alone.
pub(crate) fn is_wide<T: Real, S: Simd>(call: &Signature<'_, T>) -> bool {
    let (terms, lanes) = (call.spec.terms(), lanes::<T, S>());
    let bytes = terms.saturating_mul(lanes * size_of::<T>());
    let large = match call.spec.channels() < lanes {
        true => HUGE_STATE,
        false => LARGE_STATE,
    };
    !call.stream && bytes >= large && call.rows.div_ceil(lanes) < ENOUGH_GROUPS
}

/// The signatures of whole paths, `[rows, terms]`.
///
/// # Arguments
///
/// - `spans`: where the paths lie, if not one after another.
pub(crate) fn values<T: Real, S: Simd>(
    simd: S,
    call: &Signature<'_, T>,
    spans: Option<&[Span]>,
) -> Vec<T> {
    let (d, depth, terms) = (call.spec.channels(), call.spec.depth(), call.spec.terms());
    let parents = call.spec.level_terms(depth) / d;
    let letters = match depth {
        1 => d,
        _ => LEAST_WORDS.div_ceil(parents / d).clamp(1, d),
    };
    let mut output = vec![T::zeroed(); call.rows * terms];
    let mut items = Vec::new();
    for (row, mut rest) in output.chunks_exact_mut(terms).enumerate() {
        let first = items.len();
        let starts = (0..d).step_by(letters);
        items.extend(starts.map(|start| Item {
            span: Span::of(call, spans, row),
            letters: start..d.min(start + letters),
            levels: Vec::with_capacity(depth),
        }));
        for level in 1..=depth {
            let (words, above) = rest.split_at_mut(call.spec.level_terms(level));
            let words = words.chunks_mut(call.spec.level_terms(level) / d * letters);
            for (item, words) in items[first..].iter_mut().zip(words) {
                item.levels.push(words);
            }
            rest = above;
        }
    }
    let cost = (call.rows * terms).saturating_mul(call.steps) / lanes::<T, S>();
    each(
        items,
        cost,
        || Wide::<T, S>::new(simd, d, depth),
        |wide: &mut Wide<T, S>, _, item| wide.run(call.paths, item),
    );
    output
}

/// The words of a path that begin with some letters, level by level.
struct Item<'a, T> {
    span: Span,
    letters: Range<usize>,
    levels: Vec<&'a mut [T]>,
}

/// What a thread needs, allocated once.
struct Wide<T: Real, S: Simd> {
    simd: S,
    channels: usize,
    depth: usize,
    /// Vectors of a row of numbers, one per channel.
    row: usize,
    /// The steps of the chunk that was read, and its increments.
    steps: usize,
    increments: Scratch<T::Vector<S>>,
    /// The partial sums of the words between the empty one and the top, of each level those of
    /// siblings: `[sibling][step][level above]`.
    sums: Vec<Vec<T>>,
    /// Rows of the top level.
    top: Scratch<T::Vector<S>>,
}

impl<T: Real, S: Simd> Wide<T, S> {
    fn new(simd: S, channels: usize, depth: usize) -> Self {
        let row = channels.div_ceil(lanes::<T, S>()).next_multiple_of(COLUMNS);
        let zero = T::splat(simd, T::nearest(0.0));
        let sums = |level: usize| match level {
            0 => vec![T::nearest(1.0); CHUNK * depth],
            _ => vec![T::nearest(0.0); SIBLINGS * CHUNK * (depth - level)],
        };
        Self {
            simd,
            channels,
            depth,
            row,
            steps: 0,
            increments: Scratch::filled(CHUNK * row, zero),
            sums: (0..depth).map(sums).collect(),
            top: Scratch::filled(SIBLINGS * row, zero),
        }
    }

    fn run(&mut self, paths: &[T], mut item: Item<'_, T>) {
        let Span { start, steps } = item.span;
        for first in (0..steps).step_by(CHUNK) {
            self.steps = CHUNK.min(steps - first);
            self.read(&paths[start + first * self.channels..]);
            let ones = std::mem::take(&mut self.sums[0]);
            self.children(1, 0, item.letters.clone(), &ones, &mut item.levels);
            self.sums[0] = ones;
        }
    }

    /// The increments of a chunk from its first point on.
    fn read(&mut self, points: &[T]) {
        let (d, width) = (self.channels, self.row * lanes::<T, S>());
        let rows: &mut [T] = bytemuck::cast_slice_mut(&mut self.increments);
        let pairs = points.chunks_exact(d).zip(points[d..].chunks_exact(d));
        for ((from, to), row) in pairs.take(self.steps).zip(rows.chunks_exact_mut(width)) {
            for ((z, &from), &to) in row.iter_mut().zip(from).zip(to) {
                *z = to - from;
            }
        }
    }

    fn increment(&self, step: usize, letter: usize) -> T {
        let numbers: &[T] = bytemuck::cast_slice(&self.increments);
        numbers[step * self.row * lanes::<T, S>() + letter]
    }

    /// Brings on the children of a word, and all words below them.
    ///
    /// # Arguments
    ///
    /// - `level`: that of the children.
    /// - `first`: where they are in their level.
    /// - `letters`: their last letters.
    /// - `h`: the partial sums of the word, `[step][level from theirs on]`.
    fn children(
        &mut self,
        level: usize,
        first: usize,
        letters: Range<usize>,
        h: &[T],
        levels: &mut [&mut [T]],
    ) {
        let (d, above) = (self.channels, self.depth - level);
        if above == 0 {
            return self.rows(&h[..self.steps], 1, &mut levels[level - 1][first..]);
        }
        let mut sums = std::mem::take(&mut self.sums[level]);
        let size = self.steps * above;
        for block in letters.clone().step_by(SIBLINGS) {
            let count = SIBLINGS.min(letters.end - block);
            let at = first + block - letters.start;
            for (index, out) in sums.chunks_exact_mut(size).take(count).enumerate() {
                let s = &mut levels[level - 1][at + index];
                *s = self.child(block + index, *s, h, above, out);
            }
            if above == 1 {
                self.rows(&sums[..count * size], count, &mut levels[level][at * d..]);
                continue;
            }
            for (index, h) in sums.chunks_exact(size).take(count).enumerate() {
                self.children(level + 1, (at + index) * d, 0..d, h, levels);
            }
        }
        self.sums[level] = sums;
    }

    /// A child of a word, `S(wi) += h_{j+1}(w) z[i]`, with its partial sums before each step.
    fn child(&self, letter: usize, mut s: T, h: &[T], above: usize, out: &mut [T]) -> T {
        let of_steps = h.chunks_exact(above + 1).zip(out.chunks_exact_mut(above));
        for (step, (h, out)) in of_steps.take(self.steps).enumerate() {
            let z = self.increment(step, letter);
            for (index, out) in out.iter_mut().enumerate() {
                *out = s + h[index + 1] * (z * T::nearest(1.0 / (index + 2) as f64));
            }
            s += h[0] * z;
        }
        s
    }

    /// The top level below `count` siblings, whose partial sums are `[sibling][step]`.
    fn rows(&mut self, x: &[T], count: usize, words: &mut [T]) {
        let (simd, d, row, steps) = (self.simd, self.channels, self.row, self.steps);
        let width = row * lanes::<T, S>();
        let increments = &self.increments[..steps * row];
        let top = &mut self.top[..];
        vectorize(
            simd,
            #[inline(always)]
            || {
                let words = words[..count * d].chunks_exact_mut(d);
                let numbers: &mut [T] = bytemuck::cast_slice_mut(top);
                for (words, row) in words.zip(numbers.chunks_exact_mut(width)) {
                    row[..d].copy_from_slice(words);
                }
                if count == SIBLINGS {
                    products::<T, S, SIBLINGS>(simd, x, increments, row, top);
                } else {
                    for (x, top) in x.chunks_exact(steps).zip(top.chunks_exact_mut(row)) {
                        products::<T, S, 1>(simd, x, increments, row, top);
                    }
                }
            },
        );
        let numbers: &[T] = bytemuck::cast_slice(top);
        let words = words[..count * d].chunks_exact_mut(d);
        for (words, row) in words.zip(numbers.chunks_exact(width)) {
            words.copy_from_slice(&row[..d]);
        }
    }
}

/// `S(wc) += Σ_t x_t(w) z_t[c]` for `P` words `w`, whose rows of `row` vectors lie one after another.
#[inline(always)]
fn products<T: Real, S: Simd, const P: usize>(
    simd: S,
    x: &[T],
    increments: &[T::Vector<S>],
    row: usize,
    top: &mut [T::Vector<S>],
) {
    let steps = x.len() / P;
    let zero = T::splat(simd, T::nearest(0.0));
    for column in (0..row).step_by(COLUMNS) {
        let mut sums = [[zero; COLUMNS]; P];
        for (p, sums) in sums.iter_mut().enumerate() {
            sums.copy_from_slice(&top[p * row + column..][..COLUMNS]);
        }
        for (step, z) in increments.chunks_exact(row).enumerate() {
            let z = &z[column..][..COLUMNS];
            for (p, sums) in sums.iter_mut().enumerate() {
                let x = T::splat(simd, x[p * steps + step]);
                for (sum, &z) in sums.iter_mut().zip(z) {
                    *sum = T::mul_add(simd, x, z, *sum);
                }
            }
        }
        for (p, sums) in sums.iter().enumerate() {
            top[p * row + column..][..COLUMNS].copy_from_slice(sums);
        }
    }
}
