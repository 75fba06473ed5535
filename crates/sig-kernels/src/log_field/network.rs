//! The network of some rows, and its adjoint.

use core::iter::zip;

use num_traits::Float;

use super::layer::{Layer, Sums};
use crate::cpu::{Lanes, vectorize_loops};

/// The intermediate results of some rows.
pub(super) struct Network<T> {
    /// The inputs of each layer, `[rows, size]`.
    inputs: Vec<Vec<T>>,
    /// `z = x W + b` of each hidden layer and its logistic function, `[rows, size]`.
    linear: Vec<Vec<T>>,
    logistic: Vec<Vec<T>>,
    /// The derivative of `z ↦ z logistic(z)`.
    pub(super) slopes: Vec<Vec<T>>,
    /// `f`, `[rows, channels, state]`
    pub(super) fields: Vec<T>,
}

impl<T: Float + Lanes> Network<T> {
    pub(super) fn new(layers: &[Layer<T>], states: &[T]) -> Self {
        let (last, hidden) = layers.split_last().expect("there is a layer");
        let (mut linear, mut logistic, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut inputs, mut input) = (Vec::new(), states.to_vec());
        for layer in hidden {
            let z = layer.apply(&input);
            let [mut s, mut x, mut slope] = [0; 3].map(|_| vec![T::zero(); z.len()]);
            vectorize_loops(
                #[inline(always)]
                || {
                    let numbers = zip(&mut s, zip(&mut x, &mut slope));
                    for ((s, (x, slope)), &z) in zip(numbers, &z) {
                        *s = T::logistic(z);
                        *x = z * *s;
                        // s + z s (1 − s)
                        *slope = *s + *x - *x * *s;
                    }
                },
            );
            inputs.push(core::mem::replace(&mut input, x));
            linear.push(z);
            logistic.push(s);
            slopes.push(slope);
        }
        let mut fields = last.apply(&input);
        vectorize_loops(
            #[inline(always)]
            || {
                for f in &mut fields {
                    *f = T::hyperbolic_tangent(*f);
                }
            },
        );
        inputs.push(input);
        Self {
            inputs,
            linear,
            logistic,
            slopes,
            fields,
        }
    }

    /// The gradient of the states from those of the fields and the slopes; that of the layers is added.
    pub(super) fn adjoint(
        &self,
        layers: &[Layer<T>],
        mut gradient: Vec<T>,
        of_slopes: &[Vec<T>],
        sums: &mut [Sums<T>],
    ) -> Vec<T> {
        let last = layers.len() - 1;
        vectorize_loops(
            #[inline(always)]
            || {
                for (gradient, &f) in zip(&mut gradient, &self.fields) {
                    *gradient = *gradient * (T::one() - f * f);
                }
            },
        );
        gradient = layers[last].adjoint(&self.inputs[last], &gradient, &mut sums[last]);
        for index in (0..last).rev() {
            let (z, s) = (&self.linear[index], &self.logistic[index]);
            vectorize_loops(
                #[inline(always)]
                || {
                    let numbers = zip(zip(z, s), zip(&self.slopes[index], &of_slopes[index]));
                    for (gradient, ((&z, &s), (&slope, &of_slope))) in zip(&mut gradient, numbers) {
                        // s (1 − s) (2 + z (1 − 2 s)), the derivative of the slope
                        let falling = T::one() - s - s;
                        let curvature = s * (T::one() - s) * (T::one() + T::one() + z * falling);
                        *gradient = *gradient * slope + of_slope * curvature;
                    }
                },
            );
            gradient = layers[index].adjoint(&self.inputs[index], &gradient, &mut sums[index]);
        }
        gradient
    }
}
