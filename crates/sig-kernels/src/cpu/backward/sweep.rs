//! The gradients of a part, a chunk after another from the last to the first.

use std::mem::MaybeUninit;

use pulp::Simd;

use super::exponential::ExponentialAdjoint;
use super::walk::{Room, WalkBack};
use crate::Real;
use crate::cpu::forward::Forward;
use crate::cpu::lanes::{load_rows, store_lane, store_range};
use crate::cpu::plan::{Plan, Span};
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use crate::cpu::tree::Tree;

/// Bytes of increments that are kept rather than read again: what a cache has beside them.
const KEPT: usize = 256 << 10;

/// What a thread needs to go back through a part, allocated once.
pub(crate) struct Backward<'a, T: Real, S: Simd> {
    simd: S,
    plan: &'a Plan,
    below_top: Tree,
    /// Goes through the levels below the top, for the checkpoints.
    forward: Forward<T, S>,
    /// Whether that has room for the increments of all steps.
    keeps: bool,
    /// The levels below the top before each chunk, and after the last if that is given.
    checkpoints: Scratch<T::Vector<S>>,
    /// The partial sums of the empty word, and room for their gradient.
    ones: Scratch<T::Vector<S>>,
    ones_gradient: Scratch<T::Vector<S>>,
    rooms: Vec<Room<T::Vector<S>>>,
    gradient: Scratch<T::Vector<S>>,
    z_gradient: Scratch<T::Vector<S>>,
    /// The levels below the top before each step of a chunk, and the gradient of the output after a
    /// step, of a stream.
    states: Scratch<T::Vector<S>>,
    output: Scratch<T::Vector<S>>,
    inverses: Vec<T::Vector<S>>,
}

