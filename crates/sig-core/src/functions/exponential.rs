//! Exponential and logarithm of the tensor algebra, and what scales a path.

use burn::tensor::Tensor;

use super::algebra::power_series;
use super::operand::spec_of;
use crate::PowerSeries;
use crate::series::{constants, in_single};

/// The exponential in the tensor algebra, without its scalar term 1:
/// `exp(x) − 1 = Σ_{k≥1} x^{⊗k} / k!`.
///
/// Of a Lie element, such as a log-signature in the basis
/// [`Expand`](crate::LogSignatureBasis::Expand), it is a signature. For that of a straight segment
/// see [`segment_signature`](crate::segment_signature).
///
/// # Arguments
///
/// - `element`: all terms of an element without scalar term.
/// - `channels`, `depth`: those of the element.
///
/// # Shapes
///
/// - element: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of a signature of so many channels and that depth.
#[track_caller]
pub fn tensor_exp(element: Tensor<2>, channels: usize, depth: usize) -> Tensor<2> {
    const OPERATION: &str = "tensor_exp";
    let spec = spec_of(OPERATION, ("element", &element), channels, depth);
    power_series(element, PowerSeries::Exp, spec)
}

/// The logarithm in the tensor algebra of a series with scalar term 1, which is not stored:
/// `log(1 + x) = Σ_{k≥1} (−1)^{k+1} x^{⊗k} / k`.
///
/// Of a signature it is the log-signature in the basis
/// [`Expand`](crate::LogSignatureBasis::Expand).
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `channels`, `depth`: those of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of a signature of so many channels and that depth.
#[track_caller]
pub fn tensor_log(signature: Tensor<2>, channels: usize, depth: usize) -> Tensor<2> {
    const OPERATION: &str = "tensor_log";
    let spec = spec_of(OPERATION, ("signature", &signature), channels, depth);
    power_series(signature, PowerSeries::Log, spec)
}

/// The signature of the path multiplied by a number, from that of the path: level `k` is multiplied
/// by `factor^k`.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `factor`: what the path is multiplied by.
/// - `channels`, `depth`: those of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of a signature of so many channels and that depth.
#[track_caller]
pub fn signature_scale(
    signature: Tensor<2>,
    factor: f64,
    channels: usize,
    depth: usize,
) -> Tensor<2> {
    const OPERATION: &str = "signature_scale";
    let spec = spec_of(OPERATION, ("signature", &signature), channels, depth);
    in_single([signature], |[signature]| {
        let powers = (1..=depth).flat_map(|k| {
            let power = factor.powi(k as i32);
            core::iter::repeat_n(power, spec.level_terms(k))
        });
        let target = (&signature.device(), signature.dtype());
        signature * constants(powers.collect(), [1, spec.terms()], target)
    })
}
