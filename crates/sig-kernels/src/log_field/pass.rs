//! The field at some rows, and its adjoint.

use core::iter::zip;
use core::ops::Range;

use num_traits::Float;

use super::layer::{Layer, Sums, block};
use super::network::Network;
use super::tangents::Tangents;
use crate::cpu::{Lanes, vectorize_loops};

/// The intermediate results of some rows.
pub(super) struct Pass<'a, T> {
    layers: &'a [Layer<'a, T>],
    /// `l`, then `L`, of each row.
    controls: &'a [T],
    sizes: Sizes,
    network: Network<T>,
    tangents: Tangents<T>,
}

/// Numbers of a row.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) state: usize,
    pub(super) channels: usize,
}

impl Sizes {
    /// Increments, then areas.
    pub(super) fn control(self) -> usize {
        self.channels * (self.channels + 1)
    }

    /// The ranges of `f_i` and `f_j` among the fields of all rows, for the area `L_ij` at a place.
    fn pair(self, row: usize, place: usize) -> [Range<usize>; 2] {
        let channels = [place / self.channels, place % self.channels];
        channels.map(|channel| block(row * self.channels + channel, self.state))
    }
}

impl<'a, T: Float + Lanes> Pass<'a, T> {
    pub(super) fn new(
        sizes: Sizes,
        layers: &'a [Layer<'a, T>],
        states: &[T],
        controls: &'a [T],
    ) -> Self {
        let network = Network::new(layers, states);
        let directions = vectorize_loops(
            #[inline(always)]
            || directions(sizes, &network.fields, controls),
        );
        let tangents = Tangents::new(layers, &network.slopes, sizes.channels, directions);
        Self {
            layers,
            controls,
            sizes,
            network,
            tangents,
        }
    }

    /// `Σ_i l_i f_i + Σ_j (1 − f_j²) t_j` with the last tangents `t`, added to each row.
    pub(super) fn add_to(&self, output: &mut [T]) {
        vectorize_loops(
            #[inline(always)]
            || self.sum(output),
        );
    }

    #[inline(always)]
    fn sum(&self, output: &mut [T]) {
        let sizes = self.sizes;
        for (row, output) in output.chunks_exact_mut(sizes.state).enumerate() {
            let increments = &self.controls[block(row, sizes.control())][..sizes.channels];
            for (channel, &increment) in increments.iter().enumerate() {
                let own = block(row * sizes.channels + channel, sizes.state);
                let numbers = zip(&self.network.fields[own.clone()], &self.tangents.last[own]);
                for (output, (&f, &t)) in zip(&mut *output, numbers) {
                    *output = *output + increment * f + (T::one() - f * f) * t;
                }
            }
        }
    }

    /// The gradients of the states and the controls from that of the field; that of the layers is added.
    pub(super) fn adjoint(
        &self,
        output: &[T],
        [of_states, of_controls]: [&mut [T]; 2],
        sums: &mut [Sums<T>],
    ) {
        let (network, tangents) = (&self.network, &self.tangents);
        let [mut of_fields, of_last] = vectorize_loops(
            #[inline(always)]
            || self.sum_adjoint(output, of_controls),
        );
        let (of_directions, of_slopes) =
            tangents.adjoint(self.layers, &network.slopes, &of_last, sums);
        vectorize_loops(
            #[inline(always)]
            || self.directions_adjoint(&of_directions, &mut of_fields, of_controls),
        );
        let gradient = network.adjoint(self.layers, of_fields, &of_slopes, sums);
        of_states.copy_from_slice(&gradient);
    }

    /// The gradients of the fields, as far as they are in the sum, and of the last tangents; that of the
    /// increments is written.
    #[inline(always)]
    fn sum_adjoint(&self, output: &[T], of_controls: &mut [T]) -> [Vec<T>; 2] {
        let sizes = self.sizes;
        let (fields, last) = (&self.network.fields, &self.tangents.last);
        let mut gradients = [0, 1].map(|_| vec![T::zero(); fields.len()]);
        let [of_fields, of_last] = &mut gradients;
        for (row, output) in output.chunks_exact(sizes.state).enumerate() {
            let control = block(row, sizes.control());
            let increments = &self.controls[control.clone()][..sizes.channels];
            let of_increments = &mut of_controls[control];
            for (channel, &increment) in increments.iter().enumerate() {
                let own = block(row * sizes.channels + channel, sizes.state);
                of_increments[channel] = dot(&fields[own.clone()], output);
                let numbers = zip(zip(&fields[own.clone()], &last[own.clone()]), output);
                let gradients = zip(&mut of_fields[own.clone()], &mut of_last[own]);
                for ((of_field, of_last), ((&f, &t), &gradient)) in zip(gradients, numbers) {
                    *of_field = gradient * (increment - (t + t) * f);
                    *of_last = gradient * (T::one() - f * f);
                }
            }
        }
        gradients
    }

    /// The gradient of the areas is written, that of the fields added.
    #[inline(always)]
    fn directions_adjoint(&self, gradient: &[T], of_fields: &mut [T], of_controls: &mut [T]) {
        let (sizes, fields) = (self.sizes, &self.network.fields);
        for (row, of_control) in of_controls.chunks_exact_mut(sizes.control()).enumerate() {
            let areas = &self.controls[block(row, sizes.control())][sizes.channels..];
            let of_areas = &mut of_control[sizes.channels..];
            for place in 0..areas.len() {
                let [i, j] = sizes.pair(row, place);
                of_areas[place] = dot(&fields[i.clone()], &gradient[j.clone()]);
                add(&mut of_fields[i], areas[place], &gradient[j]);
            }
        }
    }
}

/// `v_j = Σ_i L_ij f_i`, `[rows, channels, state]`
#[inline(always)]
fn directions<T: Float + Lanes>(sizes: Sizes, fields: &[T], controls: &[T]) -> Vec<T> {
    let mut directions = vec![T::zero(); fields.len()];
    for (row, control) in controls.chunks_exact(sizes.control()).enumerate() {
        for (place, &area) in control[sizes.channels..].iter().enumerate() {
            let [i, j] = sizes.pair(row, place);
            add(&mut directions[j], area, &fields[i]);
        }
    }
    directions
}

/// `to += factor · from`
#[inline(always)]
fn add<T: Float>(to: &mut [T], factor: T, from: &[T]) {
    for (to, &from) in zip(to, from) {
        *to = *to + factor * from;
    }
}

#[inline(always)]
fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    zip(a, b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}
