//! f32 and f64 as vectors of the widest instruction set that the machine has.

use std::any::TypeId;

use bytemuck::Pod;
use pulp::{Arch, Scalar, Scalar128b, Simd, WithSimd};

use super::goursat::Functions;
use super::transpose;

/// Vectors of a number. A vector mostly holds the same number of different paths, and no operation
/// but [`sum`](Self::sum) and [`sums`](Self::sums) ever looks across one.
pub trait Lanes: Functions + Pod + Send + Sync {
    type Vector<S: Simd>: Pod + Send + Sync;

    fn transpose(rows: [[Self; 4]; 4]) -> [[Self; 4]; 4];
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn minus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn times<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a * b + c`
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// The sum of the numbers of a vector: of words, where these are in the lanes.
    fn sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
    /// The sums of four vectors, which together may take less time.
    #[inline(always)]
    fn sums<S: Simd>(simd: S, four: [Self::Vector<S>; 4]) -> [Self; 4] {
        four.map(|a| Self::sum(simd, a))
    }
}

/// Numbers in a vector.
pub(crate) const fn lanes<T: Lanes, S: Simd>() -> usize {
    size_of::<T::Vector<S>>() / size_of::<T>()
}

/// Without instructions for it, a fused multiply-add is a slow function.
#[inline(always)]
fn fuses<S: Simd>() -> bool {
    let plain = [TypeId::of::<Scalar128b>(), TypeId::of::<Scalar>()];
    !plain.contains(&TypeId::of::<S>())
}

macro_rules! lanes {
    ($number:ty, $vector:ident, $transpose:path, [
        $splat:ident, $add:ident, $sub:ident, $mul:ident, $mul_add:ident, $sum:ident
    ] $($sums:item)?) => {
        impl Lanes for $number {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn transpose(rows: [[Self; 4]; 4]) -> [[Self; 4]; 4] {
                $transpose(rows)
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
                simd.$splat(value)
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn minus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$sub(a, b)
            }

            #[inline(always)]
            fn times<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }

            #[inline(always)]
            fn mul_add<S: Simd>(
                simd: S,
                a: S::$vector,
                b: S::$vector,
                c: S::$vector,
            ) -> S::$vector {
                if fuses::<S>() {
                    simd.$mul_add(a, b, c)
                } else {
                    simd.$add(simd.$mul(a, b), c)
                }
            }

            #[inline(always)]
            fn sum<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$sum(a)
            }

            $($sums)?
        }
    };
}

lanes!(
    f32,
    f32s,
    transpose::singles,
    [
        splat_f32s,
        add_f32s,
        sub_f32s,
        mul_f32s,
        mul_add_f32s,
        reduce_sum_f32s
    ]
    #[inline(always)]
    fn sums<S: Simd>(_: S, four: [S::f32s; 4]) -> [f32; 4] {
        transpose::sums_of_singles(
            four.each_ref()
                .map(|a| bytemuck::cast_slice(std::slice::from_ref(a))),
        )
    }
);
lanes!(
    f64,
    f64s,
    transpose::plain,
    [
        splat_f64s,
        add_f64s,
        sub_f64s,
        mul_f64s,
        mul_add_f64s,
        reduce_sum_f64s
    ]
);

/// Runs a closure with the instructions of `S`. It must be `#[inline(always)]`: what it calls is
/// compiled for them only if it is part of it.
#[inline(always)]
pub(super) fn vectorize<S: Simd, R>(simd: S, work: impl FnOnce() -> R) -> R {
    simd.vectorize(Work(work))
}

/// Runs loops over numbers with the widest instructions that the machine has; what holds for the
/// closure of [`vectorize`] holds for this one.
#[cfg(feature = "layers")]
pub(crate) fn vectorize_loops<R>(work: impl FnOnce() -> R) -> R {
    dispatch(Work(work))
}

struct Work<F>(F);

impl<R, F: FnOnce() -> R> WithSimd for Work<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> R {
        (self.0)()
    }
}

/// Runs an operation on numbers one by one.
pub(super) fn one_by_one<F: WithSimd>(operation: F) -> F::Output {
    Scalar.vectorize(operation)
}

/// Runs an operation with the widest instructions that the machine has: AVX-512, AVX2 with FMA,
/// NEON, or portable code that the compiler makes vectors of.
pub(crate) fn dispatch<F: WithSimd>(operation: F) -> F::Output {
    // Miri knows none of them.
    if cfg!(miri) {
        return Scalar128b.vectorize(operation);
    }
    // Not by `Arch::dispatch`: it compiles all for numbers one by one, too, a quarter of the build.
    match Arch::new() {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V4(simd) => Simd::vectorize(simd, operation),
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(simd) => Simd::vectorize(simd, operation),
        #[cfg(target_arch = "aarch64")]
        Arch::Neon(simd) => Simd::vectorize(simd, operation),
        _ => Scalar128b.vectorize(operation),
    }
}
