//! The walk: depth first, so that what a run of words leaves for its children is still in the cache
//! when they need it.

use pulp::Simd;

use super::super::increments::Increments;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::Level;
use super::extend::Extend;
use super::top::Top;

/// Bytes that the partial sums of a run of words may take.
const RUN_BYTES: usize = 12 << 10;

/// Buffers for the partial sums of a run of words, one a level.
pub(crate) struct Runs<V> {
    pub(crate) levels: Vec<Vec<V>>,
    pub(crate) most_steps: usize,
}

impl<V: bytemuck::Pod> Runs<V> {
    pub(crate) fn new(tree: &Tree, most_steps: usize) -> Self {
        let levels = (0..tree.depth).map(|level| {
            let above = tree.depth - level;
            let words = match level {
                0 => 1,
                _ => run_words::<V>(tree, level, most_steps).min(tree.words(level)),
            };
            vec![V::zeroed(); words * above * most_steps]
        });
        Self {
            levels: levels.collect(),
            most_steps,
        }
    }
}

/// Words of a level that are worked on together: all children of some words, or a part of those of
/// one.
pub(crate) fn run_words<V>(tree: &Tree, level: usize, most_steps: usize) -> usize {
    let bytes = (tree.depth - level) * most_steps * size_of::<V>();
    let words = (RUN_BYTES / bytes).max(1);
    match words / tree.channels {
        0 => words.max(8),
        parents => parents * tree.channels,
    }
}

/// The children of `parents` words, cut into runs: the parents and the channels of each.
pub(crate) fn runs(
    words: usize,
    parents: usize,
    channels: usize,
) -> impl Iterator<Item = (core::ops::Range<usize>, core::ops::Range<usize>)> {
    let (parents_step, channels_step) = match words / channels {
        0 => (1, words),
        parents => (parents, channels),
    };
    (0..parents).step_by(parents_step).flat_map(move |parent| {
        let last = (parent + parents_step).min(parents);
        (0..channels).step_by(channels_step).map(move |channel| {
            (
                parent..last,
                channel..(channel + channels_step).min(channels),
            )
        })
    })
}

/// A walk over the tree with the increments of a chunk.
pub(crate) struct Walk<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(crate) simd: S,
    pub(crate) tree: &'a Tree,
    pub(crate) z: &'a Increments<T::Vector<S>>,
    /// All terms, brought from the first step of the chunk to the last.
    pub(crate) state: &'a mut [T::Vector<S>],
    /// All terms after each step, `[step][term]`, if `STREAM`.
    pub(crate) prefixes: &'a mut [T::Vector<S>],
    pub(crate) most_steps: usize,
}

impl<T: Number, S: Simd, const STREAM: bool> Walk<'_, T, S, STREAM> {
    /// Walks the whole tree. The first of the buffers is that of the empty word.
    pub(crate) fn all(&mut self, runs: &mut Runs<T::Vector<S>>) {
        let Some((root, levels)) = runs.levels.split_first_mut() else {
            return;
        };
        root.fill(T::splat(self.simd, T::from_f64(1.0)));
        self.below(0, 0, 1, root, levels);
    }

    /// Brings on all words below `words` of a level, whose partial sums are in `h`.
    fn below(
        &mut self,
        level: usize,
        first: usize,
        words: usize,
        h: &[T::Vector<S>],
        levels: &mut [Vec<T::Vector<S>>],
    ) {
        let (d, above) = (self.tree.channels, self.tree.depth - level - 1);
        let Some((buffer, levels)) = levels.split_first_mut() else {
            return self.top(level, first, words, h);
        };
        let stride = words * (above + 1);
        let most = run_words::<T::Vector<S>>(self.tree, level + 1, self.most_steps);
        for (parents, channels) in runs(most, words, d) {
            let count = parents.len() * channels.len();
            let child = (first + parents.start) * d + channels.start;
            let terms = self.tree.offset(level + 1) + child;
            let out = &mut buffer[..count * above * self.z.steps];
            self.simd.vectorize(Extend::<T, S, STREAM> {
                simd: self.simd,
                channels,
                all_channels: d,
                h: &h[parents.start * (above + 1)..],
                h_stride: stride,
                words: parents.len(),
                above,
                z: &self.z.data,
                z_stride: self.z.stride,
                steps: self.z.steps,
                state: &mut self.state[terms..][..count],
                out,
                prefixes: Level {
                    data: self.prefixes,
                    stride: self.tree.terms(),
                    start: terms,
                },
            });
            self.below(level + 1, child, count, out, levels);
        }
    }

    fn top(&mut self, level: usize, first: usize, words: usize, h: &[T::Vector<S>]) {
        let d = self.tree.channels;
        let terms = self.tree.offset(level + 1) + first * d;
        self.simd.vectorize(Top::<T, S, STREAM> {
            simd: self.simd,
            channels: d,
            h,
            words,
            z: &self.z.data,
            z_stride: self.z.stride,
            steps: self.z.steps,
            state: &mut self.state[terms..][..words * d],
            prefixes: Level {
                data: self.prefixes,
                stride: self.tree.terms(),
                start: terms,
            },
        });
    }
}
