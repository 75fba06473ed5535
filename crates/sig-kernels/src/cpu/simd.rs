//! f32 and f64 as vectors of the widest instruction set that the machine has.

use std::any::TypeId;

use bytemuck::Pod;
use pulp::{Arch, Scalar128b, Simd, WithSimd};

use super::transpose;

/// Vectors of a number. A vector holds the same number of different paths, so no operation here
/// ever looks across one.
pub trait Lanes: Pod + Send + Sync {
    type Vector<S: Simd>: Pod + Send + Sync;

    fn transpose(rows: [[Self; 4]; 4]) -> [[Self; 4]; 4];
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    fn add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn sub<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn mul<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a * b + c`
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
}

/// Numbers in a vector.
pub(crate) const fn lanes<T: Lanes, S: Simd>() -> usize {
    size_of::<T::Vector<S>>() / size_of::<T>()
}

/// Without instructions for it, a fused multiply-add is a slow function.
#[inline(always)]
fn fuses<S: Simd>() -> bool {
    TypeId::of::<S>() != TypeId::of::<Scalar128b>()
}

impl Lanes for f32 {
    type Vector<S: Simd> = S::f32s;

    #[inline(always)]
    fn transpose(rows: [[Self; 4]; 4]) -> [[Self; 4]; 4] {
        transpose::singles(rows)
    }

    #[inline(always)]
    fn splat<S: Simd>(simd: S, value: Self) -> S::f32s {
        simd.splat_f32s(value)
    }

    #[inline(always)]
    fn add<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.add_f32s(a, b)
    }

    #[inline(always)]
    fn sub<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.sub_f32s(a, b)
    }

    #[inline(always)]
    fn mul<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
        simd.mul_f32s(a, b)
    }

    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
        if fuses::<S>() {
            simd.mul_add_f32s(a, b, c)
        } else {
            simd.add_f32s(simd.mul_f32s(a, b), c)
        }
    }
}

impl Lanes for f64 {
    type Vector<S: Simd> = S::f64s;

    #[inline(always)]
    fn transpose(rows: [[Self; 4]; 4]) -> [[Self; 4]; 4] {
        transpose::plain(rows)
    }

    #[inline(always)]
    fn splat<S: Simd>(simd: S, value: Self) -> S::f64s {
        simd.splat_f64s(value)
    }

    #[inline(always)]
    fn add<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.add_f64s(a, b)
    }

    #[inline(always)]
    fn sub<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.sub_f64s(a, b)
    }

    #[inline(always)]
    fn mul<S: Simd>(simd: S, a: S::f64s, b: S::f64s) -> S::f64s {
        simd.mul_f64s(a, b)
    }

    #[inline(always)]
    fn mul_add<S: Simd>(simd: S, a: S::f64s, b: S::f64s, c: S::f64s) -> S::f64s {
        if fuses::<S>() {
            simd.mul_add_f64s(a, b, c)
        } else {
            simd.add_f64s(simd.mul_f64s(a, b), c)
        }
    }
}

/// Runs an operation with the widest instructions that the machine has: AVX-512, AVX2 with FMA,
/// NEON, or portable code that the compiler makes vectors of.
pub(crate) fn dispatch<F: WithSimd>(operation: F) -> F::Output {
    // Miri knows none of them.
    if cfg!(miri) {
        return Scalar128b.vectorize(operation);
    }
    match Arch::new() {
        Arch::Scalar => Scalar128b.vectorize(operation),
        arch => arch.dispatch(operation),
    }
}
