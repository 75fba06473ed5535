//! A linear layer of the network, and where its gradient is added up.

use core::iter::zip;
use core::ops::Range;

use num_traits::Float;

use crate::cpu::Lanes;
use crate::matrix::{Matrix, MatrixMut, multiply};

/// `x W + b`
pub(super) struct Layer<'a, T> {
    weight: &'a [T],
    bias: &'a [T],
}

/// The gradient of a layer.
pub(super) struct Sums<'a, T> {
    weight: &'a mut [T],
    bias: &'a mut [T],
}

/// The layers between some sizes, from the weight and the bias of each in a row.
pub(super) fn layers<'a, T>(sizes: &[usize], numbers: &'a [T]) -> Vec<Layer<'a, T>> {
    let mut rest = numbers;
    let layer = |(&inputs, &outputs)| {
        let (weight, others) = rest.split_at(inputs * outputs);
        let (bias, others) = others.split_at(outputs);
        rest = others;
        Layer { weight, bias }
    };
    zip(sizes, &sizes[1..]).map(layer).collect()
}

/// Where the gradients of such layers go.
pub(super) fn sums<'a, T>(sizes: &[usize], numbers: &'a mut [T]) -> Vec<Sums<'a, T>> {
    let mut rest = numbers;
    let layer = |(&inputs, &outputs)| {
        let (weight, others) = core::mem::take(&mut rest).split_at_mut(inputs * outputs);
        let (bias, others) = others.split_at_mut(outputs);
        rest = others;
        Sums { weight, bias }
    };
    zip(sizes, &sizes[1..]).map(layer).collect()
}

impl<T: Float + Lanes> Layer<'_, T> {
    pub(super) fn inputs(&self) -> usize {
        self.weight.len() / self.outputs()
    }

    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    fn weight(&self) -> Matrix<'_, T> {
        Matrix::new(self.weight, self.outputs())
    }

    /// `x W + b`
    pub(super) fn apply(&self, input: &[T]) -> Vec<T> {
        let mut output = self.bias.repeat(input.len() / self.inputs());
        let to = MatrixMut::new(&mut output, self.outputs());
        multiply(to, Matrix::new(input, self.inputs()), self.weight(), true);
        output
    }

    /// `x W`
    pub(super) fn push(&self, input: &[T]) -> Vec<T> {
        let mut output = vec![T::zero(); input.len() / self.inputs() * self.outputs()];
        let to = MatrixMut::new(&mut output, self.outputs());
        multiply(to, Matrix::new(input, self.inputs()), self.weight(), false);
        output
    }

    /// The gradient of the input of [`push`](Self::push) from that of the output; that of the weight is
    /// added.
    pub(super) fn push_adjoint(&self, input: &[T], gradient: &[T], sums: &mut Sums<T>) -> Vec<T> {
        let size = self.outputs();
        let gradient = Matrix::new(gradient, size);
        let turned = Matrix::new(input, self.inputs()).transposed();
        multiply(MatrixMut::new(sums.weight, size), turned, gradient, true);
        let mut of_input = vec![T::zero(); input.len()];
        let to = MatrixMut::new(&mut of_input, self.inputs());
        multiply(to, gradient, self.weight().transposed(), false);
        of_input
    }

    /// The gradient of the input of [`apply`](Self::apply) from that of the output; those of the weight and
    /// the bias are added.
    pub(super) fn adjoint(&self, input: &[T], gradient: &[T], sums: &mut Sums<T>) -> Vec<T> {
        for row in gradient.chunks_exact(self.outputs()) {
            zip(&mut *sums.bias, row).for_each(|(sum, &row)| *sum = *sum + row);
        }
        self.push_adjoint(input, gradient, sums)
    }

    /// `[rows, channels, inputs]` → `[rows, channels, outputs / channels]`: of each channel its own
    /// columns of `x W`.
    pub(super) fn push_blocks(&self, input: &[T], channels: usize) -> Vec<T> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let mut output = vec![T::zero(); input.len() / (channels * inputs) * outputs];
        for channel in 0..channels {
            let own = block(channel, outputs / channels);
            let from = Matrix::part(input, channels * inputs, block(channel, inputs));
            let weight = Matrix::part(self.weight, outputs, own.clone());
            multiply(
                MatrixMut::part(&mut output, outputs, own),
                from,
                weight,
                false,
            );
        }
        output
    }

    /// The gradient of the input of [`push_blocks`](Self::push_blocks) from that of the output; that of the
    /// weight is added.
    pub(super) fn push_blocks_adjoint(
        &self,
        input: &[T],
        gradient: &[T],
        channels: usize,
        sums: &mut Sums<T>,
    ) -> Vec<T> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let mut of_input = vec![T::zero(); input.len()];
        for channel in 0..channels {
            let (own, inner) = (block(channel, outputs / channels), block(channel, inputs));
            let gradient = Matrix::part(gradient, outputs, own.clone());
            let weight = Matrix::part(self.weight, outputs, own.clone()).transposed();
            let to = MatrixMut::part(&mut of_input, channels * inputs, inner.clone());
            multiply(to, gradient, weight, false);
            let turned = Matrix::part(input, channels * inputs, inner).transposed();
            multiply(
                MatrixMut::part(sums.weight, outputs, own),
                turned,
                gradient,
                true,
            );
        }
        of_input
    }
}

/// The places of a block of a size.
pub(super) fn block(index: usize, size: usize) -> Range<usize> {
    index * size..(index + 1) * size
}
