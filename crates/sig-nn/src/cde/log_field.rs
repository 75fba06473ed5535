//! The vector field of a log-neural controlled differential equation.

use burn::tensor::Tensor;

use super::control::{areas, each};
use super::solver::ControlledField;
use super::vector_field::{Prepared, VectorField};

/// `F(y) = Σ_i l_i f_i(y) + Σ_{i<j} l_ij (Df_j f_i − Df_i f_j)(y)` for fields
/// `f = tanh MLP`, `[channels][hidden]`.
///
/// With the antisymmetric `L` of the areas the second sum is `Σ_j Df_j v_j`, `v_j = Σ_i L_ij f_i`: a
/// tangent per channel is pushed through the network, and in the last layer only block `j` of
/// tangent `j` is needed, so that the Jacobians of all pairs are never formed. Burn's autodiff is of
/// first order, so the derivative is written out.
pub(super) struct LogField {
    field: Prepared,
    /// The last layer by channels, `[channels, width, hidden]`; only at depth 2.
    blocks: Option<Tensor<3>>,
    channels: usize,
}

/// Increments `[batch, 1, channels]` and transposed areas `[batch, channels, channels]` of a window.
pub(super) struct LogControl {
    increments: Tensor<3>,
    areas: Option<Tensor<3>>,
}

impl LogField {
    pub(super) fn new(field: &VectorField, channels: usize, depth: usize) -> Self {
        let field = field.prepared();
        // One channel sweeps no area.
        let blocks = (depth == 2 && channels > 1).then(|| {
            let [width, outputs] = field.last.weight.dims();
            let last = field.last.weight.clone();
            let blocks = last.reshape([width, channels, outputs / channels]);
            blocks.swap_dims(0, 1)
        });
        Self {
            field,
            blocks,
            channels,
        }
    }

    /// The controls of all windows, from their log-signatures `[batch, windows, n]`.
    pub(super) fn controls(&self, logs: Tensor<3>) -> Vec<LogControl> {
        let ([batch, windows, n], channels) = (logs.dims(), self.channels);
        if self.blocks.is_none() {
            let increments = each(logs).into_iter();
            return increments
                .map(|increments| LogControl {
                    increments: increments.unsqueeze_dim(1),
                    areas: None,
                })
                .collect();
        }
        if windows == 0 {
            return Vec::new();
        }
        let areas = areas(channels, &logs);
        let width = channels + channels * channels;
        let rows = logs.reshape([batch * windows, n]).matmul(areas);
        let control = |row: Tensor<2>| {
            let increments = row.clone().narrow(1, 0, channels).unsqueeze_dim(1);
            let areas = row.narrow(1, channels, channels * channels);
            let areas = areas.reshape([batch, channels, channels]);
            LogControl {
                increments,
                areas: Some(areas.swap_dims(1, 2)),
            }
        };
        let rows = each(rows.reshape([batch, windows, width])).into_iter();
        rows.map(control).collect()
    }
}

impl ControlledField for LogField {
    type Control = LogControl;

    fn derivative(&self, state: Tensor<2>, control: &LogControl, _at: f64) -> Tensor<2> {
        let [batch, hidden] = state.dims();
        let by_channels = |fields: Tensor<2>| fields.reshape([batch, self.channels, hidden]);
        let along = |fields: Tensor<3>| control.increments.clone().matmul(fields).squeeze_dim(1);
        let (Some(areas), Some(blocks)) = (&control.areas, &self.blocks) else {
            return along(by_channels(self.field.forward(state)));
        };
        let (fields, slopes) = self.field.with_slopes(state);
        let fields = by_channels(fields);
        let tangents = areas.clone().matmul(fields.clone());
        let pushed = self.field.push(tangents, &slopes);
        let last = pushed
            .swap_dims(0, 1)
            .matmul(blocks.clone())
            .swap_dims(0, 1);
        let brackets = last.clone() - last * fields.clone().square();
        along(fields) + brackets.sum_dim(1).squeeze_dim(1)
    }
}
