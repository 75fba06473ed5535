//! Signatures of paths: of whole paths, of all prefixes, at chosen words.

mod options;
mod ragged;
mod rotation;
mod sub_signature;
mod terms;

pub use options::{Basepoint, SignatureMethod, SignatureOptions};
pub use ragged::signature_ragged;
pub use rotation::{RotationBasis, RotationInvariants, rotation_invariants};
pub use sig_kernels::{SignatureSpec, SpecError, signature_channels};
pub use sub_signature::{sub_signature, sub_signature_stream};
pub use terms::{extract_signature_level, extract_signature_term};

use burn::tensor::Tensor;

use crate::algebra::{antipode, product};
use crate::check::Problem;
use crate::ops::forward;
use crate::series::{in_graph_of, nothing, rounded, widened};
use crate::transforms::basepoint;

/// The signature of a batch of paths.
///
/// For the piecewise linear path through the points `x_0, …, x_K`, with increments
/// `z_t = x_t − x_{t−1}`, it is `S = exp(z_1) ⊗ … ⊗ exp(z_K)` in the tensor algebra cut at `depth`
/// (Chen's identity), where `exp(z)` has the levels `z^{⊗k}/k!`.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `depth`: the last level kept, at least 1.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, terms]` with `terms = d + d² + … + d^depth`, see
///   [`SignatureSpec`] for their order.
///
/// # Returns
///
/// Levels `1..=depth`, without the scalar term. A path of one point gives zeros. The dtype is that
/// of the path; f16 and bf16 are computed in f32. A NaN stays in its row of the batch.
///
/// # Panics
///
/// If the path has no points or no channels, the depth is 0, or the output cannot be allocated.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [1.], [3.]]], &device);
/// let terms = burn_sig::signatures::signature(path, 3).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 4.5, 4.5]);
/// ```
#[track_caller]
pub fn signature(path: Tensor<3>, depth: usize) -> Tensor<2> {
    signature_with(path, depth, &SignatureOptions::new())
}

/// The signatures of all prefixes of a batch of paths.
///
/// # Arguments
///
/// As for [`signature`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length − 1, terms]`
///
/// # Returns
///
/// At index `t` of the second axis the signature of the points `0..=t + 1`; the last is that of the
/// whole path.
///
/// # Panics
///
/// As [`signature`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::signature_stream;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [1.], [3.]]], &device);
/// let terms = signature_stream(path, 2).into_data();
/// // Of the first two points, and of all three.
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 0.5, 3., 4.5]);
/// ```
#[track_caller]
pub fn signature_stream(path: Tensor<3>, depth: usize) -> Tensor<3> {
    signature_stream_with(path, depth, &SignatureOptions::new())
}

/// [`signature`] with options: basepoint, initial signature, inverse, scalar term, method.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `depth`: the last level kept, at least 1.
/// - `options`: see [`SignatureOptions`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, terms]`, with one term more if `scalar_term`
///
/// # Returns
///
/// `initial ⊗ S(path)`, or `S(path)⁻¹ ⊗ initial` if `inverse`. A path of one point without a
/// basepoint gives `initial`, or zeros.
///
/// # Panics
///
/// As [`signature`], and if the basepoint or the initial signature differ from the path in batch,
/// channels, depth or dtype.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::{Basepoint, SignatureOptions, signature_with};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[1.], [3.]]], &device);
/// let options = SignatureOptions::new().with_basepoint(Basepoint::Zero);
/// let terms = signature_with(path, 2, &options).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [3., 4.5]);
/// ```
#[track_caller]
pub fn signature_with(path: Tensor<3>, depth: usize, options: &SignatureOptions) -> Tensor<2> {
    let problem = Problem::new("signature", &path, depth, options, false);
    let Some(points) = points(path.clone(), &problem, options) else {
        return scalar_term(without_steps(path, &problem, options), options);
    };
    scalar_term(computed(points, &problem, options), options)
}

