//! The numbers of a path.

use core::fmt::Debug;
use core::ops::{Add, AddAssign, Mul, Sub};

/// The numbers of a path in memory: `f32` or `f64`.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialEq
    + Add<Output = Self>
    + AddAssign
    + Mul<Output = Self>
    + Sub<Output = Self>
    + Send
    + Sync
    + 'static
    + sealed::Sealed
{
    /// The nearest number of this kind.
    fn nearest(value: f64) -> Self;
}

impl Real for f32 {
    #[inline(always)]
    fn nearest(value: f64) -> Self {
        value as f32
    }
}

impl Real for f64 {
    #[inline(always)]
    fn nearest(value: f64) -> Self {
        value
    }
}

/// What the kernels know of a number is nobody else's business, and keeps others from implementing
/// [`Real`].
mod sealed {
    #[cfg(not(feature = "cpu"))]
    pub trait Sealed {}
    #[cfg(all(feature = "cpu", not(feature = "layers")))]
    pub trait Sealed: crate::cpu::Kernels {}
    #[cfg(feature = "layers")]
    pub trait Sealed:
        crate::cpu::Kernels + crate::log_field::Kernels + crate::spline::Kernels
    {
    }

    impl Sealed for f32 {}
    impl Sealed for f64 {}
}
