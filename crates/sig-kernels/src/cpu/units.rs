//! Units of paths: each path times a power of two, which changes no digit of its signature. High
//! levels of a path with small steps are products of many small numbers, which in f32 soon are
//! denormal: with these a processor computes at a hundredth of its speed. In the right unit they are
//! not, and only the result is brought back.

use super::Signature;
use crate::Real;

/// Powers of two of f32 and f64.
pub trait Units: Sized {
    /// The exponent of a power of two that is far from overflow, and its inverse from underflow.
    const LARGE: i32;

    /// `e` where `2^e <= |x| < 2^{e+1}`; below the least of 0, beyond the most of infinities and NaN.
    fn exponent(self) -> i32;

    /// `2^e`
    fn power_of_two(e: i32) -> Self;
}

macro_rules! units {
    ($number:ident, $bits:ident) => {
        impl Units for $number {
            const LARGE: i32 = <$number>::MAX_EXP / 4 * 3;

            #[inline(always)]
            fn exponent(self) -> i32 {
                let biased = self.abs().to_bits() >> (<$number>::MANTISSA_DIGITS - 1);
                biased as i32 - (<$number>::MAX_EXP - 1)
            }

            #[inline(always)]
            fn power_of_two(e: i32) -> Self {
                let biased = (e + <$number>::MAX_EXP - 1) as $bits;
                <$number>::from_bits(biased << (<$number>::MANTISSA_DIGITS - 1))
            }
        }
    };
}

units!(f32, u32);
units!(f64, u64);

/// Levels up to which no path of a sensible size comes near denormal numbers.
const FEW_LEVELS: usize = 4;

/// The units of the paths of a call: what each is multiplied by is two to the power of its exponent.
pub(super) struct PathUnits<'a, T> {
    call: &'a Signature<'a, T>,
    exponents: Vec<i32>,
}

impl<'a, T: Real> PathUnits<'a, T> {
    /// None where all paths may stay as they are.
    pub(super) fn of(call: &'a Signature<'a, T>) -> Option<Self> {
        let (channels, depth) = (call.spec.channels(), call.spec.depth());
        if depth <= FEW_LEVELS {
            return None;
        }
        let paths = call.paths.chunks_exact((call.steps + 1) * channels);
        let exponents: Vec<_> = paths
            .map(|path| {
                let steps = path[channels..].iter().zip(path);
                let step = largest(steps.map(|(&b, &a)| b - a));
                if step.saturating_mul(depth as i32) > -T::LARGE / 2 {
                    return 0;
                }
                let most = (T::LARGE / depth as i32).min(T::LARGE - largest(path.iter().copied()));
                (-step).min(most).max(0)
            })
            .collect();
        exponents
            .iter()
            .any(|&e| e != 0)
            .then_some(Self { call, exponents })
    }

    /// The paths in these units.
    pub(super) fn paths(&self) -> Vec<T> {
        let paths = self.call.paths.to_vec();
        self.scaled(paths, |e| e)
    }

    /// Signatures in these units, to signatures.
    pub(super) fn restore(&self, signatures: &mut [T]) {
        self.scale_levels(signatures, |_, _| 0);
    }

    /// The gradient of signatures, to that of signatures in these units and, so that the highest
    /// levels do not get lost, of another weight.
    pub(super) fn gradient(&self, mut output: Vec<T>) -> (Vec<T>, Vec<i32>) {
        let mut weights = Vec::with_capacity(self.exponents.len());
        let depth = self.call.spec.depth() as i32;
        self.scale_levels(&mut output, |gradient, e| {
            let most = T::LARGE - largest(gradient.iter().copied()).max(0);
            let weight = (e * depth).min(most).max(0);
            weights.push(weight);
            weight
        });
        (output, weights)
    }

    /// The gradient of the paths, from what the gradient in these units gave with such weights.
    pub(super) fn restore_gradient(&self, gradient: Vec<T>, weights: &[i32]) -> Vec<T> {
        let mut weights = weights.iter();
        self.scaled(gradient, |e| e - weights.next().expect("one a path"))
    }

