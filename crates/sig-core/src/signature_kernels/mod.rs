//! Kernels of paths: the inner product of their whole signatures, without any signature.
//!
//! `k(x, y) = 1 + Σ_n ⟨S_n(x), S_n(y)⟩` over all levels solves the partial differential equation
//! `∂²k/∂s∂t = ⟨ẋ_s, ẏ_t⟩ k` ([Salvi et al. 2021](https://arxiv.org/abs/2006.14794)), whose right-hand
//! side is constant on each pair of steps of piecewise linear paths. A [`StaticKernel`] lifts the
//! points to a space of features first. The kernel compares paths of any length, and a Gram matrix is
//! what support vector machines, Gaussian processes, kernel ridge regression and two-sample tests
//! take.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sig::signature_kernels::{SignatureKernelOptions, signature_kernel};
//!
//! let device = Device::flex();
//! let x = Tensor::<3>::from_floats([[[0.], [0.5], [1.]]], &device);
//! let y = Tensor::<3>::from_floats([[[0.], [0.8]]], &device);
//! let kernel: f32 = signature_kernel(x, y, &SignatureKernelOptions::new()).into_scalar();
//! // Of one channel, with a and b from end to end: Σ (ab)^n / n!²
//! assert!((kernel - 1.9749566).abs() < 1e-5);
//! ```
//!
//! # Scale
//!
//! `k(x, x)` grows like `exp` of the length of the path. Scale paths so that the sum of the lengths
//! of their steps is about 1 to 3, take [`StaticKernel::Rbf`], or
//! [`normalized`](SignatureKernelOptions::normalized) kernels. A kernel beyond the largest number of
//! the dtype is infinite or NaN.

mod compute;
mod mmd;
mod options;
mod paths;
mod two_sample_test;

pub use compute::{
    signature_kernel, signature_kernel_gram, signature_kernel_gram_symmetric, signature_kernel_grid,
};
pub use mmd::{
    MmdEstimator, expected_signature_score, signature_mmd, signature_mmd_from_gram, signature_score,
};
pub use options::SignatureKernelOptions;
pub use paths::Paths;
pub use sig_kernels::{KernelSolver, StaticKernel};
pub use two_sample_test::{TwoSampleTest, signature_two_sample_test};
