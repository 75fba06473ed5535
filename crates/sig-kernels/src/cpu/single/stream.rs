//! The signatures of all prefixes of a path. They are made from the beginning to the end, `S ← S ⊗
//! exp(z)`, so it is the words with one *last* letter that have a factor in common, and a vector
//! holds words that differ in that letter alone:
//!
//! ```text
//! h_k(wi) = S(wi) + h_k(w) z[i] / (k − j)      w of j letters, k = j+2 … N
//! S(wi)  += h_{j+1}(w) z[i]
//! ```
//!
//! The terms before a step are read from where they were written to, so they lie in C order without
//! gaps. What a vector has beyond the children of a word is written over those of the next word
//! before these are.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::forward::{chunks, points, steps};
use super::increments::{Increments, Order, Steps};
use super::levels::{Layout, MANY, levels_above};
use crate::Real;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::lanes;
use crate::cpu::unchecked::{read, read_vector, write_vector};

/// What a thread needs to go through a path, allocated once.
pub(super) struct Stream<'a, T: Real, S: Simd> {
    simd: S,
    layout: &'a Layout,
    chunk: usize,
    z: Increments<T, S>,
    /// The partial sums of each level below the top, `[k][word]`, with room for a vector behind
    /// them; those of the empty word first.
    sums: Vec<Scratch<T>>,
    /// The signature of a point.
    zeros: Scratch<T>,
    /// The children of a word before a step and after it.
    last: Scratch<T>,
}

impl<'a, T: Real, S: Simd> Stream<'a, T, S> {
    pub(super) fn new(simd: S, layout: &'a Layout, chunk: usize) -> Self {
        let tree = &layout.tree;
        let room = |level: usize| tree.words(level) + layout.lanes;
        let sums = |level: usize| (tree.depth - level) * room(level);
        let mut sums: Vec<Scratch<T>> = (0..tree.depth)
            .map(|level| Scratch::filled(sums(level), T::zeroed()))
            .collect();
        sums[0].fill(T::nearest(1.0));
        Self {
            simd,
            layout,
            chunk,
            z: Increments::new(
                simd,
                [tree.channels, tree.depth],
                chunk,
                Order::FromBeginning,
            ),
            sums,
            zeros: Scratch::filled(tree.terms(), T::zeroed()),
            last: Scratch::filled(
                2 * tree.channels.next_multiple_of(layout.lanes),
                T::zeroed(),
            ),
        }
    }

    /// Writes the signatures of all prefixes of a path.
    pub(super) fn run(&mut self, path: &[T], signatures: &mut [MaybeUninit<T>]) {
        let (d, terms) = (self.layout.tree.channels, self.layout.tree.terms());
        for chunk in chunks(steps(path, d), self.chunk, Order::FromBeginning) {
            self.z.read(points(path, d, chunk.clone()));
            for t in chunk.clone() {
                let (before, here) = signatures.split_at_mut(t * terms);
                let before = match t {
                    0 => &*self.zeros,
                    // SAFETY: the step before wrote all of its terms.
                    _ => unsafe { before[before.len() - terms..].assume_init_ref() },
                };
                let z = self.z.some(t - chunk.start, 1);
                self.simd.vectorize(Step::<T, S> {
                    simd: self.simd,
                    layout: self.layout,
                    z,
                    sums: &mut self.sums,
                    last: &mut self.last,
                    before,
                    here: &mut here[..terms],
                });
            }
        }
    }
}

/// A step of a path.
struct Step<'a, T: Real, S: Simd> {
    simd: S,
    layout: &'a Layout,
    z: Steps<'a, T>,
    sums: &'a mut [Scratch<T>],
    last: &'a mut [T],
    /// All terms before the step, and after it.
    before: &'a [T],
    here: &'a mut [MaybeUninit<T>],
}

impl<T: Real, S: Simd> WithSimd for Step<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(mut self, _: S2) {
        let depth = self.layout.tree.depth;
        for level in 1..=depth {
            match depth - level {
                0 => self.level::<0>(level),
                1 => self.level::<1>(level),
                2 => self.level::<2>(level),
                _ => self.level::<MANY>(level),
            }
        }
    }
}

/// Levels above that a constant tells.
const FEW: usize = 2;

