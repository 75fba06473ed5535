//! Units of paths: each path times a power of two, which changes no digit of its signature. High
//! levels of a path with small steps are products of many small numbers, which in f32 soon are
//! denormal: with these a processor computes at a hundredth of its speed. In the right unit they are
//! not, and only the result is brought back.

use crate::{Real, SignatureSpec};

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

/// The signatures that `work` computes from paths of `size` numbers each, any number of signatures per
/// path, and what else it returns. `work` is given the paths in the units that suit them.
pub(super) fn values<T: Real, R>(
    spec: SignatureSpec,
    paths: &[T],
    size: usize,
    work: impl FnOnce(&[T]) -> (Vec<T>, R),
) -> (Vec<T>, R) {
    let Some(units) = PathUnits::of(spec, paths, size) else {
        return work(paths);
    };
    let (mut signatures, other) = work(&units.paths());
    units.restore(&mut signatures);
    (signatures, other)
}

/// The gradient of such paths from the gradient of their signatures, `output`. `work` is given both in
/// the units that suit the paths.
pub(super) fn gradient<T: Real>(
    spec: SignatureSpec,
    paths: &[T],
    size: usize,
    output: &[T],
    work: impl FnOnce(&[T], &[T]) -> Vec<T>,
) -> Vec<T> {
    let Some(units) = PathUnits::of(spec, paths, size) else {
        return work(paths, output);
    };
    let (output, weights) = units.gradient(output.to_vec());
    units.restore_gradient(work(&units.paths(), &output), &weights)
}

/// The units of paths: what each is multiplied by is two to the power of its exponent.
struct PathUnits<'a, T> {
    spec: SignatureSpec,
    paths: &'a [T],
    size: usize,
    exponents: Vec<i32>,
}

impl<'a, T: Real> PathUnits<'a, T> {
    /// None where all paths may stay as they are.
    fn of(spec: SignatureSpec, paths: &'a [T], size: usize) -> Option<Self> {
        let (channels, depth) = (spec.channels(), spec.depth());
        if depth <= FEW_LEVELS {
            return None;
        }
        let exponents: Vec<_> = paths
            .chunks_exact(size)
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
        exponents.iter().any(|&e| e != 0).then_some(Self {
            spec,
            paths,
            size,
            exponents,
        })
    }

    /// The paths in these units.
    fn paths(&self) -> Vec<T> {
        self.scaled(self.paths.to_vec(), |e| e)
    }

    /// Signatures in these units, to signatures.
    fn restore(&self, signatures: &mut [T]) {
        self.scale_levels(signatures, |_, _| 0);
    }

    /// The gradient of signatures, to that of signatures in these units and, so that the highest
    /// levels do not get lost, of another weight.
    fn gradient(&self, mut output: Vec<T>) -> (Vec<T>, Vec<i32>) {
        let mut weights = Vec::with_capacity(self.exponents.len());
        let depth = self.spec.depth() as i32;
        self.scale_levels(&mut output, |gradient, e| {
            let most = T::LARGE - largest(gradient.iter().copied()).max(0);
            let weight = (e * depth).min(most).max(0);
            weights.push(weight);
            weight
        });
        (output, weights)
    }

    /// The gradient of the paths, from what the gradient in these units gave with such weights.
    fn restore_gradient(&self, gradient: Vec<T>, weights: &[i32]) -> Vec<T> {
        let mut weights = weights.iter();
        self.scaled(gradient, |e| e - weights.next().expect("one a path"))
    }

    /// Numbers of paths times powers of two.
    fn scaled(&self, mut paths: Vec<T>, mut exponent: impl FnMut(i32) -> i32) -> Vec<T> {
        for (path, &e) in paths.chunks_exact_mut(self.size).zip(&self.exponents) {
            let factor = T::power_of_two(exponent(e));
            path.iter_mut().for_each(|x| *x = *x * factor);
        }
        paths
    }

