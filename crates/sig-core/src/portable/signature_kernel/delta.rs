//! The right-hand side of the equation for each tile,
//! `δ_ij = κ(x_{i+1}, y_{j+1}) − κ(x_i, y_{j+1}) − κ(x_{i+1}, y_j) + κ(x_i, y_j)`.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata, get_or_init_device_settings};
use burn::tensor::{Scalar, Shape};
use sig_kernels::{Pairs, StaticKernel};

use crate::operation::SignatureKernel;
use crate::portable::{increments, narrow};

/// `δ`, `[pairs, first, second]`.
pub(super) fn tiles<B: Backend>(
    operation: &SignatureKernel,
    x: FloatTensor<B>,
    y: FloatTensor<B>,
) -> FloatTensor<B> {
    let (pairs, tiles) = (
        operation.count(x.shape()[0]),
        [x.shape()[1] - 1, y.shape()[1] - 1],
    );
    let beside = Beside::<B> {
        crossed: matches!(operation.pairs, Pairs::Gram | Pairs::Symmetric),
        x,
        y,
    };
    let kernel = operation.kernel;
    let delta = match kernel {
        StaticKernel::Linear => beside.increments().inner(),
        StaticKernel::Scaled { scale } => times::<B>(beside.increments().inner(), scale * scale),
        StaticKernel::Rbf { sigma } => gaussian(&beside, sigma),
        StaticKernel::Polynomial {
            degree,
            gamma,
            scale,
        } => {
            let base = B::float_add_scalar(beside.inner(), gamma.into());
            second_difference::<B>(times::<B>(power::<B>(base, degree), scale))
        }
        StaticKernel::RationalQuadratic { sigma, alpha } => {
            let scaled = times::<B>(beside.distances(), 0.5 / (alpha * sigma * sigma));
            let base = B::float_add_scalar(scaled, 1.0.into());
            second_difference::<B>(power::<B>(base, -alpha))
        }
        StaticKernel::Matern12 { sigma } => matern::<B>(&beside, 1.0 / sigma, &[1.0]),
        StaticKernel::Matern32 { sigma } => matern::<B>(&beside, 3f64.sqrt() / sigma, &[1.0, 1.0]),
        StaticKernel::Matern52 { sigma } => {
            matern::<B>(&beside, 5f64.sqrt() / sigma, &[1.0, 1.0, 1.0 / 3.0])
        }
        _ => unreachable!("a kernel without a body"),
    };
    B::float_reshape(delta, Shape::from([pairs, tiles[0], tiles[1]]))
}

/// Two batches of paths, beside each other or each with each.
struct Beside<B: Backend> {
    x: FloatTensor<B>,
    y: FloatTensor<B>,
    crossed: bool,
}

impl<B: Backend> Beside<B> {
    fn increments(&self) -> Self {
        Self {
            x: increments::<B>(self.x.clone()),
            y: increments::<B>(self.y.clone()),
            crossed: self.crossed,
        }
    }

    /// All points but the last.
    fn starts(&self) -> Self {
        let starts = |path: &FloatTensor<B>| {
            let length = path.shape()[1];
            narrow::<B>(path.clone(), 1, 0..length - 1)
        };
        Self {
            x: starts(&self.x),
            y: starts(&self.y),
            crossed: self.crossed,
        }
    }

    /// `[.., .., first, 1]` and `[.., .., 1, second]`, which give numbers of pairs of points.
    fn channel(&self, channel: usize) -> [FloatTensor<B>; 2] {
        let [first, length, _] = self.x.shape().dims();
        let [second, other, _] = self.y.shape().dims();
        let number = |path: &FloatTensor<B>, shape: [usize; 4]| {
            let numbers = narrow::<B>(path.clone(), 2, channel..channel + 1);
            B::float_reshape(numbers, Shape::from(shape))
        };
        let batches = if self.crossed {
            [1, second]
        } else {
            [second, 1]
        };
        [
            number(&self.x, [first, 1, length, 1]),
            number(&self.y, [batches[0], batches[1], 1, other]),
        ]
    }

