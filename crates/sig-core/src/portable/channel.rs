//! Paths with one more channel.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::Shape;

#[cfg(feature = "autodiff")]
use super::narrow;

/// Paths `[batch, length, channels]` and behind their channels another, `[batch, length]` or the same
/// for all, `[1, length]`.
pub(crate) fn append_channel<B: Backend>(
    path: FloatTensor<B>,
    channel: FloatTensor<B>,
) -> FloatTensor<B> {
    let [batch, length, _] = path.shape().dims();
    let rows = channel.shape()[0];
    let channel = B::float_reshape(channel, Shape::from([rows, length, 1]));
    let channel = B::float_expand(channel, Shape::from([batch, length, 1]));
    B::float_cat(vec![path, channel], 2)
}

/// The gradient of the paths.
#[cfg(feature = "autodiff")]
pub(crate) fn first_channels<B: Backend>(output: FloatTensor<B>) -> FloatTensor<B> {
    let channels = output.shape()[2] - 1;
    narrow::<B>(output, 2, 0..channels)
}

/// The gradient of the channel, `[rows, length]`.
#[cfg(feature = "autodiff")]
pub(crate) fn last_channel<B: Backend>(output: FloatTensor<B>, rows: usize) -> FloatTensor<B> {
    let [batch, length, channels] = output.shape().dims();
    let last = narrow::<B>(output, 2, channels - 1..channels);
    let last = B::float_reshape(last, Shape::from([batch, length]));
    match rows == batch {
        true => last,
        false => B::float_sum_dim(last, 0),
    }
}
