use burn::module::Module;
use burn::tensor::{Device, Tensor};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sig_core::signatures::SignatureSpec;

use super::ModelKind;
use crate::Error;

/// Channels that the series are mixed into: those of the path whose signature is taken.
pub(super) const MIXED: usize = 7;

/// More terms per window than this are taken for a mistake.
const MOST_TERMS: usize = 1_000_000;

/// What the [table](super::table) needs of a model.
pub(crate) trait Architecture: Module {
    /// The decoupled weight decay of AdamW with which the model did best on some seeds.
    const WEIGHT_DECAY: f32;
    /// Whether its size grows with the depth of a signature.
    const HAS_SIGNATURE: bool = false;

    /// The untrained model.
    fn new(sizes: &Sizes, device: &Device) -> Self;

    /// # Shapes
    ///
    /// - inputs: `[batch, length, channels]`
    /// - output: `[batch, horizon]`
    fn forward(&self, inputs: Tensor<3>) -> Tensor<2>;
}

/// A published experiment: data, sizes and architecture under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// This study's own settings
    #[default]
    Study,
    /// The benchmark model of keras_sig: Dense(7), SigDense(10) as in its reference implementation,
    /// Flatten, Dense(10, relu), Dense(horizon); 10 series, length 20, depth 3, horizon 10,
    /// batches of 128
    KerasSig,
}

/// The sizes that a model is made from.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    pub(crate) preset: Preset,
    pub(crate) channels: usize,
    pub(crate) length: usize,
    pub(crate) horizon: usize,
    pub(crate) depth: usize,
}

impl Sizes {
    /// # Errors
    ///
    /// Says so if the signature has too many terms.
    pub(crate) fn check(&self, kind: ModelKind) -> Result<(), Error> {
        if !kind.has_signature() {
            return Ok(());
        }
        match SignatureSpec::try_new(MIXED, self.depth) {
            Ok(spec) if spec.terms() <= MOST_TERMS => Ok(()),
            _ => Err(Error::Usage(format!(
                "--depth {}: the signature of {MIXED} channels has more than {MOST_TERMS} terms",
                self.depth
            ))),
        }
    }
}
