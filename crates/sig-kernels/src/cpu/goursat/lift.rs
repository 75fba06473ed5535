//! From the points of pairs of paths to the right-hand side `δ` of the equation, a row of tiles at a
//! time, and back. A lane is a pair.

use pulp::Simd;

use super::{numbers, numbers_mut};
use crate::cpu::scratch::Scratch;
use crate::cpu::simd::vectorize;
use crate::{Real, StaticKernel};

/// The points of both paths of each lane.
pub(super) struct Lift<T: Real, S: Simd> {
    simd: S,
    kernel: StaticKernel,
    channels: usize,
    /// What `δ` is multiplied by: powers of two.
    scale: T::Vector<S>,
    /// The first of `δ`'s factors: points `[length, channels]`, of a multiple of the inner product the
    /// increments `[steps, channels]` times this multiple.
    x: Scratch<T::Vector<S>>,
    /// The second: points, or increments.
    y: Scratch<T::Vector<S>>,
    /// The gradients of both, as long.
    of_x: Scratch<T::Vector<S>>,
    of_y: Scratch<T::Vector<S>>,
    /// `κ` of the row of points after the tiles computed last, and which row that is.
    kernels: Scratch<T::Vector<S>>,
    row: usize,
    /// What is subtracted from the gradient of `κ` of the row of points before those tiles.
    rest: Scratch<T::Vector<S>>,
}

impl<T: Real, S: Simd> Lift<T, S> {
    /// Of paths of lengths and channels.
    pub(super) fn new(simd: S, kernel: StaticKernel, [m, n]: [usize; 2], channels: usize) -> Self {
        let zero = T::splat(simd, T::default());
        let [points, others] = [m * channels, n * channels];
        Self {
            simd,
            kernel,
            channels,
            scale: T::splat(simd, T::nearest(1.0)),
            x: Scratch::filled(points, zero),
            y: Scratch::filled(others, zero),
            of_x: Scratch::filled(points, zero),
            of_y: Scratch::filled(others, zero),
            kernels: Scratch::filled(n, zero),
            row: usize::MAX,
            rest: Scratch::filled(n + 1, zero),
        }
    }

    /// Takes other paths: what `load` leaves in the lanes of their points.
    pub(super) fn load(&mut self, load: impl FnOnce(&mut [T::Vector<S>], &mut [T::Vector<S>])) {
        let (simd, channels) = (self.simd, self.channels);
        load(&mut self.x, &mut self.y);
        self.row = usize::MAX;
        self.scale = T::splat(simd, T::nearest(1.0));
        let Some(factor) = self.kernel.linear_factor() else {
            return;
        };
        vectorize(
            simd,
            #[inline(always)]
            || {
                let factor = T::splat(simd, T::nearest(factor));
                for points in [&mut self.x, &mut self.y] {
                    for i in 0..points.len() - channels {
                        points[i] = T::minus(simd, points[i + channels], points[i]);
                    }
                }
                for step in self.x.iter_mut() {
                    *step = T::times(simd, *step, factor);
                }
            },
        );
    }

    /// Multiplies the `δ` of each lane by a power of two, from `2^-most` to `2^most`, such that the
    /// largest come near 1. Returns these powers.
    pub(super) fn fit(&mut self, most: i32) -> T::Vector<S> {
        let simd = self.simd;
        vectorize(
            simd,
            #[inline(always)]
            || {
                let [x, y] = [&self.x, &self.y].map(|points| self.longest_step(points));
                let mut scale = T::times(simd, x, y);
                for number in numbers_mut::<T, _>(&mut scale) {
                    let exponent = -number.exponent() >> 1;
                    *number = T::power_of_two(exponent.clamp(-most, most));
                }
                self.scale = scale;
                if self.kernel.linear_factor().is_some() {
                    for step in self.x.iter_mut() {
                        *step = T::times(simd, *step, scale);
                    }
                }
                scale
            },
        )
    }