    fn channels(&self) -> usize {
        self.x.shape()[2]
    }

    /// `⟨x_i, y_j⟩`.
    fn inner(&self) -> FloatTensor<B> {
        let [first, m, channels] = self.x.shape().dims();
        let [second, n, _] = self.y.shape().dims();
        if channels == 1 {
            let [x, y] = self.channel(0);
            return B::float_mul(x, y);
        }
        let (rows, [m, n]) = match self.crossed {
            true => (1, [first * m, second * n]),
            false => (first, [m, n]),
        };
        let x = B::float_reshape(self.x.clone(), Shape::from([rows, m, channels]));
        let y = B::float_reshape(self.y.clone(), Shape::from([rows, n, channels]));
        let products = B::float_matmul(x, B::float_swap_dims(y, 1, 2));
        if !self.crossed {
            return B::float_reshape(products, Shape::from([rows, 1, m, n]));
        }
        let shape = [first, m / first, second, n / second];
        B::float_swap_dims(B::float_reshape(products, Shape::from(shape)), 1, 2)
    }

    /// `|x_i − y_j|²`
    fn distances(&self) -> FloatTensor<B> {
        self.sum(|[x, y]| {
            let difference = B::float_sub(x, y);
            B::float_mul(difference.clone(), difference)
        })
    }

    /// A sum over channels.
    fn sum(&self, of: impl Fn([FloatTensor<B>; 2]) -> FloatTensor<B>) -> FloatTensor<B> {
        let parts = (0..self.channels()).map(|channel| of(self.channel(channel)));
        let sum = parts.reduce(|sum, part| B::float_add(sum, part));
        sum.expect("a path has channels")
    }
}

/// Of a function of the points.
fn second_difference<B: Backend>(kernel: FloatTensor<B>) -> FloatTensor<B> {
    let [_, _, first, second] = kernel.shape().dims();
    let difference = |values: FloatTensor<B>, axis: usize, size: usize| {
        let later = narrow::<B>(values.clone(), axis, 1..size);
        B::float_sub(later, narrow::<B>(values, axis, 0..size - 1))
    };
    difference(difference(kernel, 2, first), 3, second)
}

/// `exp(−u) Σ_k c_k u^k` with `u = factor · r`.
fn matern<B: Backend>(beside: &Beside<B>, factor: f64, coefficients: &[f64]) -> FloatTensor<B> {
    let squares = beside.distances();
    let bools = get_or_init_device_settings::<B>(&squares.device()).bool_dtype;
    // The root has no derivative at 0, where that of the kernel is taken to be 0.
    let equal = B::float_equal_elem(squares.clone(), Scalar::from(0.0), bools);
    let squares = B::float_mask_fill(squares, equal.clone(), 1.0.into());
    let u = times::<B>(B::float_sqrt(squares), factor);
    let (last, lower) = coefficients.split_last().expect("a constant term");
    let mut sum = None;
    for &coefficient in lower.iter().rev() {
        let higher = match sum {
            None => times::<B>(u.clone(), *last),
            Some(sum) => B::float_mul(sum, u.clone()),
        };
        sum = Some(B::float_add_scalar(higher, coefficient.into()));
    }
    let decay = B::float_exp(B::float_neg(u));
    let kernel = match sum {
        None => decay,
        Some(sum) => B::float_mul(sum, decay),
    };
    second_difference::<B>(B::float_mask_fill(kernel, equal, 1.0.into()))
}

