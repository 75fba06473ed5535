//! The layers whose units are weighted by the signature.

use burn::tensor::{Device, Tensor};
use sig_nn::{SigDense, SigDenseConfig, SigKan, SigKanConfig};

use super::architecture::MIXED;
use super::signature::Features;
use super::{Preset, Sizes};

/// Whether the layer and its sizes are those of the reference implementation.
fn legacy(sizes: &Sizes) -> bool {
    sizes.preset == Preset::KerasSig
}

/// Units of the hidden layer.
fn hidden(sizes: &Sizes) -> usize {
    if legacy(sizes) { 10 } else { 32 }
}

impl Features for SigDense {
    fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize) {
        let units = if legacy(sizes) { 10 } else { 16 };
        let layer = SigDenseConfig::new(MIXED, units, sizes.length, sizes.depth);
        let layer = layer.with_legacy(legacy(sizes)).init(device);
        (layer, sizes.length * units, hidden(sizes))
    }

    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        SigDense::forward(self, path).flatten(1, 2)
    }
}

impl Features for SigKan {
    fn new(sizes: &Sizes, device: &Device) -> (Self, usize, usize) {
        let units = if legacy(sizes) { 10 } else { 12 };
        let layer = SigKanConfig::new(MIXED, units, sizes.length, sizes.depth);
        let layer = layer.with_legacy(legacy(sizes)).init(device);
        (layer, sizes.length * units, hidden(sizes))
    }

    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        SigKan::forward(self, path).flatten(1, 2)
    }
}