    /// The square of the longest step of a path, `κ(a, a) + κ(b, b) − 2κ(a, b)` of one from `a` to `b`.
    /// `|δ|` is no larger than the product of two steps, by the inequality of Cauchy and Schwarz.
    #[inline(always)]
    fn longest_step(&self, points: &[T::Vector<S>]) -> T::Vector<S> {
        let (simd, d) = (self.simd, self.channels);
        let mut longest = T::splat(simd, T::default());
        for i in 0..points.len() / d - 1 {
            let (a, b) = points[i * d..][..2 * d].split_at(d);
            let square = if self.kernel.linear_factor().is_some() {
                self.product(a, a)
            } else {
                let [aa, bb, ab] = [[a, a], [b, b], [a, b]].map(|[a, b]| self.kernel(a, b));
                T::minus(simd, T::plus(simd, aa, bb), T::plus(simd, ab, ab))
            };
            let pairs = numbers_mut::<T, _>(&mut longest).iter_mut();
            for (longest, &square) in pairs.zip(numbers::<T, _>(&square)) {
                *longest = if square > *longest { square } else { *longest };
            }
        }
        longest
    }

    /// `κ` of two points.
    #[inline(always)]
    fn kernel(&self, a: &[T::Vector<S>], b: &[T::Vector<S>]) -> T::Vector<S> {
        let mut kernel = self.argument(a, b);
        for x in numbers_mut::<T, _>(&mut kernel) {
            *x = T::kernel(self.kernel, *x)[0];
        }
        kernel
    }

    /// `δ` of the tiles of a row.
    pub(super) fn deltas(&mut self, row: usize, out: &mut [T::Vector<S>]) {
        let simd = self.simd;
        if self.kernel.linear_factor().is_some() {
            return vectorize(
                simd,
                #[inline(always)]
                || match self.channels {
                    1 => self.products::<1>(row, out),
                    2 => self.products::<2>(row, out),
                    3 => self.products::<3>(row, out),
                    4 => self.products::<4>(row, out),
                    _ => self.products::<0>(row, out),
                },
            );
        }
        if let StaticKernel::Rbf { sigma } = self.kernel {
            return vectorize(
                simd,
                #[inline(always)]
                || self.gaussian(sigma, row, out),
            );
        }
        vectorize(
            simd,
            #[inline(always)]
            || {
                let mut before = Scratch::copy_of(&self.kernels);
                if self.row != row {
                    self.kernels_of(row, &mut before);
                }
                let mut after = Scratch::new(before.len());
                self.kernels_of(row + 1, &mut after);
                for (j, out) in out.iter_mut().enumerate() {
                    let [a, b] = [&before, &after].map(|row| T::minus(simd, row[j + 1], row[j]));
                    *out = T::times(simd, T::minus(simd, b, a), self.scale);
                }
                self.kernels.copy_from_slice(&after);
                self.row = row + 1;
            },
        );
    }

    /// Takes the gradient of `δ` of the tiles of a row. Rows come from the last to the first.
    pub(super) fn adjoint(&mut self, row: usize, gradient: &[T::Vector<S>]) {
        let simd = self.simd;
        if self.kernel.linear_factor().is_some() {
            return vectorize(
                simd,
                #[inline(always)]
                || match self.channels {
                    1 => self.products_adjoint::<1>(row, gradient),
                    2 => self.products_adjoint::<2>(row, gradient),
                    3 => self.products_adjoint::<3>(row, gradient),
                    4 => self.products_adjoint::<4>(row, gradient),
                    _ => self.products_adjoint::<0>(row, gradient),
                },
            );
        }
        // The gradient of κ(x_i, y_j): what the tiles before minus those after it give.
        let mut of_kernels = Scratch::copy_of(&self.rest);
        vectorize(
            simd,
            #[inline(always)]
            || {
                let zero = T::splat(simd, T::default());
                for j in 0..gradient.len() + 1 {
                    let before = if j > 0 { gradient[j - 1] } else { zero };
                    let after = gradient.get(j).copied().unwrap_or(zero);
                    let difference = T::times(simd, T::minus(simd, before, after), self.scale);
                    of_kernels[j] = T::minus(simd, difference, self.rest[j]);
                    self.rest[j] = difference;
                }
                self.point_adjoint(row + 1, &of_kernels);
                if row == 0 {
                    for (of_kernel, rest) in of_kernels.iter_mut().zip(self.rest.iter_mut()) {
                        *of_kernel = T::minus(simd, zero, *rest);
                        *rest = zero;
                    }
                    self.point_adjoint(0, &of_kernels);
                }
            },
        );
    }

