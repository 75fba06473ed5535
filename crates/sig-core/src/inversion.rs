//! From a signature back to a path, by insertion.

use burn::tensor::Tensor;

use crate::check::check_signature;
use crate::series::{in_f32, nothing};
use crate::signatures::SignatureSpec;

/// Paths that approximately have a given signature, by insertion
/// ([Chang & Lyons 2019](https://arxiv.org/abs/1907.08423); signatory's function of this name).
/// Each path has `depth` straight pieces of equal duration. The slope of a piece is the vector
/// that, inserted at its place into the last level but one, comes closest to the last level.
///
/// With the slope `x^{(p)}` of piece `p`, the depth `N` and the insertion `I_p(x)` of `x` at place
/// `p` of `S_{N−1}`, it is the least-squares solution of `I_p(x) = N S_N`,
/// `x^{(p)}_i = N Σ_{u,v} S_{N−1}^{uv} S_N^{uiv} / ‖S_{N−1}‖²` with `|u| = p − 1`. For paths of
/// constant speed the result improves with the depth; straight paths are found exactly.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `spec`: the channels and the depth of the signature.
/// - `start`: the first point of each path, which a signature does not determine. Default: the
///   origin
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - start: `[batch, channels]`
/// - output: `[batch, depth + 1, channels]`
///
/// # Returns
///
/// The paths, differentiable; f16 and bf16 are computed in f32. Where the last level but one is
/// zero, as for some closed paths, the whole row rests at its start.
///
/// # Panics
///
/// If the last axis is not that of such a signature, or shape or dtype of the start differ from
/// those of the signature.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::inversion::invert_signature;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let line = Tensor::<3>::from_floats([[[0., 0.], [3., 1.5]]], &Device::flex());
/// let path = invert_signature(signature(line, 3), SignatureSpec::new(2, 3), None);
/// let points = path.into_data().try_to_vec::<f32>().unwrap();
/// let expected = [0., 0., 1., 0.5, 2., 1., 3., 1.5];
/// assert!(points.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-6));
/// ```
#[track_caller]
pub fn invert_signature(
    signature: Tensor<2>,
    spec: SignatureSpec,
    start: Option<Tensor<2>>,
) -> Tensor<3> {
    const OPERATION: &str = "invert_signature";
    check_signature(OPERATION, "signature", &signature, spec);
    let ([batch, terms], channels, depth) = (signature.dims(), spec.channels(), spec.depth());
    let target = (&signature.device(), signature.dtype());
    if let Some(start) = &start {
        assert!(
            start.dims() == [batch, channels] && start.dtype() == signature.dtype(),
            "{OPERATION}: start must have the shape [batch, channels] = [{batch}, {channels}] and \
             the dtype of the signature, {:?}, got {:?} and {:?}",
            signature.dtype(),
            start.dims(),
            start.dtype()
        );
    }
    let start = start.unwrap_or_else(|| Tensor::zeros([batch, channels], target));
    if batch == 0 {
        return nothing(signature, [0, depth + 1, channels]);
    }
    // One tensor, so that a half is converted to f32 once.
    let operand = Tensor::cat(vec![signature, start], 1);
    in_f32([operand], |[operand]| {
        let signature = operand.clone().slice([0..batch, 0..terms]);
        let start = operand.slice([0..batch, terms..terms + channels]);
        let steps = if depth == 1 {
            signature.unsqueeze_dim(1)
        } else {
            insertions(signature, spec)
        };
        let start: Tensor<3> = start.unsqueeze_dim(1);
        let mut points = vec![start];
        for step in steps.split(1, 1) {
            let last = points[points.len() - 1].clone();
            points.push(last + step);
        }
        Tensor::cat(points, 1)
    })
}

/// The increments of the path's `depth` pieces, `[batch, depth, channels]`.
fn insertions(signature: Tensor<2>, spec: SignatureSpec) -> Tensor<3> {
    let ([batch, _], channels, depth) = (signature.dims(), spec.channels(), spec.depth());
    let level = |k: usize| signature.clone().slice([0..batch, spec.level_range(k)]);
    // Levels are brought to size 1 first, so that the square of a small one does not vanish in f32.
    let (top, below) = (level(depth), level(depth - 1));
    let size = below.clone().abs().max_dim(1);
    let nothing = size.clone().equal_scalar(0.0);
    let size = size.mask_fill(nothing.clone(), 1.0);
    let (top, below) = (top / size.clone(), below / size);
    let square = (below.clone() * below.clone()).sum_dim(1);
    let square = square.mask_fill(nothing.clone(), 1.0);
    let piece = |place: usize| {
        let prefixes = spec.level_terms(place - 1);
        let suffixes = spec.level_terms(depth - place);
        let top = top.clone().reshape([batch, prefixes, channels, suffixes]);
        let below = below.clone().reshape([batch, prefixes, 1, suffixes]);
        let sum = (top * below).sum_dim(3).sum_dim(1);
        sum.reshape([batch, channels]) / square.clone()
    };
    let rests = nothing.expand([batch, channels]);
    let piece = |place| piece(place).mask_fill(rests.clone(), 0.0).unsqueeze_dim(1);
    Tensor::cat((1..=depth).map(piece).collect(), 1)
}
