//! The layers against the Keras implementations they come from: outputs, gradients and a training
//! run of `testdata/layers.json` and `testdata/train_sigdense.json`, on the default device; and the
//! inversion of a signature against that of signax, `testdata/inversion.json`.

mod reference {
    #[cfg(feature = "flex")]
    mod inversion;
    pub(crate) mod layers;
    pub(crate) mod training;
    pub(crate) mod weights;
}
