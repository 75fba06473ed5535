//! Products of B-splines with a weight, forwards and backwards, on slices.
//!
//! The left side of the product is made a block of rows at a time in the cache, multiplied by the
//! `gemm` crate, and made again for the gradient (`linear`). It stands a column per spline, so
//! cubic splines by their closed form are vectors of positions; of other orders a position lies in
//! one cell, where only `order + 1` splines are not zero (`basis`). The sums of the gradient over
//! rows are made in a fixed number of parts, so their bits do not depend on the threads.

mod basis;
mod linear;
#[cfg(test)]
mod tests;

use crate::Real;

pub use basis::HIGHEST_ORDER;
pub(crate) use linear::Kernels;

/// Which B-splines are evaluated: the cardinal splines `B(z − j)`, `j = 0..count`, whose knots are
/// the whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Splines {
    /// The degree of the pieces, at most [`HIGHEST_ORDER`].
    pub order: usize,
    /// The number of splines per feature, one knot apart.
    pub count: usize,
    /// Columns of the weight.
    pub outputs: usize,
}

impl Splines {
    /// Rows of the weight: one per feature, then one per spline, those of a feature together.
    pub fn inputs(&self, features: usize) -> usize {
        features * (1 + self.count)
    }
}

/// `[base, B(z)] W`.
#[derive(Clone, Copy, Debug)]
pub struct Linear<'a, T> {
    /// Which splines.
    pub splines: Splines,
    /// The number of features per row.
    pub features: usize,
    /// `z`, `[rows, features]`
    pub positions: &'a [T],
    /// `[rows, features]`
    pub base: &'a [T],
    /// `[splines.inputs(features), outputs]`
    pub weight: &'a [T],
}

/// Those of the inputs of a [`Linear`].
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<T> {
    /// `[rows, features]`
    pub positions: Vec<T>,
    /// `[rows, features]`
    pub base: Vec<T>,
    /// `[splines.inputs(features), outputs]`
    pub weight: Vec<T>,
}

impl<T: Real> Linear<'_, T> {
    /// The product, `[rows, outputs]`.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn values(&self) -> Vec<T> {
        T::spline_values(self)
    }

    /// The gradients from that of the product.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn gradients(&self, output: &[T]) -> Gradients<T> {
        T::spline_gradients(self, output)
    }
}