/// [`signature_stream`] with options: basepoint, initial signature, inverse, scalar term, method.
///
/// # Arguments
///
/// As for [`signature_with`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length − 1, terms]`, or `[batch, length, terms]` with a basepoint; with one
///   term more if `scalar_term`
///
/// # Returns
///
/// What [`signature_with`] gives for each prefix of the path.
///
/// # Panics
///
/// As [`signature_with`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::{Basepoint, SignatureOptions, signature_stream_with};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// let options = SignatureOptions::new().with_basepoint(Basepoint::Zero);
/// assert_eq!(signature_stream_with(path, 3, &options).dims(), [4, 10, 14]);
/// ```
#[track_caller]
pub fn signature_stream_with(
    path: Tensor<3>,
    depth: usize,
    options: &SignatureOptions,
) -> Tensor<3> {
    let problem = Problem::new("signature_stream", &path, depth, options, true);
    let Some(points) = points(path.clone(), &problem, options) else {
        let shape = [problem.batch, problem.steps, problem.spec.terms()];
        return scalar_term(nothing(path, shape), options);
    };
    scalar_term(computed(points, &problem, options), options)
}

/// The path with its basepoint, or nothing if there is no increment to compute with.
pub(crate) fn points(
    path: Tensor<3>,
    problem: &Problem,
    options: &SignatureOptions,
) -> Option<Tensor<3>> {
    if problem.batch == 0 || problem.steps == 0 {
        return None;
    }
    Some(basepoint(path.dequantize(), &options.basepoint))
}

/// The signature of a path without increments: what was there before, or zeros. It depends on the
/// path in name, so that a loss made of it has a gradient: zeros.
fn without_steps(path: Tensor<3>, problem: &Problem, options: &SignatureOptions) -> Tensor<2> {
    let shape = [problem.batch, problem.spec.terms()];
    if problem.batch == 0 {
        return nothing(path, shape);
    }
    let zeros = || Tensor::zeros(shape, problem.target());
    let terms = stored_initial(problem, options).unwrap_or_else(zeros);
    in_graph_of(path, terms)
}

/// The signature so far without its scalar term.
pub(crate) fn stored_initial(problem: &Problem, options: &SignatureOptions) -> Option<Tensor<2>> {
    let initial = options.initial.clone()?;
    let scalar = usize::from(options.scalar_term);
    let terms = problem.spec.terms();
    Some(initial.slice([0..problem.batch, scalar..scalar + terms]))
}

/// The signature of points, `[batch, terms]`, or all prefixes, `[batch, steps, terms]`, with the
/// options that algebra gives: `initial ⊗ S`, or `S⁻¹ ⊗ initial`.
fn computed<const D: usize>(
    points: Tensor<3>,
    problem: &Problem,
    options: &SignatureOptions,
) -> Tensor<D> {
    let (spec, dtype) = (problem.spec, points.dtype());
    let Some(initial) = stored_initial(problem, options) else {
        return inverted(plain(points, problem, options), problem, options);
    };
    let signature = inverted(
        plain::<D>(widened(points), problem, options),
        problem,
        options,
    );
    let (shape, rows) = (signature.dims(), problem.rows());
    let signature = signature.reshape([problem.batch * rows, spec.terms()]);
    let initial = per_row(widened(initial), rows);
    let product = if options.inverse {
        product(signature, initial, spec)
    } else {
        product(initial, signature, spec)
    };
    rounded(product.reshape(shape), dtype)
}

/// The signature of points without options.
pub(crate) fn plain<const D: usize>(
    points: Tensor<3>,
    problem: &Problem,
    options: &SignatureOptions,
) -> Tensor<D> {
    let operation = problem.operation(options);
    Tensor::from_dispatch(forward(operation, [points.into_dispatch()]))
}

/// The inverse, if that is asked for.
pub(crate) fn inverted<const D: usize>(
    signature: Tensor<D>,
    problem: &Problem,
    options: &SignatureOptions,
) -> Tensor<D> {
    if options.inverse {
        antipode(signature, problem.spec)
    } else {
        signature
    }
}

/// Each row of `[batch, terms]` repeated `rows` times: `[batch · rows, terms]`.
pub(crate) fn per_row(batch: Tensor<2>, rows: usize) -> Tensor<2> {
    if rows == 1 {
        return batch;
    }
    let [size, terms] = batch.dims();
    let repeated = batch.reshape([size, 1, terms]).expand([size, rows, terms]);
    repeated.reshape([size * rows, terms])
}

/// Puts the 1 of level 0 in front of the terms, if asked for.
pub(crate) fn scalar_term<const D: usize>(
    terms: Tensor<D>,
    options: &SignatureOptions,
) -> Tensor<D> {
    if !options.scalar_term {
        return terms;
    }
    let mut shape = terms.dims();
    shape[D - 1] = 1;
    let one = Tensor::ones(shape, (&terms.device(), terms.dtype()));
    Tensor::cat(vec![one, terms], D - 1)
}
