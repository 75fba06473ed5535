//! Properties that hold for every path, method and backend, tried on random paths.
//!
//! Paths lie on a grid that every dtype holds exactly, so that no rounding of inputs is compared.
//! The seed is fixed; `PROPTEST_RNG_SEED` and `PROPTEST_CASES` change seed and number of cases.

mod properties {
    mod algebra;
    mod backprop;
    mod derivatives;
    mod fading;
    mod gradients;
    mod inversion;
    mod kernels;
    mod logarithms;
    mod options;
    mod products;
    mod ragged;
    pub(crate) mod random;
    mod streaming;
    mod streams;
    mod sub_signatures;
    mod transforms;
    mod views;
    mod windows;
}
mod support;
