//! Sums of all that came before.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use crate::devices::on_router;
use crate::portable;

/// `y_t = Σ_{s≤t} x_s` along axis 1.
///
/// Burn's `cumsum`, but for gradients on a server: there it is differentiated by turning tensors round,
/// which Burn 0.22.1 describes to the server as an operation on whole numbers, at which the session ends.
pub(crate) fn running_sum(values: Tensor<3>) -> Tensor<3> {
    let device = values.device();
    match device.is_autodiff() && on_router(&device) {
        true => by_doubling(values),
        false => values.cumsum(1),
    }
}

fn by_doubling(values: Tensor<3>) -> Tensor<3> {
    let sums = portable::running_sum::<Dispatch>(values.into_dispatch());
    Tensor::from_dispatch(sums)
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn both_ways_are_the_same() {
        for length in [0, 1, 2, 3, 8, 13] {
            let values: Vec<f32> = (0..2 * length * 3).map(|i| (i * i % 17) as f32).collect();
            let values = TensorData::new(values, [2, length, 3]);
            let values = Tensor::<3>::from_data(values, &Device::flex());
            let (got, want) = (by_doubling(values.clone()), values.cumsum(1));
            assert_eq!(got.into_data(), want.into_data(), "{length}");
        }
    }
}
