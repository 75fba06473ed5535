//! Kernels of points as functions of one number, written so that a loop over the lanes becomes
//! vector instructions.

use crate::StaticKernel;

/// Functions of f32 and f64 that the standard library calls one number at a time.
pub trait Functions: Sized {
    /// `e^x` to about a unit in the last place; 0 below the normal numbers.
    fn exp(x: Self) -> Self;

    /// A kernel and minus twice its derivative, from `r²`, or the kernel and its derivative, from
    /// `⟨a, b⟩`.
    fn kernel(kernel: StaticKernel, x: Self) -> [Self; 2];

    /// `κ11 − κ10 − κ01 + κ00` of a Gaussian kernel from its four values and `p = ln κ10/κ00`,
    /// `q = ln κ01/κ00`, `w = ln (κ11 κ00)/(κ10 κ01)`, without loss of digits where these are small:
    /// `κ00 [(e^p − 1)(e^q − 1) + e^{p+q} (e^w − 1)]`.
    fn gaussian_difference(kernels: [Self; 4], p: Self, q: Self, w: Self) -> Self;
}

/// Where the exponents of [`Functions::gaussian_difference`] are larger, nothing cancels.
const LONG: f64 = 0.5;

macro_rules! functions {
    ($number:ident, [$mantissa:literal, $bias:literal, $least:literal, $most:literal],
     $high:expr, $low:literal, [$($factorial:literal),*], $terms:literal) => {
        impl Functions for $number {
            #[inline(always)]
            fn exp(x: $number) -> $number {
                // The low bits of `whole` hold the nearest whole number, and two parts make ln 2.
                const ROUND: $number = 1.5 * (1u64 << $mantissa) as $number;
                let limited = x.max($least).min($most);
                let whole = limited * core::$number::consts::LOG2_E + ROUND;
                let power = whole - ROUND;
                let rest = (limited - power * $high) - power * $low;
                let mut sum = 0.0;
                $(sum = sum * rest + 1.0 / $factorial;)*
                let exponent = whole.to_bits().wrapping_add($bias) << $mantissa;
                let value = (sum * rest + 1.0) * $number::from_bits(exponent);
                let value = if x < $least { 0.0 } else { value };
                let value = if x > $most { $number::INFINITY } else { value };
                if x.is_nan() { x } else { value }
            }

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
                        let value = Self::exp(-x * factor);
                        [value, 2.0 * factor * value]
                    }
                    StaticKernel::Matern12 { sigma } => {
                        let (r, factor) = (x.sqrt(), (1.0 / sigma) as $number);
                        let value = Self::exp(-r * factor);
                        let slope = if x == 0.0 { 0.0 } else { value * factor / r };
                        [value, slope]
                    }
                    StaticKernel::Matern32 { sigma } => {
                        let factor = (3f64.sqrt() / sigma) as $number;
                        let u = x.sqrt() * factor;
                        let decay = Self::exp(-u);
                        [(1.0 + u) * decay, factor * factor * decay]
                    }
                    StaticKernel::Matern52 { sigma } => {
                        let factor = (5f64.sqrt() / sigma) as $number;
                        let u = x.sqrt() * factor;
                        let decay = Self::exp(-u);
                        let slope = factor * factor / 3.0 * (1.0 + u) * decay;
                        [(1.0 + u + u * u / 3.0) * decay, slope]
                    }
                    StaticKernel::RationalQuadratic { sigma, alpha } => {
                        let base = 1.0 + x * (0.5 / (alpha * sigma * sigma)) as $number;
                        let value = base.powf(-alpha as $number);
                        [value, value / base * (1.0 / (sigma * sigma)) as $number]
                    }
                    StaticKernel::Polynomial { degree, gamma, scale } => {
                        let base = x + gamma as $number;
                        let power = |degree| scale as $number * base.powf(degree as $number);
                        let slope = if degree == 0.0 { 0.0 } else { power(degree - 1.0) };
                        [power(degree), degree as $number * slope]
                    }
                }
            }

            #[inline(always)]
            fn gaussian_difference(
                [a, b, c, d]: [$number; 4],
                p: $number,
                q: $number,
                w: $number,
            ) -> $number {
                let less_one = |x: $number| {
                    let mut sum = 1.0;
                    for power in 0..$terms {
                        sum = sum * x * (1.0 / ($terms + 1 - power) as $number) + 1.0;
                    }
                    sum * x
                };
                let [u, v, t] = [p, q, w].map(less_one);
                let short = a * (u * v + (1.0 + u) * (1.0 + v) * t);
                let is_long = p.abs() + q.abs() + w.abs() > LONG as $number;
                if is_long { (d - b) - (c - a) } else { short }
            }
        }
    };
}

functions!(
    f32,
    [23, 127, -87.0, 88.0],
    355.0 / 512.0,
    -2.121_944_4e-4,
    [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0],
    8
);
functions!(
    f64,
    [52, 1023, -708.0, 709.0],
    6.931_471_803_691_238e-1,
    1.908_214_929_270_587_7e-10,
    [
        6_227_020_800.0,
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0
    ],
    14
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials() {
        for i in -7000..7000 {
            let x = f64::from(i) * 0.1;
            let (got, want) = (<f64 as Functions>::exp(x), x.exp());
            assert!(
                (got / want - 1.0).abs() < 4e-16,
                "{x}: {got}, expected {want}"
            );
        }
        for i in -8600..8700 {
            let x = i as f32 * 0.01;
            let (got, want) = (<f32 as Functions>::exp(x), f64::from(x).exp());
            assert!(
                (f64::from(got) / want - 1.0).abs() < 2e-7,
                "{x}: {got}, expected {want}"
            );
        }
        assert_eq!(<f32 as Functions>::exp(-1e9), 0.0);
        assert_eq!(<f32 as Functions>::exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(<f64 as Functions>::exp(800.0), f64::INFINITY);
        assert!(<f32 as Functions>::exp(f32::NAN).is_nan());
    }
}
