//! Tangents of the states pushed through the network, one per row and channel, and the adjoint.

use core::iter::zip;

use num_traits::Float;

use super::layer::{Layer, Sums};
use crate::cpu::{Lanes, vectorize_loops};

/// The tangents of some rows.
pub(super) struct Tangents<T> {
    channels: usize,
    /// The inputs of each layer, `[rows, channels, size]`.
    inputs: Vec<Vec<T>>,
    /// The outputs of each hidden layer, before they are multiplied by the slopes.
    pushed: Vec<Vec<T>>,
    /// The outputs of the last layer before its tanh, each of its own channel alone:
    /// `[rows, channels, state]`.
    pub(super) last: Vec<T>,
}

impl<T: Float + Lanes> Tangents<T> {
    pub(super) fn new(
        layers: &[Layer<T>],
        slopes: &[Vec<T>],
        channels: usize,
        mut input: Vec<T>,
    ) -> Self {
        let (last, hidden) = layers.split_last().expect("there is a layer");
        let (mut inputs, mut pushed) = (Vec::new(), Vec::new());
        for (layer, slopes) in zip(hidden, slopes) {
            let output = layer.push(&input);
            let sloped = sloped(&output, slopes, layer.outputs(), channels);
            inputs.push(core::mem::replace(&mut input, sloped));
            pushed.push(output);
        }
        let last = last.push_blocks(&input, channels);
        inputs.push(input);
        Self {
            channels,
            inputs,
            pushed,
            last,
        }
    }

    /// The gradients of the inputs of the first layer and of the slopes, from that of
    /// [`last`](Self::last); that of the layers is added.
    pub(super) fn adjoint(
        &self,
        layers: &[Layer<T>],
        slopes: &[Vec<T>],
        of_last: &[T],
        sums: &mut [Sums<T>],
    ) -> (Vec<T>, Vec<Vec<T>>) {
        let (channels, last) = (self.channels, layers.len() - 1);
        let input = &self.inputs[last];
        let mut gradient =
            layers[last].push_blocks_adjoint(input, of_last, channels, &mut sums[last]);
        let mut of_slopes = Vec::new();
        for index in (0..last).rev() {
            let (layer, pushed) = (&layers[index], &self.pushed[index]);
            of_slopes.push(over_channels(&gradient, pushed, layer.outputs(), channels));
            gradient = sloped(&gradient, &slopes[index], layer.outputs(), channels);
            gradient = layer.push_adjoint(&self.inputs[index], &gradient, &mut sums[index]);
        }
        of_slopes.reverse();
        (gradient, of_slopes)
    }
}

/// `[rows, channels, size]` times `[rows, size]`.
fn sloped<T: Float + Lanes>(tangents: &[T], slopes: &[T], size: usize, channels: usize) -> Vec<T> {
    let mut products = tangents.to_vec();
    vectorize_loops(
        #[inline(always)]
        || {
            let rows = products.chunks_exact_mut(channels * size);
            for (tangents, slopes) in zip(rows, slopes.chunks_exact(size)) {
                for tangent in tangents.chunks_exact_mut(size) {
                    for (number, &slope) in zip(tangent, slopes) {
                        *number = *number * slope;
                    }
                }
            }
        },
    );
    products
}

/// The products of `[rows, channels, size]` and `[rows, channels, size]`, summed over the channels.
fn over_channels<T: Float + Lanes>(a: &[T], b: &[T], size: usize, channels: usize) -> Vec<T> {
    let mut sums = vec![T::zero(); a.len() / channels];
    vectorize_loops(
        #[inline(always)]
        || {
            let rows = zip(
                a.chunks_exact(channels * size),
                b.chunks_exact(channels * size),
            );
            for (sums, (a, b)) in zip(sums.chunks_exact_mut(size), rows) {
                for (a, b) in zip(a.chunks_exact(size), b.chunks_exact(size)) {
                    for (sum, (&a, &b)) in zip(&mut *sums, zip(a, b)) {
                        *sum = *sum + a * b;
                    }
                }
            }
        },
    );
    sums
}