    /// Numbers of paths times powers of two.
    fn scaled(&self, mut paths: Vec<T>, mut exponent: impl FnMut(i32) -> i32) -> Vec<T> {
        let size = (self.call.steps + 1) * self.call.spec.channels();
        for (path, &e) in paths.chunks_exact_mut(size).zip(&self.exponents) {
            let factor = T::power_of_two(exponent(e));
            path.iter_mut().for_each(|x| *x = *x * factor);
        }
        paths
    }

    /// Multiplies level `k` of the signatures of a path by `2^{w − ek}`. Of these numbers and of the
    /// exponent `e` of the path `weight` makes `w`.
    fn scale_levels(&self, signatures: &mut [T], mut weight: impl FnMut(&[T], i32) -> i32) {
        let spec = self.call.spec;
        let size = signatures.len() / self.exponents.len();
        for (path, &e) in signatures.chunks_exact_mut(size).zip(&self.exponents) {
            let weight = weight(path, e);
            for signature in path.chunks_exact_mut(spec.terms()) {
                for level in 1..=spec.depth() {
                    let factor = T::power_of_two(weight - e * level as i32);
                    let terms = &mut signature[spec.level_range(level)];
                    terms.iter_mut().for_each(|x| *x = *x * factor);
                }
            }
        }
    }
}

/// The exponent of the largest of some numbers.
fn largest<T: Real>(numbers: impl Iterator<Item = T>) -> i32 {
    numbers.map(Units::exponent).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignatureSpec;

    /// Values and gradients of paths of small steps, per level, beside those in f64.
    #[test]
    fn small_steps_in_single_precision() {
        for (channels, depth, rows, size) in [(2, 10, 20, 1e-3), (3, 6, 1, 1e-5), (2, 7, 3, 1e-12)]
        {
            let spec = SignatureSpec::new(channels, depth);
            let step = |i: usize| ((i * 7 + 3) as f64 * 0.37).sin() * size;
            let single: Vec<f32> = (0..rows * 9 * channels).map(|i| step(i) as f32).collect();
            let paths: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
            for stream in [false, true] {
                let count = rows * spec.terms() * if stream { 8 } else { 1 };
                let call = Signature {
                    spec,
                    paths: &paths,
                    rows,
                    steps: 8,
                    stream,
                };
                let weights: Vec<_> = (0..count).map(|i| (i as f64 * 0.71).cos()).collect();
                let want = (call.values(), call.gradient(&weights, None));
                let call = Signature {
                    spec,
                    paths: &single,
                    rows,
                    steps: 8,
                    stream,
                };
                assert!(PathUnits::of(&call).is_some());
                let weights: Vec<_> = weights.iter().map(|&x| x as f32).collect();
                let (values, kept) = call.values_and_checkpoints();
                close(&call.gradient(&weights, kept.as_deref()), &want.1);
                for signatures in [values, call.values()] {
                    let rows = signatures.chunks_exact(spec.terms());
                    for (got, want) in rows.zip(want.0.chunks_exact(spec.terms())) {
                        for level in 1..=depth {
                            close(
                                &got[spec.level_range(level)],
                                &want[spec.level_range(level)],
                            );
                        }
                    }
                }
            }
        }
    }

    /// To 1e-5 of the largest, or to the least normal number.
    #[track_caller]
    fn close(got: &[f32], want: &[f64]) {
        let largest = want.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        for (&got, want) in got.iter().zip(want) {
            let tolerance = (1e-5 * largest).max(f64::from(f32::MIN_POSITIVE));
            assert!(
                (f64::from(got) - want).abs() <= tolerance,
                "{got}, expected {want}"
            );
        }
    }

    #[test]
    fn large_paths_at_rest() {
        let spec = SignatureSpec::new(1, 8);
        let paths = [3e37f32; 4];
        let call = Signature {
            spec,
            paths: &paths,
            rows: 1,
            steps: 3,
            stream: false,
        };
        assert_eq!(call.values(), [0.0; 8]);
    }
}