/// Of `κ = exp(−r²/σ)`. With `v = x_i − y_j`, `p = −(2⟨v, dx_i⟩ + |dx_i|²)/σ`,
/// `q = (2⟨v, dy_j⟩ − |dy_j|²)/σ` and `w = 2⟨dx_i, dy_j⟩/σ` it is
/// `exp(−|v|²/σ) [(e^p − 1)(e^q − 1) + e^{p+q} (e^w − 1)]`, which keeps the digits that the
/// difference of four numbers near 1 loses. Where a step is long, nothing cancels, and the
/// exponentials of this form may overflow: the plain difference is taken.
fn gaussian<B: Backend>(beside: &Beside<B>, sigma: f64) -> FloatTensor<B> {
    /// Above it a step is long. [`exp_m1`] is exact up to here.
    const LONG: f64 = 0.5;
    let scaled = |numbers, factor: f64| times::<B>(numbers, factor / sigma);
    let (starts, steps) = (beside.starts(), beside.increments());
    let product = |a: &FloatTensor<B>, b: &FloatTensor<B>| B::float_mul(a.clone(), b.clone());
    let add = B::float_add;
    let mut sums: Option<[FloatTensor<B>; 3]> = None;
    for channel in 0..beside.channels() {
        let ([x, y], [dx, dy]) = (starts.channel(channel), steps.channel(channel));
        let v = B::float_sub(x, y);
        let twice = times::<B>(v.clone(), 2.0);
        let p = B::float_mul(B::float_add(twice.clone(), dx.clone()), dx);
        let q = B::float_mul(B::float_sub(twice, dy.clone()), dy);
        let parts = [product(&v, &v), p, q];
        sums = Some(match sums {
            None => parts,
            Some(sums) => {
                let mut parts = parts.into_iter();
                sums.map(|sum| add(sum, parts.next().expect("as many parts as sums")))
            }
        });
    }
    let [squares, p, q] = sums.expect("a path has channels");
    let (p, q, w) = (scaled(p, -1.0), scaled(q, 1.0), scaled(steps.inner(), 2.0));
    let plain = second_difference::<B>(B::float_exp(scaled(beside.distances(), -1.0)));

    let bools = get_or_init_device_settings::<B>(&squares.device()).bool_dtype;
    let size = |exponent: &FloatTensor<B>| B::float_abs(exponent.clone());
    let largest = add(add(size(&p), size(&q)), size(&w));
    let is_long = B::float_greater_elem(largest, LONG.into(), bools);
    let short = |exponent| B::float_clamp(exponent, (-LONG).into(), LONG.into());
    let (p, q, w) = (short(p), short(q), short(w));
    let first = B::float_mul(exp_m1::<B>(p.clone()), exp_m1::<B>(q.clone()));
    let second = B::float_mul(B::float_exp(add(p, q)), exp_m1::<B>(w));
    let kernel = B::float_exp(scaled(squares, -1.0));
    let small = B::float_mul(kernel, add(first, second));
    B::float_mask_where(small, is_long, plain)
}

/// `e^x − 1` for `|x| ≤ 1/2`: the series up to `x^14`, exact in f64.
fn exp_m1<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let mut sum = None;
    for power in (2..=14).rev() {
        let part = times::<B>(x.clone(), 1.0 / f64::from(power));
        let part = match sum {
            None => part,
            Some(sum) => B::float_mul(part, sum),
        };
        sum = Some(B::float_add_scalar(part, 1.0.into()));
    }
    B::float_mul(x, sum.expect("the loop is not empty"))
}

/// NdArray rounds an exponent that is a number to f32, but not one in a tensor.
fn power<B: Backend>(base: FloatTensor<B>, exponent: f64) -> FloatTensor<B> {
    if f64::from(exponent as f32) == exponent {
        return B::float_powf_scalar(base, exponent.into());
    }
    let (device, dtype) = (base.device(), base.dtype().into());
    let exponents = B::float_full(base.shape(), exponent.into(), &device, dtype);
    B::float_powf(base, exponents)
}

fn times<B: Backend>(numbers: FloatTensor<B>, factor: f64) -> FloatTensor<B> {
    B::float_mul_scalar(numbers, factor.into())
}
