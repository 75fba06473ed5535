//! Path signatures for [Burn](https://burn.dev): differentiable transforms and network layers, on
//! every Burn backend.
//!
//! - [`core`]: the functions on tensors, such as [`signature`](core::signature) and
//!   [`logsignature`](core::logsignature), and transforms of paths.
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

pub use sig_core as core;
#[cfg(feature = "features")]
pub use sig_features as features;
pub use sig_nn as nn;
#[cfg(feature = "train")]
pub use sig_train as train;

/// What a model file usually needs.
pub mod prelude {
    #[cfg(feature = "autodiff")]
    pub use sig_core::backprop;
    pub use sig_core::transforms::{self, LeadLagOrder, LeadingMissing};
    pub use sig_core::{
        Basepoint, LogSignatureBasis, LogSignatureOptions, Path, SignatureGradients,
        SignatureMethod, SignatureOptions, SignatureQueue, SignatureSpec, TreeLikeReduction,
        Windows, WordSet, all_words, extract_signature_level, extract_signature_term,
        hall_brackets, invert_signature, logsignature, logsignature_channels, logsignature_combine,
        logsignature_stream, logsignature_stream_with, logsignature_to_signature,
        logsignature_windows, logsignature_with, lyndon_brackets, lyndon_words,
        multi_signature_combine, segment_signature, shuffle_product, signature, signature_append,
        signature_backprop, signature_backprop_with, signature_channels, signature_combine,
        signature_combine_backprop, signature_inner_product, signature_inverse, signature_prepend,
        signature_ragged, signature_scale, signature_stream, signature_stream_backprop,
        signature_stream_backprop_with, signature_stream_with, signature_to_logsignature,
        signature_windows, signature_windows_with, signature_with, sub_signature,
        sub_signature_stream, tensor_exp, tensor_log, tree_like_reduction,
    };
    pub use sig_nn::{
        Augment, AugmentConfig, Gate, GateConfig, GatedResidualKan, GatedResidualKanConfig,
        GatedResidualNetwork, GatedResidualNetworkConfig, InversionLoss, KanLinear,
        KanLinearConfig, LearnedPath, LearnedPathConfig, LengthFit, LogSigLayer, LogSigLayerConfig,
        PathTransform, SigDense, SigDenseConfig, SigKan, SigKanConfig, SigLayer, SigLayerConfig,
        SignatureScaling, TimeWeighting, TimeWeightingConfig,
    };
}