    /// Multiplies level `k` of the signatures of a path by `2^{w − ek}`. Of these numbers and of the
    /// exponent `e` of the path `weight` makes `w`.
    fn scale_levels(&self, signatures: &mut [T], mut weight: impl FnMut(&[T], i32) -> i32) {
        let spec = self.spec;
        let size = signatures.len() / self.exponents.len();
        for (row, &e) in self.exponents.iter().enumerate() {
            let path = &mut signatures[row * size..][..size];
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
    use std::ops::Range;

    use super::*;
    use crate::cpu::{Signature, Windows};

    /// Paths of 9 points, in both dtypes.
    struct Case {
        spec: SignatureSpec,
        rows: usize,
        single: Vec<f32>,
        double: Vec<f64>,
    }

    fn cases() -> impl Iterator<Item = Case> {
        let cases = [(2, 10, 20, 1e-3), (3, 6, 1, 1e-5), (2, 7, 3, 1e-12)];
        cases.into_iter().map(|(channels, depth, rows, size)| {
            let number = |i: usize| ((i * 7 + 3) as f64 * 0.37).sin() * size;
            let single: Vec<f32> = (0..rows * 9 * channels).map(|i| number(i) as f32).collect();
            let double = single.iter().map(|&x| f64::from(x)).collect();
            let spec = SignatureSpec::new(channels, depth);
            assert!(PathUnits::of(spec, &single, 9 * channels).is_some());
            Case {
                spec,
                rows,
                single,
                double,
            }
        })
    }

    fn weights(count: usize) -> (Vec<f32>, Vec<f64>) {
        let weights: Vec<f64> = (0..count).map(|i| (i as f64 * 0.71).cos()).collect();
        (weights.iter().map(|&x| x as f32).collect(), weights)
    }

    /// Signatures level by level.
    #[track_caller]
    fn close_levels(spec: SignatureSpec, got: &[f32], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        let rows = got.chunks_exact(spec.terms());
        for (got, want) in rows.zip(want.chunks_exact(spec.terms())) {
            for level in 1..=spec.depth() {
                close(
                    &got[spec.level_range(level)],
                    &want[spec.level_range(level)],
                );
            }
        }
    }

    #[test]
    fn signatures_of_small_steps() {
        for case in cases() {
            for stream in [false, true] {
                fn call<'a, T>(case: &Case, paths: &'a [T], stream: bool) -> Signature<'a, T> {
                    Signature {
                        spec: case.spec,
                        paths,
                        rows: case.rows,
                        steps: 8,
                        stream,
                    }
                }
                let count = case.rows * case.spec.terms() * if stream { 8 } else { 1 };
                let (single, double) = weights(count);
                let reference = call(&case, &case.double, stream);
                let want = (reference.values(), reference.gradient(&double, None));
                let call = call(&case, &case.single, stream);
                let (values, kept) = call.values_keeping(true);
                close(&call.gradient(&single, kept.as_deref()), &want.1);
                close_levels(case.spec, &values, &want.0);
                close_levels(case.spec, &call.values(), &want.0);
            }
        }
    }

    #[test]
    fn windows_of_small_steps() {
        fn call<'a, T>(case: &Case, paths: &'a [T], windows: &'a [Range<usize>]) -> Windows<'a, T> {
            Windows {
                spec: case.spec,
                paths,
                rows: case.rows,
                length: 9,
                windows,
            }
        }
        for case in cases() {
            let windows = [0..9, 2..6, 5..7, 3..4];
            let (single, double) = weights(case.rows * case.spec.terms() * windows.len());
            let want = call(&case, &case.double, &windows);
            let got = call(&case, &case.single, &windows);
            close_levels(case.spec, &got.values(), &want.values());
            close(&got.gradient(&single), &want.gradient(&double));
            let none = call(&case, &case.single, &[]);
            assert!(none.values().is_empty());
            assert!(none.gradient(&[]).iter().all(|&x| x == 0.0));
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
