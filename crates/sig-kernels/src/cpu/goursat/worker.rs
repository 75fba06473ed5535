//! What a thread computes the pairs of a group of lanes with.

use pulp::Simd;

use super::Problem;
use super::difference::Difference;
use super::lift::Lift;
use super::series::{MOST, Series};
use crate::cpu::lanes::load_rows;
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::lanes;
use crate::{KernelSolver, Real};

/// Takes the values at the vertices behind some rows of cells, `[rows, columns + 1]`, and the number
/// of the first of these rows of vertices.
pub(super) type Take<'a, V> = &'a mut dyn FnMut(usize, &[V]);

/// Writes the gradient of a row of vertices, `[columns + 1]`.
pub(super) type Give<'a, V> = &'a mut dyn FnMut(usize, &mut [V]);

/// A way to solve the equation for the pairs that a [`Lift`] holds.
pub(super) trait Scheme<T: Real, S: Simd> {
    /// The kernels; of a grid, all values behind the first row go to `take`.
    fn forward(
        &mut self,
        lift: &mut Lift<T, S>,
        take: Option<Take<'_, T::Vector<S>>>,
    ) -> T::Vector<S>;

    /// The gradient of the kernels, each alone, or that of a grid with what `give` tells of its
    /// values, which goes to the paths. Returns the kernels.
    fn gradient(
        &mut self,
        lift: &mut Lift<T, S>,
        give: Option<Give<'_, T::Vector<S>>>,
    ) -> T::Vector<S>;
}

/// Kernels and their gradients in both paths.
type WithGradients<V> = (V, [Scratch<V>; 2]);

pub(super) struct Worker<'a, T: Real, S: Simd> {
    problem: &'a Problem<'a, T, S>,
    lift: Lift<T, S>,
    scheme: Box<dyn Scheme<T, S> + 'a>,
}

impl<'a, T: Real, S: Simd> Worker<'a, T, S> {
    pub(super) fn new(problem: &'a Problem<'a, T, S>) -> Self {
        let (simd, sizes) = (problem.simd, &problem.sizes);
        let scheme: Box<dyn Scheme<T, S> + 'a> = match problem.call.solver {
            KernelSolver::FiniteDifference { dyadic } => {
                Box::new(Difference::new(simd, sizes, dyadic))
            }
            KernelSolver::Series { order: 6 } => Box::new(Series::<T, S, 7>::new(simd, sizes, 6)),
            KernelSolver::Series { order: 8 } => Box::new(Series::<T, S, 9>::new(simd, sizes, 8)),
            KernelSolver::Series { order } if order <= 12 => {
                Box::new(Series::<T, S, 13>::new(simd, sizes, order))
            }
            KernelSolver::Series { order } => {
                Box::new(Series::<T, S, MOST>::new(simd, sizes, order))
            }
        };
        Self {
            problem,
            lift: Lift::new(
                simd,
                problem.call.kernel,
                problem.sizes.lengths,
                problem.sizes.channels,
            ),
            scheme,
        }
    }

    /// The kernels of a group; of a grid, see [`Scheme::forward`].
    pub(super) fn kernels(
        &mut self,
        group: usize,
        take: Option<Take<'_, T::Vector<S>>>,
    ) -> T::Vector<S> {
        self.load(group);
        self.scheme.forward(&mut self.lift, take)
    }

    /// The kernels, and their gradients in both paths or, of a grid, its gradients.
    pub(super) fn gradients(
        &mut self,
        group: usize,
        give: Option<Give<'_, T::Vector<S>>>,
    ) -> WithGradients<T::Vector<S>> {
        self.load(group);
        let kernels = self.scheme.gradient(&mut self.lift, give);
        (kernels, self.lift.gradients())
    }

    /// The paths of a group; lanes left over repeat the last pair.
    fn load(&mut self, group: usize) {
        let (problem, count) = (self.problem, lanes::<T, S>());
        let last = problem.list.count() - 1;
        let pairs: Vec<_> = (0..count)
            .map(|lane| problem.list.at((group * count + lane).min(last)))
            .collect();
        let widths = problem.sizes.numbers();
        let offsets = |which: usize| -> Vec<usize> {
            pairs
                .iter()
                .map(|pair| pair[which] * widths[which])
                .collect()
        };
        let (call, simd) = (problem.call, problem.simd);
        self.lift.load(|x, y| {
            load_rows::<T, S>(simd, call.x, &offsets(0), x);
            load_rows::<T, S>(simd, call.y, &offsets(1), y);
        });
    }
}