impl<T: Real, S: Simd> Step<'_, T, S> {
    #[inline(always)]
    fn level<const ABOVE: usize>(&mut self, level: usize) {
        match self.z.channels <= lanes::<T, S>() {
            true => self.words::<ABOVE, true>(level),
            false => self.words::<ABOVE, false>(level),
        }
    }

    /// The children of all words; with `ONE`, those of a word are within a vector.
    #[inline(always)]
    fn words<const ABOVE: usize, const ONE: bool>(&mut self, level: usize) {
        let (d, count, tree) = (self.z.channels, lanes::<T, S>(), &self.layout.tree);
        let (offset, words, terms) = (tree.offset(level), tree.words(level - 1), tree.terms());
        let above = levels_above::<ABOVE>(tree.depth - level);
        let width = d.next_multiple_of(count);
        let (h, out) = self.sums.split_at_mut(level);
        let out: &mut [T] = out.first_mut().map_or(&mut [], |sums| sums);
        let (z, before, here) = (self.z, self.before, &mut *self.here);
        let mut children = Children::<T, S, ABOVE, ONE> {
            simd: self.simd,
            above,
            vectors: width / count,
            z,
            quotients: [T::splat(self.simd, T::zeroed()); FEW + 1],
            h: &h[level - 1],
            h_room: h[level - 1].len() / (above + 1),
            out_room: out.len() / above.max(1),
            out,
        };
        let at_z = z.at(0);
        assert!(at_z + width <= z.plane && (above + 1) * z.plane <= z.data.len());
        assert!((above + 1) * children.h_room <= children.h.len() && words <= children.h_room);
        assert!(above == 0 || (words - 1) * d + width <= children.out_room);
        assert!(above * children.out_room <= children.out.len());
        if ONE && ABOVE <= FEW {
            for k in 0..=above {
                // SAFETY: asserted above.
                children.quotients[k] = unsafe { read_vector(z.data, k * z.plane + at_z) };
            }
        }
        // Those whose vectors end before the terms do.
        let free = terms - offset;
        let within = match free >= width {
            true => words.min((free - width) / d + 1),
            false => 0,
        };
        assert!(before.len() == terms && here.len() == terms && self.last.len() >= 2 * width);
        for word in 0..within {
            let at = offset + word * d;
            // SAFETY: asserted above.
            unsafe { children.run(word, word * d, &before[at..], &mut here[at..]) };
        }
        let (from, to) = self.last.split_at_mut(width);
        for word in within..words {
            let at = offset + word * d;
            from[..d].copy_from_slice(&before[at..][..d]);
            // SAFETY: asserted above; initialized numbers may be written over.
            unsafe {
                let to: &mut [MaybeUninit<T>] = &mut *(&raw mut *to as *mut [MaybeUninit<T>]);
                children.run(word, word * d, from, to);
            }
            here[at..][..d].write_copy_of_slice(&to[..d]);
        }
    }
}

/// From the partial sums of words to those of their children.
struct Children<'a, T: Real, S: Simd, const ABOVE: usize, const ONE: bool> {
    simd: S,
    above: usize,
    /// Vectors of the children of a word.
    vectors: usize,
    z: Steps<'a, T>,
    /// The increment and its quotients, where they fit registers.
    quotients: [T::Vector<S>; FEW + 1],
    /// `[k][word]`
    h: &'a [T],
    h_room: usize,
    out: &'a mut [T],
    out_room: usize,
}

impl<T: Real, S: Simd, const ABOVE: usize, const ONE: bool> Children<'_, T, S, ABOVE, ONE> {
    /// Those of a word, which are from `child` on; its terms are the first of `before` and `here`.
    ///
    /// # Safety
    ///
    /// All vectors must lie within their slices.
    #[inline(always)]
    unsafe fn run(&mut self, word: usize, child: usize, before: &[T], here: &mut [MaybeUninit<T>]) {
        let (simd, count) = (self.simd, lanes::<T, S>());
        let above = levels_above::<ABOVE>(self.above);
        let vectors = if ONE { 1 } else { self.vectors };
        for vector in 0..vectors {
            let at = vector * count;
            // SAFETY: as the caller promises.
            unsafe {
                let s = read_vector(before, at);
                let factor = |k: usize| {
                    let [h]: [T; 1] = read(self.h, k * self.h_room + word);
                    let quotient = match ONE && ABOVE <= FEW {
                        true => self.quotients[k],
                        false => read_vector(self.z.data, k * self.z.plane + self.z.at(0) + at),
                    };
                    T::mul_add(simd, T::splat(simd, h), quotient, s)
                };
                write_vector(here, at, factor(0));
                for k in 1..=above {
                    let sum = factor(k);
                    let at = (k - 1) * self.out_room + child + at;
                    write_vector(&mut *self.out, at, sum);
                }
            }
        }
    }
}
