//! What every layer has: sizes and dtypes that are checked, and a display on one line.

use burn::nn::Linear;
use burn::tensor::{DType, Tensor};
use sig_core::backend::nothing;

/// Panics, in the name of a layer, if a size is 0.
#[track_caller]
pub(crate) fn assert_positive<const N: usize>(layer: &str, sizes: [(&str, usize); N]) {
    for (name, size) in sizes {
        assert!(size > 0, "{layer}: {name} must be at least 1, got 0");
    }
}

/// Panics, in the name of a layer, if a probability of dropout is not one.
#[track_caller]
pub(crate) fn assert_dropout(layer: &str, dropout: f64) {
    assert!(
        (0.0..1.0).contains(&dropout),
        "{layer}: dropout must be in [0, 1), got {dropout}"
    );
}

/// A linear layer on the last axis. Without rows it is taken as that of a matrix: Burn's Flex crashes in
/// the product of an empty batch.
#[track_caller]
pub(crate) fn linear<const D: usize>(layer: &Linear, input: Tensor<D>) -> Tensor<D> {
    let (mut shape, [inputs, outputs]) = (input.dims(), layer.weight.shape().dims());
    if D < 3 || shape[..D - 1].iter().all(|&size| size > 0) {
        return layer.forward(input);
    }
    assert!(
        shape[D - 1] == inputs,
        "Linear: the last axis of the input must have {inputs} features, got {shape:?}"
    );
    shape[D - 1] = outputs;
    let rows = layer.forward(nothing::<D, 2>(input, [0, inputs]));
    nothing(rows, shape)
}

/// Panics, in the name of a layer, if its input does not have the dtype of its weights.
#[track_caller]
pub(crate) fn assert_dtype(layer: &str, what: &str, dtype: DType, weights: DType) {
    assert!(
        dtype == weights,
        "{layer}: the {what} must have the dtype of the weights, {weights:?}, got {dtype:?}"
    );
}

/// The display of a layer on one line, as burn-nn's layers have it, from a closure that adds the
/// attributes: `one_line_display!(Gate, |gate, content| content.add("d_input", ..))`.
macro_rules! one_line_display {
    ([$($generics:tt)*] $layer:ty, $attributes:expr) => {
        impl<$($generics)*> burn::module::ModuleDisplay for $layer {
            fn custom_settings(&self) -> Option<burn::module::DisplaySettings> {
                burn::module::DisplaySettings::new()
                    .with_new_line_after_attribute(false)
                    .optional()
            }

            fn custom_content(
                &self,
                content: burn::module::Content,
            ) -> Option<burn::module::Content> {
                let add: fn(&Self, burn::module::Content) -> burn::module::Content = $attributes;
                add(self, content).optional()
            }
        }
    };
    ($layer:ty, $attributes:expr) => {
        $crate::layer::one_line_display!([] $layer, $attributes);
    };
}
pub(crate) use one_line_display;
