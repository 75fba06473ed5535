//! The walk backwards: down the tree as the signature does, and on the way up from each run of words
//! its part of the gradients.

use pulp::Simd;

use super::super::forward::{Extend, Level, run_words, runs};
use super::super::increments::Increments;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::extend::ExtendAdjoint;
use super::top::TopAdjoint;

/// Partial sums of a run of words, and their gradients.
pub(super) struct Run<V> {
    h: Vec<V>,
    gradient: Vec<V>,
}

impl<V: bytemuck::Pod> Run<V> {
    /// A run for each level but the top.
    pub(super) fn each_level(tree: &Tree, most_steps: usize) -> Vec<Self> {
        let run = |level| {
            let words = match level {
                0 => 1,
                _ => run_words::<V>(tree, level, most_steps).min(tree.words(level)),
            };
            let numbers = words * (tree.depth - level) * most_steps;
            Self {
                h: vec![V::zeroed(); numbers],
                gradient: vec![V::zeroed(); numbers],
            }
        };
        (0..tree.depth).map(run).collect()
    }
}

/// A walk over the tree with the increments of a chunk.
pub(super) struct WalkBack<'a, T: Number, S: Simd, const STREAM: bool> {
    pub(super) simd: S,
    pub(super) tree: &'a Tree,
    pub(super) z: &'a Increments<T::Vector<S>>,
    /// The gradient of the increments, `[step][channel]`, to be added to.
    pub(super) z_gradient: &'a mut [T::Vector<S>],
    /// All terms below the top before the chunk; afterwards of no use.
    pub(super) state: &'a mut [T::Vector<S>],
    /// The gradient of all terms, brought from the last step of the chunk to the first.
    pub(super) gradient: &'a mut [T::Vector<S>],
    /// The gradient of the output after each step, `[step][term]`, if `STREAM`.
    pub(super) outputs: &'a [T::Vector<S>],
    pub(super) inverses: &'a [T::Vector<S>],
    pub(super) most_steps: usize,
}

impl<T: Number, S: Simd, const STREAM: bool> WalkBack<'_, T, S, STREAM> {
    /// Walks the whole tree. The first of the runs is that of the empty word.
    pub(super) fn all(&mut self, runs: &mut [Run<T::Vector<S>>]) {
        let (root, levels) = runs.split_first_mut().expect("a depth of at least 1");
        root.h.fill(T::splat(self.simd, T::from_f64(1.0)));
        let width = self.tree.depth * self.z.steps;
        self.below(0, 0, 1, &root.h, &mut root.gradient[..width], levels);
    }

    /// Takes the gradients of all words below `words` of a level, whose partial sums are in `h`, to
    /// the increments and to `h_gradient`.
    fn below(
        &mut self,
        level: usize,
        first: usize,
        words: usize,
        h: &[T::Vector<S>],
        h_gradient: &mut [T::Vector<S>],
        levels: &mut [Run<T::Vector<S>>],
    ) {
        let (d, above) = (self.tree.channels, self.tree.depth - level - 1);
        let Some((run, levels)) = levels.split_first_mut() else {
            return self.top(level, first, words, h, h_gradient);
        };
        h_gradient.fill(T::splat(self.simd, T::from_f64(0.0)));
        let stride = words * (above + 1);
        let most = run_words::<T::Vector<S>>(self.tree, level + 1, self.most_steps);
        for (parents, channels) in runs(most, words, d) {
            let count = parents.len() * channels.len();
            let child = (first + parents.start) * d + channels.start;
            let terms = self.tree.offset(level + 1) + child;
            let from = parents.start * (above + 1);
            let width = count * above * self.z.steps;
            self.simd.vectorize(Extend::<T, S, false> {
                simd: self.simd,
                channels: channels.clone(),
                all_channels: d,
                h: &h[from..],
                h_stride: stride,
                words: parents.len(),
                above,
                z: &self.z.data,
                z_stride: self.z.stride,
                steps: self.z.steps,
                state: &mut self.state[terms..][..count],
                out: &mut run.h[..width],
                prefixes: Level::none(),
            });
            let child_gradient = &mut run.gradient[..width];
            self.below(
                level + 1,
                child,
                count,
                &run.h[..width],
                child_gradient,
                levels,
            );
            self.simd.vectorize(ExtendAdjoint::<T, S, STREAM> {
                simd: self.simd,
                channels,
                all_channels: d,
                h: &h[from..],
                h_gradient: &mut h_gradient[from..],
                h_stride: stride,
                words: parents.len(),
                above,
                z: &self.z.data,
                z_stride: self.z.stride,
                z_gradient: self.z_gradient,
                steps: self.z.steps,
                child_h_gradient: &run.gradient[..width],
                gradient: &mut self.gradient[terms..][..count],
                outputs: if STREAM { &self.outputs[terms..] } else { &[] },
                outputs_stride: self.tree.terms(),
                inverses: self.inverses,
            });
        }
    }

    fn top(
        &mut self,
        level: usize,
        first: usize,
        words: usize,
        h: &[T::Vector<S>],
        h_gradient: &mut [T::Vector<S>],
    ) {
        let d = self.tree.channels;
        let terms = self.tree.offset(level + 1) + first * d;
        self.simd.vectorize(TopAdjoint::<T, S, STREAM> {
            simd: self.simd,
            channels: d,
            h,
            h_gradient,
            words,
            z: &self.z.data,
            z_stride: self.z.stride,
            z_gradient: self.z_gradient,
            steps: self.z.steps,
            gradient: &mut self.gradient[terms..][..words * d],
            outputs: if STREAM { &self.outputs[terms..] } else { &[] },
            outputs_stride: self.tree.terms(),
        });
    }
}
