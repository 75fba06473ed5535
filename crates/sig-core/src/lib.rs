//! Path signatures as differentiable tensor operations on every Burn backend.
//!
//! The signature of a path `x: [0, T] → R^d` is the series of its iterated integrals,
//! `S(x)^{i1…ik} = ∫_{0<t1<…<tk<T} dx^{i1}_{t1} … dx^{ik}_{tk}`, here of the piecewise linear path
//! through the given points and cut at a depth `N`
//! ([Lyons 1998](https://doi.org/10.4171/rmi/240); a primer:
//! [Chevyrev & Kormilitzin 2016](https://arxiv.org/abs/1603.03788)).
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use sig_core::signature;
//!
//! let device = Device::flex();
//! let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
//! let terms = signature(path, 2).into_data();
//! assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5, 1., 0., 0.5]);
//! ```
//!
//! # Features
//!
//! One feature a backend: `flex` (default), `ndarray`, `wgpu`, `vulkan`, `metal`, `webgpu`, `cuda`,
//! `rocm`, `cpu`, `remote`, `capture`. `autodiff` (default) makes the operations differentiable on a device
//! with `.autodiff()`; `fusion` (default) turns kernel fusion on, as Burn's default features do; it
//! may be on or off, whoever turns it on. Enabling a backend on `burn` alone is not enough: it must
//! be enabled here too, or a call on its tensors panics. `kernel-sources` is for our own tests.

// Without a backend nothing is computed.
#![cfg_attr(
    not(any(
        feature = "host-backend",
        feature = "fusion-backend",
        feature = "router"
    )),
    allow(unused)
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod backends;
#[cfg(any(feature = "fusion-backend", feature = "router"))]
#[doc(hidden)]
pub mod custom;
mod functions;
mod limits;
mod ops;
mod options;
mod portable;
mod series;
mod windows;

pub use backends::FusedCost;
#[cfg(feature = "router")]
pub use custom::register_signature_ops;
#[cfg(feature = "remote")]
pub use custom::{ServerError, check_server};
#[cfg(feature = "autodiff")]
pub use functions::backprop;
pub use functions::{
    Path, SignatureGradients, TreeLikeReduction, extract_signature_level, extract_signature_term,
    invert_signature, logsignature, logsignature_combine, logsignature_stream,
    logsignature_stream_with, logsignature_to_signature, logsignature_windows, logsignature_with,
    multi_signature_combine, segment_signature, shuffle_product, signature, signature_append,
    signature_backprop, signature_backprop_with, signature_combine, signature_combine_backprop,
    signature_inner_product, signature_inverse, signature_prepend, signature_ragged,
    signature_scale, signature_stream, signature_stream_backprop, signature_stream_backprop_with,
    signature_stream_with, signature_to_logsignature, signature_windows, signature_windows_with,
    signature_with, sub_signature, sub_signature_stream, tensor_exp, tensor_log, transforms,
    tree_like_reduction,
};
pub use ops::{
    AlgebraParams, SignatureOps, SignatureParams, SignatureStates, SignatureWindowsParams,
};
pub use options::{Basepoint, LogSignatureOptions, SignatureMethod, SignatureOptions};
pub use sig_kernels::{
    Bracket, LogSignatureBasis, PowerSeries, Real, SignatureQueue, SignatureSpec, SpecError, WordSet,
    all_words, hall_brackets, logsignature_channels, lyndon_brackets, lyndon_words,
    signature_channels,
};
pub use windows::Windows;
