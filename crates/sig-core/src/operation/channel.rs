use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

use super::Operation;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::SignatureOps;
use crate::portable::narrow;
#[cfg(feature = "host-backend")]
use sig_kernels::cpu;

/// Paths `[batch, length, channels]` with one more channel, the last, which is `[batch, length]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AppendChannel {
    /// Whether the channel is the same for all paths, `[1, length]`.
    pub shared: bool,
}

impl Operation<2> for AppendChannel {
    const IDS: [&'static str; 2] = ["sig::append_channel@1", "sig::append_channel_backward@1"];
    const IN_F32: bool = false;

    fn numbers(&self) -> Vec<usize> {
        vec![usize::from(self.shared)]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [shared @ (0 | 1)] = *numbers else {
            return None;
        };
        let shared = shared == 1;
        Some(Self { shared })
    }

    fn inputs(&self, path: &Shape) -> [Shape; 2] {
        let [batch, length, _] = path.dims();
        let rows = if self.shared { 1 } else { batch };
        [path.clone(), Shape::from([rows, length])]
    }

    fn output(&self, path: &Shape) -> Shape {
        let [batch, length, channels] = path.dims();
        Shape::from([batch, length, channels + 1])
    }

    fn portable<B: SignatureOps>(&self, [path, channel]: [FloatTensor<B>; 2]) -> FloatTensor<B> {
        let [batch, length, _] = path.shape().dims();
        let rows = channel.shape()[0];
        let channel = B::float_reshape(channel, Shape::from([rows, length, 1]));
        let channel = B::float_expand(channel, Shape::from([batch, length, 1]));
        B::float_cat(vec![path, channel], 2)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        [path, _]: [FloatTensor<B>; 2],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 2] {
        let [batch, length, channels] = path.shape().dims();
        let channel = narrow::<B>(output.clone(), 2, channels..channels + 1);
        let channel = B::float_reshape(channel, Shape::from([batch, length]));
        let channel = if self.shared {
            B::float_sum_dim(channel, 0)
        } else {
            channel
        };
        [narrow::<B>(output, 2, 0..channels), channel]
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        [path, channel]: [HostTensor<'_, T>; 2],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        let channels = path.shape[2];
        let append = || cpu::append_channel(path.numbers, channels, channel.numbers);
        (channels > 0).then(|| (append(), None))
    }
}
