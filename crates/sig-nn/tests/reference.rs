//! The layers against the Keras implementations they come from: outputs, gradients and a training
//! run of `testdata/layers.json` and `testdata/train_sigdense.json`, on the default device; the
//! inversion of a signature against that of signax, `testdata/inversion.json`; and neural differential
//! equations, developments and random features against JAX and PyTorch, with the cases of the folder
//! that `SIG_TESTDATA` names.

mod reference {
    mod cde;
    mod development;
    pub(crate) mod folder;
    #[cfg(feature = "flex")]
    mod inversion;
    pub(crate) mod layers;
    mod random;
    pub(crate) mod training;
    pub(crate) mod weights;
}
