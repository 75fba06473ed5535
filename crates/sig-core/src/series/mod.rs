//! Tensor series on Burn's tensors: their levels, and the coordinates of Lie elements. Everything here is
//! a chain of tensor operations, so it runs and differentiates on every backend.

mod halves;
mod levels;
mod lie;

pub(crate) use halves::{in_single, rounded, single};
pub(crate) use levels::{join, split};
pub(crate) use lie::{from_coordinates, to_coordinates};

use burn::tensor::{DType, Device, Int, Tensor, TensorData};

/// Places along an axis, on a device.
pub(crate) fn places(places: impl IntoIterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let places: Vec<i64> = places.into_iter().map(|place| place as i64).collect();
    let size = places.len();
    Tensor::from_data(TensorData::new(places, [size]), device)
}

/// Numbers of a dtype on a device.
pub(crate) fn constants<const D: usize>(
    values: Vec<f64>,
    shape: [usize; D],
    (device, dtype): (&Device, DType),
) -> Tensor<D> {
    let data = TensorData::new(values, shape).convert_dtype(dtype);
    Tensor::from_data(data, (device, dtype))
}
