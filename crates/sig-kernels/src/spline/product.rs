//! Products of matrices on slices, by the `gemm` crate.

use gemm::Parallelism;
use num_traits::Float;

/// A matrix whose rows follow each other, or the transpose of one.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    /// From a row to the next, and from a column.
    strides: (isize, isize),
}

impl<'a, T> Matrix<'a, T> {
    pub(super) fn new(values: &'a [T], columns: usize) -> Self {
        Self {
            values,
            rows: values.len() / columns,
            columns,
            strides: (columns as isize, 1),
        }
    }

    pub(super) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            strides: (self.strides.1, self.strides.0),
        }
    }
}

/// `output ← left · right`, on this thread; with `add`, the product is added.
pub(super) fn multiply<T: Float + 'static>(
    output: &mut [T],
    left: Matrix<'_, T>,
    right: Matrix<'_, T>,
    add: bool,
) {
    assert_eq!(left.columns, right.rows);
    assert_eq!(output.len(), left.rows * right.columns);
    // SAFETY: a matrix has as many values as rows times columns, which its strides reach each once,
    // and the output has those of the product, a row after the other; `gemm` accepts f32 and f64,
    // the only types of this module's callers, and panics on others.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            output.as_mut_ptr(),
            1,
            right.columns as isize,
            add,
            left.values.as_ptr(),
            left.strides.1,
            left.strides.0,
            right.values.as_ptr(),
            right.strides.1,
            right.strides.0,
            T::one(),
            T::one(),
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
