//! Paths with one more channel.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use sig_kernels::{Real, cpu};

use super::HostBackend;
use crate::{SignatureOps, portable};

/// Paths, and behind their channels another.
pub(crate) fn append_channel<B: HostBackend + SignatureOps>(
    path: FloatTensor<B>,
    channel: FloatTensor<B>,
) -> FloatTensor<B> {
    match path.dtype() {
        _ if path.shape()[2] == 0 => portable::append_channel::<B>(path, channel),
        DType::F32 => of::<B, f32>(path, channel),
        DType::F64 => of::<B, f64>(path, channel),
        _ => portable::append_channel::<B>(path, channel),
    }
}

fn of<B: HostBackend, T: Real + Element>(
    path: FloatTensor<B>,
    channel: FloatTensor<B>,
) -> FloatTensor<B> {
    let [batch, length, channels] = path.shape().dims();
    let (points, last) = (B::numbers::<T>(&path), B::numbers::<T>(&channel));
    let numbers = cpu::append_channel(&points, channels, &last);
    let shape = Shape::from([batch, length, channels + 1]);
    B::float_from_data(TensorData::new(numbers, shape), &path.device())
}