/// The gradients of the signatures of all parts.
pub(crate) enum Cotangent<'a, T, V> {
    /// `[row][term]`, of paths that are not cut.
    Rows(&'a [T]),
    /// `[row][step][term]`
    Stream(&'a [T]),
    /// `[part][term]`, in lanes.
    Lanes(&'a [V]),
}

impl<'a, T: Real, S: Simd> Backward<'a, T, S> {
    /// With `given`, the checkpoints come from elsewhere.
    pub(crate) fn new(
        simd: S,
        plan: &'a Plan,
        cotangent: &Cotangent<'_, T, T::Vector<S>>,
        given: bool,
    ) -> Self {
        let below_top = plan.tree.below_top();
        let chunks = plan.chunks().len();
        let (steps, terms) = match cotangent {
            Cotangent::Stream(_) => (plan.chunk, plan.tree.terms()),
            Cotangent::Rows(_) | Cotangent::Lanes(_) => (0, 0),
        };
        let inverse = |c: usize| T::splat(simd, T::nearest(1.0 / c.max(1) as f64));
        let sweeps = below_top.depth > 0 && !given;
        let keeps = sweeps && plan.part_steps * plan.step_bytes <= KEPT;
        let held = if keeps { plan.part_steps } else { plan.chunk };
        Self {
            simd,
            plan,
            forward: Forward::new(simd, plan, &below_top, held),
            keeps,
            checkpoints: Scratch::new((chunks + usize::from(given)) * below_top.terms()),
            ones: Scratch::filled(
                plan.tree.depth * plan.chunk,
                T::splat(simd, T::nearest(1.0)),
            ),
            ones_gradient: Scratch::new(plan.tree.depth * plan.chunk),
            rooms: Room::each_level::<S>(&plan.tree, plan.chunk),
            gradient: Scratch::new(plan.tree.terms()),
            z_gradient: Scratch::new(plan.chunk * plan.tree.channels),
            states: Scratch::new(steps * below_top.terms()),
            output: Scratch::new(terms),
            inverses: (0..=plan.tree.depth).map(inverse).collect(),
            below_top,
        }
    }

    /// The gradient of the paths along the lanes of a part.
    ///
    /// # Arguments
    ///
    /// - `checkpoints`: those after each chunk of the part, if given.
    /// - `points`: room for the gradient of all points but the first, of each lane that is not left
    ///   over.
    /// - `heads`: that of the first points, to be added to what comes to them from the steps
    ///   before.
    pub(crate) fn run(
        &mut self,
        paths: &[T],
        part: usize,
        checkpoints: &[T],
        cotangent: &Cotangent<'_, T, T::Vector<S>>,
        points: &mut [&mut [MaybeUninit<T>]],
        heads: &mut [T::Vector<S>],
    ) {
        let (plan, terms) = (self.plan, self.plan.tree.terms());
        let spans = plan.spans(part);
        bytemuck::fill_zeroes(&mut self.forward.state);
        match checkpoints {
            [] => self.checkpoint(paths, &spans),
            given => {
                let (first, others) = self.checkpoints.split_at_mut(self.below_top.terms());
                bytemuck::fill_zeroes(first);
                bytemuck::cast_slice_mut(others).copy_from_slice(given);
            }
        }
        let rows: Vec<usize> = plan.row_of_each_lane(part / plan.parts).collect();
        match cotangent {
            Cotangent::Rows(output) => {
                let offsets: Vec<usize> = rows.iter().map(|row| row * terms).collect();
                load_rows(self.simd, output, &offsets, &mut self.gradient);
            }
            Cotangent::Lanes(lanes) => {
                self.gradient
                    .copy_from_slice(&lanes[part * terms..][..terms]);
            }
            Cotangent::Stream(_) => bytemuck::fill_zeroes(&mut self.gradient),
        }
        // The gradient of the step after those in hand.
        bytemuck::fill_zeroes(heads);
        for (index, chunk) in plan.chunks().enumerate().rev() {
            if !self.keeps {
                self.forward.z.read(paths, &spans, chunk);
            }
            match cotangent {
                Cotangent::Stream(output) => self.steps(index, chunk, output, &rows),
                _ if plan.steps == 1 => self.exponential(),
                _ => self.chunk(index, chunk),
            }
            self.stand_still(&spans, chunk);
            self.points(chunk, heads);
            self.store_points(chunk, points);
        }
        let zero = T::splat(self.simd, T::nearest(0.0));
        for head in heads {
            *head = T::minus(self.simd, zero, *head);
        }
    }

    fn checkpoint(&mut self, paths: &[T], spans: &[Span]) {
        let terms = self.below_top.terms();
        if terms == 0 {
            return;
        }
        let chunks = self.plan.chunks().len();
        for (index, chunk) in self.plan.chunks().enumerate() {
            self.checkpoints[index * terms..][..terms].copy_from_slice(&self.forward.state);
            let last = index + 1 == chunks;
            if self.keeps || !last {
                self.forward.z.read(paths, spans, chunk);
            }
            if !last {
                self.forward.advance(&self.below_top, chunk);
            }
        }
    }

    /// Takes the gradient back over a chunk.
    fn chunk(&mut self, index: usize, (first, steps): (usize, usize)) {
        let terms = self.below_top.terms();
        let (state, after) = self.checkpoints[index * terms..].split_at_mut(terms);
        bytemuck::fill_zeroes(&mut self.z_gradient);
        let mut walk = WalkBack::<T, S> {
            simd: self.simd,
            tree: &self.plan.tree,
            z: self.forward.z.some(first, steps),
            z_gradient: &mut self.z_gradient[..steps * self.plan.tree.channels],
            state,
            after: after.get(..terms),
            gradient: &mut self.gradient,
            inverses: &self.inverses,
        };
        walk.all(&self.ones, &mut self.ones_gradient, &mut self.rooms);
    }

    /// The gradient of the only step.
    fn exponential(&mut self) {
        self.forward.exponential(&self.below_top);
        let mut adjoint = ExponentialAdjoint::<T, S> {
            simd: self.simd,
            tree: &self.plan.tree,
            z: self.forward.z.some(0, 1),
            z_gradient: &mut self.z_gradient,
            state: &self.forward.state,
            gradient: &mut self.gradient,
            inverses: &self.inverses,
        };
        vectorize(
            self.simd,
            #[inline(always)]
            || adjoint.run(),
        );
    }

    /// Takes the gradient back over a chunk of a stream, whose output has a gradient at each step.
    fn steps(
        &mut self,
        index: usize,
        (first, steps): (usize, usize),
        output: &[T],
        rows: &[usize],
    ) {
        let (below_top, terms) = (self.below_top.terms(), self.plan.tree.terms());
        let d = self.plan.tree.channels;
        let checkpoint = &self.checkpoints[index * below_top..][..below_top];
        self.forward.state.copy_from_slice(checkpoint);
        for t in 0..steps {
            self.states[t * below_top..][..below_top].copy_from_slice(&self.forward.state);
            self.forward.advance(&self.below_top, (first + t, 1));
        }
        bytemuck::fill_zeroes(&mut self.z_gradient);
        for t in (0..steps).rev() {
            let at = |row: &usize| (row * self.plan.steps + first + t) * terms;
            let offsets: Vec<usize> = rows.iter().map(at).collect();
            load_rows(self.simd, output, &offsets, &mut self.output);
            let (simd, gradient) = (self.simd, self.gradient.iter_mut());
            vectorize(
                simd,
                #[inline(always)]
                || {
                    for (to, &from) in gradient.zip(&*self.output) {
                        *to = T::plus(simd, *to, from);
                    }
                },
            );
            let mut walk = WalkBack::<T, S> {
                simd: self.simd,
                tree: &self.plan.tree,
                z: self.forward.z.some(first + t, 1),
                z_gradient: &mut self.z_gradient[t * d..][..d],
                state: &mut self.states[t * below_top..][..below_top],
                after: None,
                gradient: &mut self.gradient,
                inverses: &self.inverses,
            };
            walk.all(&self.ones, &mut self.ones_gradient, &mut self.rooms);
        }
    }

    /// Steps beyond the end of a lane's span have no gradient.
    fn stand_still(&mut self, spans: &[Span], (first, steps): (usize, usize)) {
        let (d, count) = (self.plan.tree.channels, self.plan.lanes);
        let numbers: &mut [T] = bytemuck::cast_slice_mut(&mut self.z_gradient[..steps * d]);
        for (lane, span) in spans.iter().enumerate() {
            let held = span.steps.saturating_sub(first).min(steps);
            for number in numbers[held * d * count..]
                .iter_mut()
                .skip(lane)
                .step_by(count)
            {
                *number = T::zeroed();
            }
        }
    }

    /// From the gradient of a chunk's increments to that of the points at which they end: what
    /// comes to a point from the step before, less what comes from the step after. `next` is the
    /// gradient of the step after the last; afterwards that of the first.
    fn points(&mut self, (_, steps): (usize, usize), next: &mut [T::Vector<S>]) {
        let (simd, d) = (self.simd, self.plan.tree.channels);
        let rows = self.z_gradient[..steps * d].chunks_exact_mut(d).rev();
        vectorize(
            simd,
            #[inline(always)]
            || {
                for row in rows {
                    for (at, next) in row.iter_mut().zip(&mut *next) {
                        let here = *at;
                        *at = T::minus(simd, here, *next);
                        *next = here;
                    }
                }
            },
        );
    }

    /// The gradient of the points at which the steps of a chunk end.
    fn store_points(&self, (first, steps): (usize, usize), points: &mut [&mut [MaybeUninit<T>]]) {
        let (d, count) = (self.plan.tree.channels, self.plan.lanes);
        let vectors = &self.z_gradient[..steps * d];
        let (from, to) = (first * d, (first + steps) * d);
        let whole = points.iter().take_while(|lane| lane.len() >= to).count();
        store_range(self.simd, vectors, &mut points[..whole], from..to);
        // Those that end within the chunk.
        for (lane, row) in points.iter_mut().enumerate().skip(whole) {
            let end = row.len().min(to);
            let row = &mut row[from.min(end)..end];
            store_lane(bytemuck::cast_slice(vectors), count, lane, row);
        }
    }
}
