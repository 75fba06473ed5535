//! The gradients of a group of lanes, a chunk after another from the last to the first.

use pulp::Simd;

use super::super::forward::{Group, Paths, load_rows};
use super::super::increments::Span;
use super::super::join::store;
use super::super::lanes;
use super::super::plan::Plan;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::walk::{Run, WalkBack};

/// What a thread needs for a group, allocated once.
pub(crate) struct GroupBack<'a, T: Number, S: Simd> {
    simd: S,
    plan: &'a Plan,
    below_top: Tree,
    /// Goes through the levels below the top, for the checkpoints.
    forward: Group<T, S>,
    /// The levels below the top before each chunk.
    checkpoints: Vec<T::Vector<S>>,
    runs: Vec<Run<T::Vector<S>>>,
    gradient: Vec<T::Vector<S>>,
    z_gradient: Vec<T::Vector<S>>,
    outputs: Vec<T::Vector<S>>,
    inverses: Vec<T::Vector<S>>,
}

/// Where the gradient of the signature comes from.
pub(crate) enum Cotangent<'a, T> {
    /// A row a lane, with where each starts.
    Last(&'a [T], &'a [Option<usize>]),
    /// The rows of the stream, with where each lane's first starts.
    Stream(&'a [T], &'a [Option<usize>]),
}

impl<'a, T: Number, S: Simd> GroupBack<'a, T, S> {
    pub(crate) fn new(simd: S, plan: &'a Plan, stream: bool) -> Self {
        let below_top = plan.tree.below_top();
        let zero = T::splat(simd, T::from_f64(0.0));
        let chunks = plan.chunks().len();
        let rows = if stream { plan.chunk } else { 0 };
        let inverse = |c: usize| T::splat(simd, T::from_f64(1.0 / c.max(1) as f64));
        Self {
            simd,
            plan,
            forward: Group::new(simd, plan, &below_top, false),
            checkpoints: vec![zero; chunks * below_top.terms()],
            runs: Run::each_level(&plan.tree, plan.chunk),
            gradient: vec![zero; plan.tree.terms()],
            z_gradient: vec![zero; plan.chunk * plan.tree.channels],
            outputs: vec![zero; rows * plan.tree.terms()],
            inverses: (0..=plan.tree.depth).map(inverse).collect(),
            below_top,
        }
    }

    /// The gradient of the increments of the lanes, added nowhere but written to `path_gradient` a
    /// point later than the increment starts; `base` is where that slice starts among all points, `used` how many lanes write to it.
    pub(crate) fn run(
        &mut self,
        paths: Paths<'_, T>,
        spans: &[Span],
        initial: Option<(&[T], &[Option<usize>])>,
        cotangent: &Cotangent<'_, T>,
        (used, path_gradient, base): (usize, &mut [T], usize),
    ) {
        self.checkpoint(paths, spans, initial);
        match cotangent {
            Cotangent::Last(rows, offsets) => {
                load_rows(self.simd, rows, offsets, &mut self.gradient);
            }
            Cotangent::Stream(..) => self.gradient.fill(T::splat(self.simd, T::from_f64(0.0))),
        }
        let plan = self.plan;
        for (index, chunk) in plan.chunks().enumerate().rev() {
            self.forward.read(paths, spans, chunk, plan.tree.channels);
            match cotangent {
                Cotangent::Last(..) => self.walk::<false>(index),
                Cotangent::Stream(rows, offsets) => {
                    self.load_outputs(rows, offsets, chunk);
                    self.walk::<true>(index);
                }
            }
            self.store_increments(&spans[..used], chunk, path_gradient, base);
        }
    }

    /// Writes the gradients of the states before the first step into rows, those of some lanes.
    pub(crate) fn store_initial(&self, rows: &mut [T], lanes: &[usize]) {
        let numbers: &[T] = bytemuck::cast_slice(&self.gradient);
        if lanes.iter().enumerate().all(|(index, &lane)| index == lane) {
            return store(self.simd, &self.gradient, rows, self.gradient.len());
        }
        for (row, &lane) in rows.chunks_exact_mut(self.gradient.len()).zip(lanes) {
            for (at, number) in row
                .iter_mut()
                .zip(numbers[lane..].iter().step_by(self.plan.lanes))
            {
                *at = *number;
            }
        }
    }

    fn checkpoint(
        &mut self,
        paths: Paths<'_, T>,
        spans: &[Span],
        initial: Option<(&[T], &[Option<usize>])>,
    ) {
        match initial {
            Some((rows, offsets)) => self.forward.load_state(rows, offsets),
            None => self.forward.clear(),
        }
        let terms = self.below_top.terms();
        if terms == 0 {
            return;
        }
        let chunks = self.plan.chunks().len();
        for (index, chunk) in self.plan.chunks().enumerate() {
            self.checkpoints[index * terms..][..terms].copy_from_slice(&self.forward.state);
            if index + 1 < chunks {
                self.forward
                    .read(paths, spans, chunk, self.plan.tree.channels);
                self.forward.advance::<false>(&self.below_top);
            }
        }
    }

    fn load_outputs(&mut self, rows: &[T], offsets: &[Option<usize>], chunk: (usize, usize)) {
        let terms = self.plan.tree.terms();
        for (t, outputs) in (0..chunk.1).zip(self.outputs.chunks_exact_mut(terms)) {
            let step = (chunk.0 + t) * terms;
            let offsets: Vec<_> = offsets.iter().map(|at| at.map(|at| at + step)).collect();
            load_rows(self.simd, rows, &offsets, outputs);
        }
    }

    fn walk<const STREAM: bool>(&mut self, chunk: usize) {
        let terms = self.below_top.terms();
        self.z_gradient.fill(T::splat(self.simd, T::from_f64(0.0)));
        let mut walk = WalkBack::<T, S, STREAM> {
            simd: self.simd,
            tree: &self.plan.tree,
            z: &self.forward.z,
            z_gradient: &mut self.z_gradient,
            state: &mut self.checkpoints[chunk * terms..][..terms],
            gradient: &mut self.gradient,
            outputs: &self.outputs,
            inverses: &self.inverses,
            most_steps: self.plan.chunk,
        };
        walk.all(&mut self.runs);
    }

    fn store_increments(
        &self,
        spans: &[Span],
        (first, steps): (usize, usize),
        path_gradient: &mut [T],
        base: usize,
    ) {
        let (d, count) = (self.plan.tree.channels, self.plan.lanes);
        let held = |span: &Span| span.steps.saturating_sub(first).min(steps);
        let offset = |span: &Span| span.start + (first + 1) * d - base;
        let full = spans.iter().take_while(|span| held(span) == steps).count();
        let offsets: Vec<usize> = spans[..full].iter().map(offset).collect();
        let numbers: &[T] = bytemuck::cast_slice(&self.z_gradient[..steps * d]);
        self.simd.vectorize(lanes::Store {
            lanes: numbers,
            count,
            rows: path_gradient,
            offsets: &offsets,
        });
        // Spans that end within the chunk.
        for (lane, span) in spans.iter().enumerate().skip(full) {
            let row = numbers[lane..].iter().step_by(count);
            let width = held(span) * d;
            if width > 0 {
                let to = &mut path_gradient[offset(span)..][..width];
                for (at, number) in to.iter_mut().zip(row) {
                    *at = *number;
                }
            }
        }
    }
}
