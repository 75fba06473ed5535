//! Kernels of points as functions of one number, written so that a loop over the lanes becomes
//! vector instructions.

use crate::StaticKernel;
use crate::cpu::exponential::Exponential;
use crate::cpu::units::Units;

/// What a solver asks of f32 and f64.
pub trait Functions: Exponential + Units + PartialOrd {
    /// A kernel and minus twice its derivative, from `r²`, or the kernel and its derivative, from
    /// `⟨a, b⟩`.
    fn kernel(kernel: StaticKernel, x: Self) -> [Self; 2];

    /// The same number, or one that is as good where `e^−u u²` is 0: infinity times 0 is none.
    fn decayed(u: Self) -> Self;

    /// `κ11 − κ10 − κ01 + κ00` of a Gaussian kernel from its four values and `p = ln κ10/κ00`,
    /// `q = ln κ01/κ00`, `w = ln (κ11 κ00)/(κ10 κ01)`, without loss of digits where these are small:
    /// `κ00 [(e^p − 1)(e^q − 1) + e^{p+q} (e^w − 1)]`.
    fn gaussian_difference(kernels: [Self; 4], p: Self, q: Self, w: Self) -> Self;
}

macro_rules! functions {
    ($number:ident) => {
        impl Functions for $number {
            #[inline(always)]
            fn kernel(kernel: StaticKernel, x: $number) -> [$number; 2] {
                match kernel {
                    StaticKernel::Linear => [x, 1.0],
                    StaticKernel::Scaled { scale } => {
                        let factor = (scale * scale) as $number;
                        [factor * x, factor]
                    }
                    StaticKernel::Rbf { sigma } => {
                        let factor = (1.0 / sigma) as $number;
                        let value = Self::exponential(-x * factor);
                        [value, 2.0 * factor * value]
                    }
                    StaticKernel::Matern12 { sigma } => {
                        let (r, factor) = (x.sqrt(), (1.0 / sigma) as $number);
                        let value = Self::exponential(-r * factor);
                        let slope = if x == 0.0 { 0.0 } else { value * factor / r };
                        [value, slope]
                    }
                    StaticKernel::Matern32 { sigma } => {
                        let factor = (3f64.sqrt() / sigma) as $number;
                        let u = Self::decayed(x.sqrt() * factor);
                        let decay = Self::exponential(-u);
                        [(1.0 + u) * decay, factor * factor * decay]
                    }
                    StaticKernel::Matern52 { sigma } => {
                        let factor = (5f64.sqrt() / sigma) as $number;
                        let u = Self::decayed(x.sqrt() * factor);
                        let decay = Self::exponential(-u);
                        let slope = factor * factor / 3.0 * (1.0 + u) * decay;
                        [(1.0 + u + u * u / 3.0) * decay, slope]
                    }
                    StaticKernel::RationalQuadratic { sigma, alpha } => {
                        let base = 1.0 + x * (0.5 / (alpha * sigma * sigma)) as $number;
                        let value = base.powf(-alpha as $number);
                        [value, value / base * (1.0 / (sigma * sigma)) as $number]
                    }
                    StaticKernel::Polynomial {
                        degree,
                        gamma,
                        scale,
                    } => {
                        let base = x + gamma as $number;
                        let power = |degree| scale as $number * base.powf(degree as $number);
                        let slope = if degree == 0.0 {
                            0.0
                        } else {
                            power(degree - 1.0)
                        };
                        [power(degree), degree as $number * slope]
                    }
                }
            }

            #[inline(always)]
            fn decayed(u: Self) -> Self {
                if u > 1e4 { 1e4 } else { u }
            }

            #[inline(always)]
            fn gaussian_difference(
                [a, b, c, d]: [$number; 4],
                p: $number,
                q: $number,
                w: $number,
            ) -> $number {
                let [u, v, t] = [p, q, w].map(Self::short_less_one);
                let short = a * (u * v + (1.0 + u) * (1.0 + v) * t);
                let is_long = p.abs() + q.abs() + w.abs() > $number::SHORT;
                // Nothing cancels there.
                if is_long { (d - b) - (c - a) } else { short }
            }
        }
    };
}

functions!(f32);
functions!(f64);
