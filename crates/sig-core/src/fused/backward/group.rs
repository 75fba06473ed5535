//! The gradients of a group of lanes, a chunk after another from the last to the first.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use super::super::Initial;
use super::super::forward::{Group, Paths};
use super::super::increments::Span;
use super::super::lanes::{self, load_rows, store_rows};
use super::super::pages::overwrite;
use super::super::plan::Plan;
use super::super::scratch::Scratch;
use super::super::simd::Number;
use super::super::tree::Tree;
use super::exponential::ExponentialAdjoint;
use super::walk::{Room, WalkBack};

/// Bytes of increments that are kept rather than read again: what a cache has beside them.
const KEPT: usize = 256 << 10;

/// What a thread needs for a group, allocated once.
pub(crate) struct GroupBack<'a, T: Number, S: Simd> {
    simd: S,
    plan: &'a Plan,
    below_top: Tree,
    /// Goes through the levels below the top, for the checkpoints.
    forward: Group<T, S>,
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

/// Where the gradient of the signature comes from.
pub(crate) enum Cotangent<'a, T, V> {
    /// A row a lane, with where each starts.
    Rows(&'a [T], &'a [Option<usize>]),
    /// The lanes themselves.
    Lanes(&'a [V]),
    /// The rows of the stream, with where each lane's first starts.
    Stream(&'a [T], &'a [Option<usize>]),
}

/// Room for the gradient of the points along the lanes of a group.
pub(crate) struct PathGradient<'a, 'p, T, V> {
    /// Of all points but the first, a slice for each lane that is not left over.
    pub(crate) points: &'a mut [&'p mut [MaybeUninit<T>]],
    /// Of the first points, to be added to what comes to them from the steps before.
    pub(crate) heads: &'a mut [V],
}

impl<'a, T: Number, S: Simd> GroupBack<'a, T, S> {
    /// With `given`, the states come from elsewhere.
    pub(crate) fn new(simd: S, plan: &'a Plan, stream: bool, given: bool) -> Self {
        let below_top = plan.tree.below_top();
        let chunks = plan.chunks().len();
        let (steps, terms) = if stream {
            (plan.chunk, plan.tree.terms())
        } else {
            (0, 0)
        };
        let inverse = |c: usize| T::splat(simd, T::from_f64(1.0 / c.max(1) as f64));
        let sweeps = below_top.depth > 0 && !given;
        let keeps = sweeps && plan.part_steps * plan.step_bytes <= KEPT;
        let held = if keeps { plan.part_steps } else { plan.chunk };
        Self {
            simd,
            plan,
            forward: Group::new(simd, plan, &below_top, held),
            keeps,
            checkpoints: Scratch::new((chunks + usize::from(given)) * below_top.terms()),
            ones: Scratch::filled(
                plan.tree.depth * plan.chunk,
                T::splat(simd, T::from_f64(1.0)),
            ),
            ones_gradient: Scratch::new(plan.tree.depth * plan.chunk),
            rooms: Room::each_level(&plan.tree, plan.chunk),
            gradient: Scratch::new(plan.tree.terms()),
            z_gradient: Scratch::new(plan.chunk * plan.tree.channels),
            states: Scratch::new(steps * below_top.terms()),
            output: Scratch::new(terms),
            inverses: (0..=plan.tree.depth).map(inverse).collect(),
            below_top,
        }
    }

    /// The gradient of the paths along a group's lanes; `states` are those after its chunks, if given.
    pub(crate) fn run(
        &mut self,
        paths: Paths<'_, T>,
        index: usize,
        initial: Option<&Initial<T>>,
        states: &[T],
        cotangent: &Cotangent<'_, T, T::Vector<S>>,
        to: PathGradient<'_, '_, T, T::Vector<S>>,
    ) {
        let plan = self.plan;
        let spans = plan.group(index);
        self.forward.begin(plan, initial, index);
        match states {
            [] => self.checkpoint(paths, &spans),
            states => {
                let (first, others) = self.checkpoints.split_at_mut(self.below_top.terms());
                first.copy_from_slice(&self.forward.state);
                bytemuck::cast_slice_mut(others).copy_from_slice(states);
            }
        }
        match cotangent {
            Cotangent::Rows(rows, offsets) => {
                load_rows(self.simd, rows, offsets, &mut self.gradient);
            }
            Cotangent::Lanes(lanes) => self.gradient.copy_from_slice(lanes),
            Cotangent::Stream(..) => bytemuck::fill_zeroes(&mut self.gradient),
        }
        // The gradient of the step after those in hand.
        bytemuck::fill_zeroes(to.heads);
        for (index, chunk) in plan.chunks().enumerate().rev() {
            if !self.keeps {
                self.forward.read(paths, &spans, chunk, plan.tree.channels);
            }
            match cotangent {
                Cotangent::Stream(rows, offsets) => self.steps(index, chunk, rows, offsets),
                _ if plan.single_step(initial) => self.exponential(),
                _ => self.chunk(index, chunk),
            }
            self.stand_still(&spans, chunk);
            self.simd.vectorize(Points::<T, S> {
                simd: self.simd,
                channels: plan.tree.channels,
                negated: paths.negated,
                z_gradient: &mut self.z_gradient[..chunk.1 * plan.tree.channels],
                next: to.heads,
            });
            self.store_points(chunk, to.points);
        }
        if !paths.negated {
            let zero = T::splat(self.simd, T::from_f64(0.0));
            for head in to.heads {
                *head = T::sub(self.simd, zero, *head);
            }
        }
    }

