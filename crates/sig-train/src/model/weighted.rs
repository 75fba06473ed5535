//! The layers whose units are weighted by the signature.

use burn::tensor::{Device, Tensor};
use sig_nn::{SigDense, SigDenseConfig, SigKan, SigKanConfig};

use super::architecture::MIXED;
use super::signature::Features;
use super::{Preset, Sizes};

/// The features of a layer with that many units. With the preset of keras_sig, the layer and all
/// sizes are those of the reference implementation.
macro_rules! weighted {
    ($layer:ty, $config:ty, $units:literal) => {
        impl Features for $layer {
            fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize) {
                let reference = sizes.preset == Preset::KerasSig;
                let (units, hidden) = if reference { (10, 10) } else { ($units, 32) };
                let layer = <$config>::new(MIXED, units, sizes.length, sizes.depth);
                let layer = layer.with_reference(reference).init(device);
                (layer, sizes.length * units, hidden)
            }

            fn forward(&self, path: Tensor<3>) -> Tensor<2> {
                <$layer>::forward(self, path).flatten(1, 2)
            }
        }
    };
}

weighted!(SigDense, SigDenseConfig, 16);
weighted!(SigKan, SigKanConfig, 12);
