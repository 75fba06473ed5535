//! The exponential, tanh and the logistic function, written so that the compiler vectorises a loop over
//! numbers. It does not vectorise calls of the standard library. The functions here have other names
//! than those there: Rust would take `Self::exp` for the standard library's.

/// Functions of f32 and f64.
pub trait Exponential: Sized {
    /// The largest argument of [`short_less_one`](Self::short_less_one).
    const SHORT: Self;

    /// `e^x` to about a unit in the last place; 0 below the normal numbers.
    fn exponential(x: Self) -> Self;

    /// `e^x − 1` for `|x| ≤ SHORT`, without loss of digits near 0.
    fn short_less_one(x: Self) -> Self;

    /// `tanh x` to about three units in the last place.
    fn hyperbolic_tangent(x: Self) -> Self;

    /// `1 / (1 + e^−x)`
    fn logistic(x: Self) -> Self;
}

macro_rules! exponential {
    ($number:ident, [$mantissa:literal, $bias:literal, $least:literal, $most:literal],
     $high:expr, $low:literal, [$($factorial:literal),*], $terms:literal) => {
        impl Exponential for $number {
            const SHORT: $number = 0.5;

            #[inline(always)]
            fn exponential(x: $number) -> $number {
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
            fn short_less_one(x: $number) -> $number {
                let mut sum = 1.0;
                for power in 0..$terms {
                    sum = sum * x * (1.0 / ($terms + 1 - power) as $number) + 1.0;
                }
                sum * x
            }

            #[inline(always)]
            fn hyperbolic_tangent(x: $number) -> $number {
                let twice = -2.0 * x.abs();
                let long = Self::exponential(twice) - 1.0;
                let short = Self::short_less_one(twice);
                let less_one = if twice < -Self::SHORT { long } else { short };
                (-less_one / (2.0 + less_one)).copysign(x)
            }

            #[inline(always)]
            fn logistic(x: $number) -> $number {
                1.0 / (1.0 + Self::exponential(-x))
            }
        }
    };
}

exponential!(
    f32,
    [23, 127, -87.0, 88.0],
    355.0 / 512.0,
    -2.121_944_4e-4,
    [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0],
    8
);
exponential!(
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

    type Function<T> = fn(T) -> T;

    /// Each function beside the one of the standard library, in units of the last place.
    const SINGLE: [(Function<f32>, Function<f64>, f64); 3] = [
        (Exponential::exponential, f64::exp, 2.0),
        (Exponential::hyperbolic_tangent, f64::tanh, 3.0),
        (Exponential::logistic, logistic, 3.0),
    ];
    const DOUBLE: [(Function<f64>, Function<f64>, f64); 3] = [
        (Exponential::exponential, f64::exp, 2.0),
        (Exponential::hyperbolic_tangent, f64::tanh, 3.0),
        (Exponential::logistic, logistic, 3.0),
    ];

    fn logistic(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    #[test]
    fn values_of_the_standard_library() {
        let check = |x: f64, got: f64, want: f64, unit: f64| {
            let error = (got / want - 1.0).abs() / unit;
            assert!(error < 1.0, "{x}: {got}, expected {want}");
        };
        for i in (-7000..7000).filter(|&i| i != 0) {
            let x = f64::from(i) * 0.1;
            for x in [x, x * 1e-3, x * 1e-9] {
                for (ours, theirs, units) in DOUBLE {
                    check(x, ours(x), theirs(x), units * f64::EPSILON);
                }
                let single = (x * 0.1) as f32;
                for (ours, theirs, units) in SINGLE {
                    let [got, want] = [ours(single).into(), theirs(single.into())];
                    check(x, got, want, units * f64::from(f32::EPSILON));
                }
            }
        }
    }

    #[test]
    fn ends() {
        assert_eq!(f32::exponential(-1e9), 0.0);
        assert_eq!(f32::exponential(f32::NEG_INFINITY), 0.0);
        assert_eq!(f64::exponential(800.0), f64::INFINITY);
        for x in [0.0, -0.0, 1e-40, f32::INFINITY, f32::NEG_INFINITY] {
            let (got, want) = (f32::hyperbolic_tangent(x), x.tanh());
            assert_eq!(got.to_bits(), want.to_bits(), "{x}");
        }
        assert_eq!(f32::logistic(-1e9), 0.0);
        assert_eq!(f32::logistic(f32::INFINITY), 1.0);
        for (ours, ..) in SINGLE {
            assert!(ours(f32::NAN).is_nan());
        }
    }
}
