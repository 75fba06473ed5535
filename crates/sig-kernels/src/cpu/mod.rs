//! Signatures of batches of paths on the CPU, forwards and backwards, on slices.
//!
//! A vector holds the same number of as many paths as it has lanes, so any number of channels runs
//! at full width and nothing moves between lanes, but for a join. Paths that would leave lanes
//! empty go one by one, with words in the lanes (`single`); `split` estimates for which of them that is
//! faster. How paths in lanes are cut:
//!
//! - **lane**: one place in every vector. It takes a path or a segment of one.
//! - **segment**: some of the steps of a path, where there are fewer paths than lanes. The segments
//!   of a path lie in lanes beside each other.
//! - **group**: the lanes of one vector, and the paths in them.
//! - **part**: some of the steps of a group, where there are fewer groups than threads. A thread
//!   takes a part at a time.
//! - **chunk**: some 30 steps of a part, which go through all words before the next chunk does.
//!
//! `split` and `plan` decide from the sizes alone, never from the number of threads, so neither do
//! the bits of a result depend on it. `schedule` hands parts to threads, `join` multiplies segments
//! and parts by Chen's identity.
//!
//! Forwards (`forward`) a call runs `Signature::values` → `signature` → `forward::Sweep`, all
//! parts → `forward::Walk`, a chunk down the tree of words → `forward::leaf`, the Horner steps
//! of the two highest levels, where most of the work is. Backwards (`backward`) the steps of a
//! chunk are taken from the last to the first; at depth 2 there is a closed form (`depth_two`).
//! `checkpoints` are what a forward call leaves to its gradient.

#![allow(
    clippy::needless_range_loop,
    reason = "loops of constant length over several arrays at once"
)]

mod backward;
mod channel;
mod checkpoints;
mod chen;
mod depth_two;
mod exponential;
mod forward;
mod goursat;
mod gradient;
mod increments;
mod join;
mod kernels;
mod lanes;
mod output_buffer;
mod pairwise;
mod plan;
mod power;
mod product;
mod rows;
mod schedule;
mod scratch;
mod signature;
mod simd;
mod single;
mod sparse;
mod split;
#[cfg(test)]
mod tests;
mod tiles;
mod transpose;
mod tree;
mod unchecked;
mod units;
mod windows;

use std::ops::Range;

use crate::lyndon::SparseMatrix;
use crate::{KernelSolver, Pairs, PowerSeries, Real, SignatureSpec, StaticKernel};

pub(crate) use kernels::Kernels;
#[cfg(feature = "layers")]
pub(crate) use simd::vectorize_loops;
#[cfg(feature = "layers")]
pub(crate) use {kernels::kernels, simd::Lanes};

/// The signatures of paths.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a, T> {
    /// Channels and depth.
    pub spec: SignatureSpec,
    /// `[rows, steps + 1, channels]`
    pub paths: &'a [T],
    /// The number of paths.
    pub rows: usize,
    /// The number of increments per path, at least 1.
    pub steps: usize,
    /// Whether all prefixes are wanted, or the whole path.
    pub stream: bool,
}

impl<T: Real> Signature<'_, T> {
    /// The signatures, `[rows, terms]` or, of a stream, `[rows, steps, terms]`.
    pub fn values(&self) -> Vec<T> {
        self.values_keeping(false).0
    }

    /// The same up to rounding, and, if it `keeps` anything, what the sweep can leave to the
    /// [`gradient`](Self::gradient): the levels below the top after each chunk, in an order of its own.
    /// `None` where nothing is to be won, as often at depth 2, where they would be large, and for
    /// streams.
    pub fn values_keeping(&self, keeps: bool) -> (Vec<T>, Option<Vec<T>>) {
        let keeps = keeps && !self.stream;
        units::values(self.spec, self.paths, self.numbers_of_path(), |paths| {
            T::signature(&Signature { paths, ..*self }, keeps)
        })
    }

    /// The gradient of the paths from that of the output, with the checkpoints of the same call if
    /// it left any.
    pub fn gradient(&self, output: &[T], checkpoints: Option<&[T]>) -> Vec<T> {
        let size = self.numbers_of_path();
        units::gradient(self.spec, self.paths, size, output, |paths, output| {
            T::signature_gradient(&Signature { paths, ..*self }, output, checkpoints)
        })
    }

    fn numbers_of_path(&self) -> usize {
        (self.steps + 1) * self.spec.channels()
    }
}

/// The signatures of windows of paths, the same windows in each.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a, T> {
    /// Channels and depth.
    pub spec: SignatureSpec,
    /// `[rows, length, channels]`
    pub paths: &'a [T],
    /// The number of paths.
    pub rows: usize,
    /// The number of points per path.
    pub length: usize,
    /// In points, half-open; none is empty.
    pub windows: &'a [Range<usize>],
}