    /// The gradients of the points of both paths, `[length, channels]` each, and forgets them.
    pub(super) fn gradients(&mut self) -> [Scratch<T::Vector<S>>; 2] {
        let (simd, channels) = (self.simd, self.channels);
        let zero = T::splat(simd, T::default());
        if let Some(factor) = self.kernel.linear_factor() {
            vectorize(
                simd,
                #[inline(always)]
                || {
                    let factor = T::times(simd, T::splat(simd, T::nearest(factor)), self.scale);
                    for step in self.of_x.iter_mut() {
                        *step = T::times(simd, *step, factor);
                    }
                    for steps in [&mut self.of_x, &mut self.of_y] {
                        for i in (channels..steps.len()).rev() {
                            steps[i] = T::minus(simd, steps[i - channels], steps[i]);
                        }
                        for step in &mut steps[..channels] {
                            *step = T::minus(simd, zero, *step);
                        }
                    }
                },
            );
        }
        [&mut self.of_x, &mut self.of_y].map(|gradient| {
            let copy = Scratch::copy_of(gradient);
            gradient.fill(zero);
            copy
        })
    }

    /// Inner products of increments; of any number of channels if `D` is 0.
    #[inline(always)]
    fn products<const D: usize>(&self, row: usize, out: &mut [T::Vector<S>]) {
        let d = if D > 0 { D } else { self.channels };
        let x = &self.x[row * d..][..d];
        for (out, y) in out.iter_mut().zip(self.y.chunks_exact(d)) {
            *out = self.product(&x[..d], &y[..d]);
        }
    }

    #[inline(always)]
    fn product(&self, x: &[T::Vector<S>], y: &[T::Vector<S>]) -> T::Vector<S> {
        let mut sum = T::times(self.simd, x[0], y[0]);
        for (&x, &y) in x[1..].iter().zip(&y[1..]) {
            sum = T::mul_add(self.simd, x, y, sum);
        }
        sum
    }

    #[inline(always)]
    fn products_adjoint<const D: usize>(&mut self, row: usize, gradient: &[T::Vector<S>]) {
        let (simd, d) = (self.simd, if D > 0 { D } else { self.channels });
        let x = &self.x[row * d..][..d];
        let of_x = &mut self.of_x[row * d..][..d];
        let ys = self.y.chunks_exact(d).zip(self.of_y.chunks_exact_mut(d));
        if D > 0 {
            let x: [_; D] = x.try_into().expect("as long");
            let mut sums: [_; D] = (&of_x[..]).try_into().expect("as long");
            for (&gradient, (y, of_y)) in gradient.iter().zip(ys) {
                for c in 0..D {
                    sums[c] = T::mul_add(simd, gradient, y[c], sums[c]);
                    of_y[c] = T::mul_add(simd, gradient, x[c], of_y[c]);
                }
            }
            of_x.copy_from_slice(&sums);
            return;
        }
        for (&gradient, (y, of_y)) in gradient.iter().zip(ys) {
            for c in 0..d {
                of_x[c] = T::mul_add(simd, gradient, y[c], of_x[c]);
                of_y[c] = T::mul_add(simd, gradient, x[c], of_y[c]);
            }
        }
    }

    /// `κ` of a point of the first path and all of the second.
    #[inline(always)]
    fn kernels_of(&self, row: usize, out: &mut [T::Vector<S>]) {
        let x = &self.x[row * self.channels..][..self.channels];
        for (out, y) in out.iter_mut().zip(self.y.chunks_exact(self.channels)) {
            *out = self.argument(x, y);
        }
        let kernel = self.kernel;
        let numbers: &mut [T] = bytemuck::cast_slice_mut(out);
        numbers
            .iter_mut()
            .for_each(|x| *x = T::kernel(kernel, *x)[0]);
    }

    /// What `κ` is a function of: `⟨x, y⟩`, or `|x − y|²`.
    #[inline(always)]
    fn argument(&self, x: &[T::Vector<S>], y: &[T::Vector<S>]) -> T::Vector<S> {
        let simd = self.simd;
        if let StaticKernel::Polynomial { .. } = self.kernel {
            return self.product(x, y);
        }
        let mut sum = T::splat(simd, T::default());
        for (&x, &y) in x.iter().zip(y) {
            let difference = T::minus(simd, x, y);
            sum = T::mul_add(simd, difference, difference, sum);
        }
        sum
    }

