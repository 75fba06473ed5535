//! The vector field of a log-neural controlled differential equation.

mod operation;
mod portable;

use burn::tensor::Tensor;
use sig_core::backend::forward;

use super::control::{areas, each};
use super::solver::ControlledField;
use super::vector_field::{Prepared, VectorField};

pub(crate) use operation::FieldWithAreas;

/// `F(y) = Σ_i l_i f_i(y) + Σ_{i<j} l_ij (Df_j f_i − Df_i f_j)(y)` for fields
/// `f = tanh MLP`, `[channels][hidden]`. A control is a row of increments, with the areas behind if there
/// are any.
#[allow(clippy::large_enum_variant, reason = "one a forward pass")]
pub(super) enum LogField {
    /// The first sum alone.
    Increments { field: Prepared, channels: usize },
    /// Both, by an operation whose node of the graph keeps nothing but its inputs.
    WithAreas {
        operation: FieldWithAreas,
        /// The weight and the bias of each layer, one after another.
        weights: Tensor<1>,
    },
}

impl LogField {
    pub(super) fn new(field: &VectorField, channels: usize, depth: usize) -> Self {
        // One channel sweeps no area.
        if depth == 1 || channels == 1 {
            let field = field.prepared();
            return Self::Increments { field, channels };
        }
        #[cfg(feature = "remote")]
        crate::operations::assert_served("LogNeuralCde", &field.layers[0].weight.device());
        Self::WithAreas {
            operation: FieldWithAreas {
                sizes: field.sizes(),
            },
            weights: field.flat_weights(),
        }
    }

    /// The controls of all windows, from their log-signatures `[batch, windows, n]`.
    pub(super) fn controls(&self, logs: Tensor<3>) -> Vec<Tensor<2>> {
        let [batch, windows, n] = logs.dims();
        match self {
            Self::WithAreas { operation, .. } if windows > 0 => {
                let areas = areas(operation.channels(), &logs);
                let [_, width] = areas.dims();
                let rows = logs.reshape([batch * windows, n]).matmul(areas);
                each(rows.reshape([batch, windows, width]))
            }
            _ => each(logs),
        }
    }
}

impl ControlledField for LogField {
    type Control = Tensor<2>;

    fn derivative(&self, state: Tensor<2>, control: &Tensor<2>, _at: f64) -> Tensor<2> {
        match self {
            Self::Increments { field, channels } => {
                let [batch, hidden] = state.dims();
                let fields = field.forward(state).reshape([batch, *channels, hidden]);
                let increments = control.clone().unsqueeze_dim::<3>(1);
                increments.matmul(fields).squeeze_dim(1)
            }
            Self::WithAreas { operation, weights } => {
                let inputs = [
                    state.into_dispatch(),
                    control.clone().into_dispatch(),
                    weights.clone().into_dispatch(),
                ];
                Tensor::from_dispatch(forward(operation.clone(), inputs))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cde::VectorFieldConfig;
    use burn::backend::Dispatch;
    use burn::tensor::{Device, Distribution, Tolerance};
    use sig_core::backend::Operation;

    /// The operation gives what its primitives give, values and gradients, for rows in one block and in
    /// several, and any number of layers.
    #[test]
    fn kernels_are_as_primitives() {
        let device = Device::default();
        for (batch, channels, hidden, layers) in
            [(1, 2, 3, 0), (5, 3, 4, 1), (37, 2, 1, 3), (300, 2, 2, 1)]
        {
            let field = VectorFieldConfig::new(hidden, hidden * channels)
                .with_width(6)
                .with_hidden_layers(layers)
                .init(&device);
            let spread = Distribution::Normal(0.0, 0.7);
            let random = |shape| Tensor::<2>::random(shape, spread, &device);
            let states = random([batch, hidden]);
            let controls = random([batch, channels + channels * channels]);
            let operation = FieldWithAreas {
                sizes: field.sizes(),
            };
            assert_eq!(
                FieldWithAreas::read(&operation.numbers()).as_ref(),
                Some(&operation)
            );
            let of = |kernel: bool| {
                let device = device.clone().autodiff();
                let leaf = |tensor: Tensor<2>| {
                    Tensor::<2>::from_data(tensor.into_data(), &device).require_grad()
                };
                let weights = leaf(field.flat_weights().unsqueeze_dim(0));
                let inputs = [leaf(states.clone()), leaf(controls.clone()), weights];
                let flat = inputs[2].clone().squeeze_dim::<1>(0).into_dispatch();
                let [states, controls] =
                    [0, 1].map(|input: usize| inputs[input].clone().into_dispatch());
                let primitives = [states, controls, flat];
                let output = Tensor::<2>::from_dispatch(if kernel {
                    forward(operation.clone(), primitives)
                } else {
                    portable::field_with_areas::<Dispatch>(primitives, &operation.sizes)
                });
                let gradients = (output.clone() * output.clone().cos()).sum().backward();
                let gradient = |input: &Tensor<2>| input.grad(&gradients).unwrap().into_data();
                let [a, b, c] = inputs.each_ref().map(gradient);
                [output.into_data(), a, b, c]
            };
            for (got, want) in of(true).iter().zip(&of(false)) {
                got.assert_approx_eq::<f32>(want, Tolerance::rel_abs(1e-4, 1e-5));
            }
        }
    }
}