impl<T: Real> Windows<'_, T> {
    /// The signatures, `[rows, windows, terms]`; that of a window of one point is zero.
    pub fn values(&self) -> Vec<T> {
        let size = self.length * self.spec.channels();
        let (signatures, ()) = units::values(self.spec, self.paths, size, |paths| {
            (T::windows(&Windows { paths, ..*self }), ())
        });
        signatures
    }

    /// The gradient of the paths from that of the signatures.
    pub fn gradient(&self, output: &[T]) -> Vec<T> {
        let size = self.length * self.spec.channels();
        units::gradient(self.spec, self.paths, size, output, |paths, output| {
            T::windows_gradient(&Windows { paths, ..*self }, output)
        })
    }
}

/// Products `a ⊗ b` of elements with scalar term 1, which is not stored.
#[derive(Clone, Copy, Debug)]
pub struct Product<'a, T> {
    /// Channels and depth.
    pub spec: SignatureSpec,
    /// `[rows, terms]`
    pub a: &'a [T],
    /// `[rows, terms]`
    pub b: &'a [T],
}

impl<T: Real> Product<'_, T> {
    /// The products, `[rows, terms]`.
    pub fn values(&self) -> Vec<T> {
        T::product(self)
    }

    /// The gradients of `a` and `b` from that of the products.
    pub fn gradient(&self, output: &[T]) -> [Vec<T>; 2] {
        T::product_gradient(self, output)
    }
}

/// A power series of elements without scalar term.
#[derive(Clone, Copy, Debug)]
pub struct Power<'a, T> {
    /// Channels and depth.
    pub spec: SignatureSpec,
    /// Which series.
    pub series: PowerSeries,
    /// `[rows, terms]`
    pub element: &'a [T],
}

impl<T: Real> Power<'_, T> {
    /// The series, `[rows, series.terms(spec)]`.
    pub fn values(&self) -> Vec<T> {
        T::power(self)
    }

    /// The gradient of the elements from that of the series.
    pub fn gradient(&self, output: &[T]) -> Vec<T> {
        T::power_gradient(self, output)
    }
}

/// The product of a sparse matrix with each row.
#[derive(Clone, Copy, Debug)]
pub struct SparseProduct<'a, T> {
    /// The matrix.
    pub matrix: &'a SparseMatrix,
    /// Whether the transpose multiplies, which takes a gradient of the product to one of the input.
    pub transposed: bool,
    /// `[rows, sources]`
    pub input: &'a [T],
}

impl<T: Real> SparseProduct<'_, T> {
    /// The products, `[rows, targets]`.
    pub fn values(&self) -> Vec<T> {
        T::sparse_product(self)
    }
}

/// Signature kernels of pairs of paths.
#[derive(Clone, Copy, Debug)]
pub struct SignatureKernel<'a, T> {
    /// The kernel of points.
    pub kernel: StaticKernel,
    /// The scheme.
    pub solver: KernelSolver,
    /// Which pairs, and whether their grids.
    pub pairs: Pairs,
    /// `[rows[0], lengths[0], channels]`
    pub x: &'a [T],
    /// `[rows[1], lengths[1], channels]`
    pub y: &'a [T],
    /// The paths of both batches; none is empty.
    pub rows: [usize; 2],
    /// The points of a path of each batch, at least 2.
    pub lengths: [usize; 2],
    /// At least 1.
    pub channels: usize,
}

impl<T: Real> SignatureKernel<'_, T> {
    /// The kernels, `[rows]` or `[rows[0], rows[1]]`, or the grids `[rows, vertices, vertices]`.
    pub fn values(&self) -> Vec<T> {
        self.values_keeping(false).0
    }

    /// The same, and, if it `keeps` anything, what can be left to the [`gradient`](Self::gradient): the
    /// gradients of each kernel alone, in an order of its own. `None` where they would be large, and
    /// of grids.
    pub fn values_keeping(&self, keeps: bool) -> (Vec<T>, Option<Vec<T>>) {
        T::signature_kernel(self, keeps)
    }

    /// The gradients of both batches from that of the kernels, with what the same call left, if
    /// anything. Those of [`Pairs::Symmetric`] add up to that of the one batch.
    pub fn gradient(&self, output: &[T], kept: Option<&[T]>) -> [Vec<T>; 2] {
        T::signature_kernel_gradient(self, output, kept)
    }

    /// Whether there are so few pairs that vectors would be nearly empty.
    fn is_few(&self) -> bool {
        let pairs = match self.pairs {
            Pairs::Rows | Pairs::Grid => self.rows[0],
            Pairs::Gram | Pairs::Symmetric => self.rows[0].saturating_mul(self.rows[1]),
        };
        pairs <= goursat::FEW
    }
}

/// Paths with one more channel, `[rows, length, channels + 1]`.
///
/// # Arguments
///
/// - `paths`: `[rows, length, channels]`.
/// - `channels`: at least 1.
/// - `channel`: the number that is put behind each point, of all paths or of one for all of them.
///
/// # Panics
///
/// If `paths` are not whole repeats of the points of `channel`.
pub fn append_channel<T: Real>(paths: &[T], channels: usize, channel: &[T]) -> Vec<T> {
    T::append_channel(paths, channels, channel)
}
