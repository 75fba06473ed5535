use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};
use sig_nn::{LogSigLayer, LogSigLayerConfig, SigLayer, SigLayerConfig};

use super::Sizes;
use super::architecture::MIXED;
use super::signature::Features;

/// The features of the last points of a path: of all of them, of half, of a quarter, down to 2,
/// side by side and normalised.
#[derive(Module, Debug)]
pub(crate) struct Endings<L> {
    layer: L,
    norm: LayerNorm,
}

/// The features of a layer, and that many units of the hidden layer on them.
macro_rules! endings_of {
    ($layer:ty, $config:ty, $units:literal) => {
        impl Features for Endings<$layer> {
            fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize) {
                let config = <$config>::new(sizes.depth).with_basepoint(true);
                let width = config.d_output(MIXED) * endings(sizes.length).count();
                let norm = LayerNormConfig::new(width).init(device);
                let layer = config.init(device);
                (Self { layer, norm }, width, $units)
            }

            fn forward(&self, path: Tensor<3>) -> Tensor<2> {
                let [_, length, _] = path.dims();
                let last = |points| path.clone().narrow(1, length - points, points);
                let features = endings(length).map(|points| self.layer.forward(last(points)));
                self.norm.forward(Tensor::cat(features.collect(), 1))
            }
        }
    };
}

endings_of!(SigLayer, SigLayerConfig, 64);
endings_of!(LogSigLayer, LogSigLayerConfig, 112);

fn endings(length: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(length), |length| Some(length / 2)).take_while(|&length| length >= 2)
}
