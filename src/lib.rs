//! Path signatures for [Burn](https://burn.dev): differentiable transforms and network layers, on
//! every Burn backend.
//!
//! # Where to find what
//!
//! | module | what is in it |
//! |---|---|
//! | [`prelude`] | what a model file usually needs: `use burn_sig::prelude::*` |
//! | [`nn`] | layers: [`SigLayer`](nn::SigLayer), [`LogSigLayer`](nn::LogSigLayer), [`SigDense`](nn::SigDense), [`SigKan`](nn::SigKan), … |
//! | [`nn::cde`], [`nn::random`] | neural differential equations along paths; random features |
//! | [`signatures`] | signatures of whole paths, of all prefixes, of paths of different lengths |
//! | [`logsignatures`] | log-signatures in four bases, and back to signatures |
//! | [`windows`], [`streaming`] | moving windows, intervals of a long path, live points |
//! | [`transforms`] | time, lead-lag, basepoint, missing values, padding, projections |
//! | [`algebra`] | products, inverses, exponentials, logarithms |
//! | [`signature_kernels`] | kernels of paths, Gram matrices, distances of samples, two-sample tests |
//! | [`gradients`] | gradients without autodiff |
//! | [`inversion`] | paths from signatures |
//! | [`words`] | words, Lyndon words and brackets, which name the terms |
//! | [`NamedDevice`] | the best device that computes |
//! | [`backend`] | for authors of backends and operations |
//!
//! # An example
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sig::prelude::*;
//!
//! let device = Device::flex().autodiff();
//! let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device).require_grad();
//! let area = signature(path.clone(), 2).slice([0..1, 3..4]).sum();
//! let gradient = path.grad(&area.backward()).unwrap();
//! assert_eq!(gradient.dims(), [1, 3, 2]);
//! ```
//!
//! # How to choose the depth
//!
//! A signature of `d` channels has `d + d² + … + d^depth` terms. Start with depth 3, from nine channels
//! on with depth 2, and raise it while the validation score rises. With many channels, reduce the channels
//! first, by a linear layer or [`random_projection`](transforms::random_projection), or take the
//! [log-signature](logsignatures), which says the same in far fewer numbers.
//!
//! | channels | signature at depth 2 | 3 | 4 | log-signature at depth 2 | 3 | 4 |
//! |---|---|---|---|---|---|---|
//! | 2 | 6 | 14 | 30 | 3 | 5 | 8 |
//! | 5 | 30 | 155 | 780 | 15 | 55 | 205 |
//! | 10 | 110 | 1 110 | 11 110 | 55 | 385 | 2 860 |
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `flex` | the CPU backend in pure Rust | yes |
//! | `ndarray` | the older CPU backend, deprecated in Burn 0.22 | |
//! | `wgpu` | any GPU through wgpu, shaders in WGSL | |
//! | `vulkan`, `metal`, `webgpu` | wgpu with its API pinned and the native shader language | |
//! | `cuda`, `rocm` | NVIDIA and AMD | |
//! | `cpu` | CubeCL's CPU runtime | |
//! | `remote` | a backend on another machine, over the network | |
//! | `capture` | graphs of operations, captured to be replayed | |
//! | `autodiff` | gradients, on a device with `.autodiff()` | yes |
//! | `fusion` | kernel fusion on the GPU backends | yes |
//! | `autotune` | the GPU backends time their kernels at the first use of a size | |
//! | `keras` | weights of Keras models, `burn_sig::nn::keras` | |
//!
//! A backend must be enabled here, which enables it in `burn`, too; the other way round is not
//! enough.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use sig_core::{
    DeviceError, NamedDevice, algebra, backend, gradients, inversion, logsignatures,
    signature_kernels, signatures, streaming, transforms, windows, words,
};
#[doc(inline)]
pub use sig_nn as nn;

/// What a model file usually needs. The rest is found by topic, such as
/// [`algebra`] and [`words`].
pub mod prelude {
    #[cfg(feature = "autodiff")]
    pub use sig_core::gradients::backprop;
    pub use sig_core::{
        algebra::signature_combine,
        logsignatures::{
            LogSignatureBasis, LogSignatureOptions, logsignature, logsignature_ragged,
            logsignature_with,
        },
        signatures::{
            Basepoint, SignatureMethod, SignatureOptions, SignatureSpec, signature,
            signature_ragged, signature_stream, signature_with,
        },
        streaming::SignatureQueue,
        transforms::{self, LeadLagOrder, PathTransform},
        windows::{IndexedPath, Windows, logsignature_windows, signature_windows},
    };
    pub use sig_nn::{
        Augment, AugmentConfig, InversionLoss, KanLinear, KanLinearConfig, LearnedPath,
        LearnedPathConfig, LengthFit, LogSigLayer, LogSigLayerConfig, SigDense, SigDenseConfig,
        SigKan, SigKanConfig, SigLayer, SigLayerConfig, SignatureScaling,
    };
}

/// The code of README and guide, which `cargo test` compiles and runs.
#[cfg(all(doctest, feature = "flex", feature = "autodiff"))]
mod guide {
    macro_rules! pages {
        ($($name:ident: $file:literal)+) => {
            $(#[doc = include_str!($file)] mod $name {})+
        };
    }
    pages! {
        readme: "../README.md"
        signatures: "../docs/src/signatures.md"
        layers: "../docs/src/layers.md"
        differential_equations: "../docs/src/differential-equations.md"
        recipes: "../docs/src/recipes.md"
        series: "../docs/src/series.md"
        log_signatures: "../docs/src/log-signatures.md"
        windows: "../docs/src/windows.md"
        kernels: "../docs/src/kernels.md"
    }
    #[cfg(feature = "remote")]
    pages! { machines: "../docs/src/machines.md" }
}
