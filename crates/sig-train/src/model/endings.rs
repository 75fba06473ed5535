use burn::module::{Module, ModuleDisplay};
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

/// A layer from paths of any length to features.
pub(super) trait PathLayer: Module + ModuleDisplay {
    /// Units of the hidden layer.
    const UNITS: usize;

    /// The layer and the number of its features.
    fn new(depth: usize, device: &Device) -> (Self, usize);

    fn features(&self, path: Tensor<3>) -> Tensor<2>;
}

macro_rules! path_layer {
    ($layer:ty, $config:ty, $units:literal) => {
        impl PathLayer for $layer {
            const UNITS: usize = $units;

            fn new(depth: usize, device: &Device) -> (Self, usize) {
                let config = <$config>::new(depth).with_basepoint(true);
                (config.init(device), config.d_output(MIXED))
            }

            fn features(&self, path: Tensor<3>) -> Tensor<2> {
                self.forward(path)
            }
        }
    };
}

path_layer!(SigLayer, SigLayerConfig, 64);
path_layer!(LogSigLayer, LogSigLayerConfig, 112);

impl<L: PathLayer> Features for Endings<L> {
    fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize) {
        let (layer, features) = L::new(sizes.depth, device);
        let width = features * endings(sizes.length).count();
        let norm = LayerNormConfig::new(width).init(device);
        (Self { layer, norm }, width, L::UNITS)
    }

    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let [_, length, _] = path.dims();
        let last = |points| path.clone().narrow(1, length - points, points);
        let features = endings(length).map(|points| self.layer.features(last(points)));
        self.norm.forward(Tensor::cat(features.collect(), 1))
    }
}

fn endings(length: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(length), |length| Some(length / 2)).take_while(|&length| length >= 2)
}
