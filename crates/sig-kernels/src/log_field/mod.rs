//! The vector field of a log-neural controlled differential equation, forwards and backwards, on
//! slices: matrix products by the `gemm` crate, some rows at a time, so that intermediate results stay
//! in the cache. The gradient computes them again.

mod layer;
mod network;
mod pass;
mod tangents;

use core::iter::zip;

use num_traits::Float;
use rayon::prelude::*;

use crate::Real;
use crate::cpu::{Lanes, kernels};
use crate::parts::{rows_of_a_part, sum_of_parts};
use layer::{layers, sums};
use pass::{Pass, Sizes};

/// Rows that are computed together.
const ROWS: usize = 16;

kernels! {
    /// The kernels on a kind of number, compiled with this crate as those of signatures are.
    Kernels: Lanes;

    fn log_field_values(call: &LogField<'_, Self>) -> Vec<Self> = call.checked().forward();
    fn log_field_gradients(call: &LogField<'_, Self>, output: &[Self]) -> [Vec<Self>; 3] =
        call.checked().backward(output);
}

/// `F(y) = Σ_i l_i f_i(y) + Σ_j Df_j(y) v_j`, `v_j = Σ_i L_ij f_i(y)`, for fields `f = tanh MLP`,
/// `[channels][state]`, with SiLU between the layers of the network
/// ([Walker et al. 2024](https://arxiv.org/abs/2402.18512)).
///
/// With antisymmetric `L`, the second sum is that of the Lie brackets, `Σ_{i<j} L_ij [f_i, f_j]`. No
/// bracket is formed: a tangent per channel is pushed through the network.
#[derive(Clone, Copy, Debug)]
pub struct LogField<'a, T> {
    /// The sizes of the state, of each hidden layer, and of the fields, `channels` times that of the
    /// state.
    pub sizes: &'a [usize],
    /// `y`, `[rows, state]`
    pub states: &'a [T],
    /// `l`, then `L`, `[rows, channels + channels²]`
    pub controls: &'a [T],
    /// Of each layer the weight `[inputs, outputs]`, then the bias.
    pub weights: &'a [T],
}

impl<T: Real> LogField<'_, T> {
    /// `F`, `[rows, state]`.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn values(&self) -> Vec<T> {
        T::log_field_values(self)
    }

    /// The gradients of the states, the controls and the weights, from that of `F`.
    ///
    /// # Panics
    ///
    /// If the slices have other sizes than those documented.
    pub fn gradients(&self, output: &[T]) -> [Vec<T>; 3] {
        T::log_field_gradients(self, output)
    }
}

impl<T: Float + Lanes> LogField<'_, T> {
    fn checked(&self) -> &Self {
        let [state, .., fields] = *self.sizes else {
            panic!("sizes are those of the state and of the fields at least");
        };
        assert!(!self.sizes.contains(&0) && fields.is_multiple_of(state));
        let rows = self.states.len() / state;
        assert_eq!(self.states.len(), rows * state);
        assert_eq!(self.controls.len(), rows * self.of_a_row().control());
        let weights = zip(self.sizes, &self.sizes[1..]).map(|(&from, &to)| (from + 1) * to);
        assert_eq!(self.weights.len(), weights.sum::<usize>());
        self
    }

    fn of_a_row(&self) -> Sizes {
        let state = self.sizes[0];
        let channels = self.sizes[self.sizes.len() - 1] / state;
        Sizes { state, channels }
    }

    fn forward(&self) -> Vec<T> {
        let (layers, row) = (layers(self.sizes, self.weights), self.of_a_row());
        let (state, control) = (ROWS * row.state, ROWS * row.control());
        let mut output = vec![T::zero(); self.states.len()];
        output
            .par_chunks_mut(state)
            .zip(self.states.par_chunks(state))
            .zip(self.controls.par_chunks(control))
            .for_each(|((output, states), controls)| {
                Pass::new(row, &layers, states, controls).add_to(output);
            });
        output
    }

    fn backward(&self, output: &[T]) -> [Vec<T>; 3] {
        assert_eq!(output.len(), self.states.len());
        let (layers, row) = (layers(self.sizes, self.weights), self.of_a_row());
        let (state, control) = (row.state, row.control());
        let mut of_states = vec![T::zero(); self.states.len()];
        let mut of_controls = vec![T::zero(); self.controls.len()];
        let part = rows_of_a_part(output.len() / state, ROWS);
        let parts: Vec<Vec<T>> = of_states
            .par_chunks_mut(part * state)
            .zip(of_controls.par_chunks_mut(part * control))
            .zip(self.states.par_chunks(part * state))
            .zip(self.controls.par_chunks(part * control))
            .zip(output.par_chunks(part * state))
            .map(|((((of_states, of_controls), states), controls), output)| {
                let mut of_weights = vec![T::zero(); self.weights.len()];
                let mut sums = sums(self.sizes, &mut of_weights);
                let gradients = of_states
                    .chunks_mut(ROWS * state)
                    .zip(of_controls.chunks_mut(ROWS * control));
                let numbers = states
                    .chunks(ROWS * state)
                    .zip(controls.chunks(ROWS * control))
                    .zip(output.chunks(ROWS * state));
                for ((of_states, of_controls), ((states, controls), output)) in
                    gradients.zip(numbers)
                {
                    let pass = Pass::new(row, &layers, states, controls);
                    pass.adjoint(output, [of_states, of_controls], &mut sums);
                }
                of_weights
            })
            .collect();
        [
            of_states,
            of_controls,
            sum_of_parts(parts, self.weights.len()),
        ]
    }
}
