//! Path signatures for [Burn](https://burn.dev): differentiable transforms and network layers, on
//! every Burn backend.
//!
//! - Functions on tensors, by topic: [`signatures`], [`logsignatures`], [`algebra`], [`windows`],
//!   [`streaming`], [`transforms`], [`gradients`], [`inversion`], [`words`].
//! - [`nn`]: layers, such as [`SigLayer`](nn::SigLayer) and [`SigDense`](nn::SigDense).
//! - `train`: the forecasting study behind `cargo run --example sigkan`.
//! - `features`: signatures of files larger than memory, behind `cargo run --example features`.
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
//! | `keras` | weights of Keras models, `burn_sig::nn::keras` | yes |
//! | `train` | the training study, `burn_sig::train` | yes |
//! | `tui` | the training dashboard on a terminal | yes |
//! | `features` | signatures of large files, `burn_sig::features` | yes |
//!
//! A backend must be enabled here, which enables it in `burn`, too; the other way round is not
//! enough.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use sig_core::{
    algebra, backend, gradients, inversion, logsignatures, signatures, streaming, transforms,
    windows, words,
};
#[cfg(feature = "features")]
pub use sig_features as features;
pub use sig_nn as nn;
#[cfg(feature = "train")]
pub use sig_train as train;

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