    /// Writes the gradients of the states before the first step into rows, where a lane has one.
    pub(crate) fn store_initial(&self, rows: &mut [T], offsets: &[Option<usize>]) {
        store_rows(self.simd, &self.gradient, overwrite(rows), offsets);
    }

    fn checkpoint(&mut self, paths: Paths<'_, T>, spans: &[Span]) {
        let terms = self.below_top.terms();
        if terms == 0 {
            return;
        }
        let chunks = self.plan.chunks().len();
        for (index, chunk) in self.plan.chunks().enumerate() {
            self.checkpoints[index * terms..][..terms].copy_from_slice(&self.forward.state);
            let last = index + 1 == chunks;
            if self.keeps || !last {
                self.forward
                    .read(paths, spans, chunk, self.plan.tree.channels);
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
        self.simd.vectorize(ExponentialAdjoint::<T, S> {
            simd: self.simd,
            tree: &self.plan.tree,
            z: self.forward.z.some(0, 1),
            z_gradient: &mut self.z_gradient,
            state: &self.forward.state,
            gradient: &mut self.gradient,
            inverses: &self.inverses,
        });
    }

    /// Takes the gradient back over a chunk of a stream, whose output has a gradient at each step.
    fn steps(
        &mut self,
        index: usize,
        (first, steps): (usize, usize),
        rows: &[T],
        offsets: &[Option<usize>],
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
            let step = (first + t) * terms;
            let offsets: Vec<_> = offsets.iter().map(|at| at.map(|at| at + step)).collect();
            load_rows(self.simd, rows, &offsets, &mut self.output);
            self.simd.vectorize(Add::<T, S> {
                simd: self.simd,
                to: &mut self.gradient,
                from: &self.output,
            });
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

    /// The gradient of the points at which the steps of a chunk end.
    fn store_points(&self, (first, steps): (usize, usize), points: &mut [&mut [MaybeUninit<T>]]) {
        let (d, count) = (self.plan.tree.channels, self.plan.lanes);
        let numbers: &[T] = bytemuck::cast_slice(&self.z_gradient[..steps * d]);
        let (from, to) = (first * d, (first + steps) * d);
        let whole = points.iter().take_while(|lane| lane.len() >= to).count();
        self.simd.vectorize(lanes::StoreEach {
            lanes: numbers,
            count,
            rows: &mut points[..whole],
            range: from..to,
        });
        // Those that end within the chunk.
        for (lane, row) in points.iter_mut().enumerate().skip(whole) {
            let end = row.len().min(to);
            let row = &mut row[from.min(end)..end];
            lanes::store_lane(numbers, count, lane, row);
        }
    }
}

/// From the gradient of increments, `[step][channel]`, to that of the points at which they end: what
/// comes to a point from the step before, less what comes from the step after.
struct Points<'a, T: Number, S: Simd> {
    simd: S,
    channels: usize,
    negated: bool,
    z_gradient: &'a mut [T::Vector<S>],
    /// The gradient of the step after the last; afterwards that of the first.
    next: &'a mut [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for Points<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        let (simd, d, negated) = (self.simd, self.channels, self.negated);
        let difference = |here, after| match negated {
            true => T::sub(simd, after, here),
            false => T::sub(simd, here, after),
        };
        for row in self.z_gradient.chunks_exact_mut(d).rev() {
            for (at, next) in row.iter_mut().zip(&mut *self.next) {
                let here = *at;
                *at = difference(here, *next);
                *next = here;
            }
        }
    }
}

/// `to += from`
struct Add<'a, T: Number, S: Simd> {
    simd: S,
    to: &'a mut [T::Vector<S>],
    from: &'a [T::Vector<S>],
}

impl<T: Number, S: Simd> WithSimd for Add<'_, T, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S2: Simd>(self, _: S2) {
        for (to, &from) in self.to.iter_mut().zip(self.from) {
            *to = T::add(self.simd, *to, from);
        }
    }
}