    /// See [`Functions::gaussian_difference`]: with `v = x_i − y_j`, `p = −(2⟨v, dx_i⟩ + |dx_i|²)/σ`,
    /// `q = (2⟨v, dy_j⟩ − |dy_j|²)/σ` and `w = 2⟨dx_i, dy_j⟩/σ`.
    #[inline(always)]
    fn gaussian(&mut self, sigma: f64, row: usize, out: &mut [T::Vector<S>]) {
        let (simd, d, columns) = (self.simd, self.channels, out.len());
        let mut before = Scratch::copy_of(&self.kernels);
        if self.row != row {
            self.kernels_of(row, &mut before);
        }
        let mut after = Scratch::new(before.len());
        self.kernels_of(row + 1, &mut after);
        let zero = T::splat(simd, T::default());
        let [once, twice] = [1.0, 2.0].map(|factor| T::splat(simd, T::nearest(factor / sigma)));
        let (x, next) = self.x[row * d..][..2 * d].split_at(d);
        for j in 0..columns {
            let (y, other) = self.y[j * d..][..2 * d].split_at(d);
            let (mut p, mut q, mut w) = (zero, zero, zero);
            for c in 0..d {
                let (dx, dy) = (
                    T::minus(simd, next[c], x[c]),
                    T::minus(simd, other[c], y[c]),
                );
                // 2v + dx and 2v − dy
                let v = T::minus(simd, x[c], y[c]);
                let over = T::plus(simd, v, T::minus(simd, next[c], y[c]));
                let under = T::plus(simd, v, T::minus(simd, x[c], other[c]));
                p = T::mul_add(simd, over, dx, p);
                q = T::mul_add(simd, under, dy, q);
                w = T::mul_add(simd, dx, dy, w);
            }
            let p = T::minus(simd, zero, T::times(simd, p, once));
            let (q, w) = (T::times(simd, q, once), T::times(simd, w, twice));
            let exponents = [p, q, w];
            let kernels = [before[j], after[j], before[j + 1], after[j + 1]];
            let [p, q, w]: [&[T]; 3] = exponents.each_ref().map(numbers);
            let [a, b, c, e]: [&[T]; 4] = kernels.each_ref().map(numbers);
            let deltas: &mut [T] = numbers_mut(&mut out[j]);
            for l in 0..deltas.len() {
                deltas[l] = T::gaussian_difference([a[l], b[l], c[l], e[l]], p[l], q[l], w[l]);
            }
            out[j] = T::times(simd, out[j], self.scale);
        }
        self.kernels.copy_from_slice(&after);
        self.row = row + 1;
    }

    /// Takes the gradient of `κ` of a point of the first path and all of the second.
    #[inline(always)]
    fn point_adjoint(&mut self, row: usize, gradient: &[T::Vector<S>]) {
        let (simd, d) = (self.simd, self.channels);
        let by_product = matches!(self.kernel, StaticKernel::Polynomial { .. });
        let mut slopes = Scratch::new(self.kernels.len());
        let x = &self.x[row * d..][..d];
        for (slope, y) in slopes.iter_mut().zip(self.y.chunks_exact(d)) {
            *slope = self.argument(x, y);
        }
        let kernel = self.kernel;
        let numbers: &mut [T] = bytemuck::cast_slice_mut(&mut slopes);
        numbers
            .iter_mut()
            .for_each(|x| *x = T::kernel(kernel, *x)[1]);
        for j in 0..slopes.len() {
            let weight = T::times(simd, gradient[j], slopes[j]);
            for c in 0..d {
                let (i, k) = (row * d + c, j * d + c);
                let (x, y) = (self.x[i], self.y[k]);
                let [to_x, to_y] = match by_product {
                    true => [y, x],
                    false => [T::minus(simd, y, x), T::minus(simd, x, y)],
                };
                self.of_x[i] = T::mul_add(simd, weight, to_x, self.of_x[i]);
                self.of_y[k] = T::mul_add(simd, weight, to_y, self.of_y[k]);
            }
        }
    }
}
