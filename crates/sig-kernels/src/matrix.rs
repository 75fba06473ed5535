//! Products of matrices on slices, by the `gemm` crate.

use core::ops::Range;

use gemm::Parallelism;
use num_traits::Float;

/// A matrix whose rows follow each other, some columns of one, or the transpose of such a matrix.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    /// From a row to the next, and from a column.
    strides: (isize, isize),
}

impl<'a, T> Matrix<'a, T> {
    pub(crate) fn new(values: &'a [T], columns: usize) -> Self {
        Self::part(values, columns, 0..columns)
    }

    /// Some columns of a matrix with rows of a width.
    pub(crate) fn part(values: &'a [T], width: usize, columns: Range<usize>) -> Self {
        assert!(columns.start < columns.end && columns.end <= width);
        assert!(values.len().is_multiple_of(width));
        Self {
            values: &values[columns.start..],
            rows: values.len() / width,
            columns: columns.len(),
            strides: (width as isize, 1),
        }
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            strides: (self.strides.1, self.strides.0),
        }
    }
}

/// A matrix that a product is written to, whose rows follow each other, or some columns of one.
pub(crate) struct MatrixMut<'a, T> {
    values: &'a mut [T],
    rows: usize,
    columns: usize,
    /// From a row to the next.
    stride: isize,
}

impl<'a, T> MatrixMut<'a, T> {
    pub(crate) fn new(values: &'a mut [T], columns: usize) -> Self {
        Self::part(values, columns, 0..columns)
    }

    /// Some columns of a matrix with rows of a width.
    pub(crate) fn part(values: &'a mut [T], width: usize, columns: Range<usize>) -> Self {
        assert!(columns.start < columns.end && columns.end <= width);
        assert!(values.len().is_multiple_of(width));
        Self {
            rows: values.len() / width,
            values: &mut values[columns.start..],
            columns: columns.len(),
            stride: width as isize,
        }
    }
}

/// `output ← left · right`, on this thread; with `add`, the product is added.
pub(crate) fn multiply<T: Float + 'static>(
    output: MatrixMut<'_, T>,
    left: Matrix<'_, T>,
    right: Matrix<'_, T>,
    add: bool,
) {
    assert_eq!(left.columns, right.rows);
    assert_eq!([output.rows, output.columns], [left.rows, right.columns]);
    // SAFETY: the last place that a matrix reaches in its rows is `(rows − 1) · width + columns.end − 1`,
    // which is within them. No two places of the output are the same, and nothing else borrows it. The
    // sizes are those of a product; `gemm` touches nothing if a side is 0, accepts f32 and f64, the only
    // types of this module's callers, and panics on others.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            output.values.as_mut_ptr(),
            1,
            output.stride,
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
