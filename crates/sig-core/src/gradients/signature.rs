//! Of signatures: the gradient in the path and what else it was computed from.

use burn::tensor::Tensor;

use super::constant;
use crate::algebra::product_gradient;
use crate::check::Problem;
use crate::ops::backward;
use crate::series::{rounded, widened};
use crate::signatures::{Basepoint, SignatureOptions};
use crate::signatures::{inverted, per_row, plain, points, stored_initial};

/// The gradients of [`signature_backprop_with`] and [`signature_stream_backprop_with`].
#[derive(Clone, Debug)]
pub struct SignatureGradients {
    /// That of the path, `[batch, length, channels]`.
    pub path: Tensor<3>,
    /// That of the point in front, `[batch, channels]`, if one was given.
    pub basepoint: Option<Tensor<2>>,
    /// That of the signature so far, `[batch, terms]`, if one was given; 0 at the scalar term.
    pub initial: Option<Tensor<2>>,
}

/// The gradient of [`signature`](crate::signatures::signature) in the path, from that in its
/// result: that of `Σ cotangent · S(path)`.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `cotangent`: the gradient of a loss in each term.
/// - `depth`: that of the signature.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - cotangent: `[batch, terms]`
/// - output: `[batch, length, channels]`
///
/// # Returns
///
/// What autodiff gives, from the same kernels, without keeping a graph. Tensors on a device with
/// autodiff are taken as constants, and so is the result.
///
/// # Panics
///
/// As [`signature`](crate::signatures::signature), and if shape or dtype of the cotangent are not
/// those of the signature. On a backend without kernels of its own the feature `autodiff` is
/// needed.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::gradients::signature_backprop;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// // Of the term of the word 01, the area below the path.
/// let cotangent = Tensor::<2>::from_floats([[0., 0., 0., 1., 0., 0.]], &device);
/// let gradient = signature_backprop(path, cotangent, 2).into_data();
/// assert_eq!(gradient.try_to_vec::<f32>().unwrap(), [-1., -0.5, 0.5, -0.5, 0.5, 1.]);
/// ```
#[track_caller]
pub fn signature_backprop(path: Tensor<3>, cotangent: Tensor<2>, depth: usize) -> Tensor<3> {
    signature_backprop_with(path, cotangent, depth, &SignatureOptions::new()).path
}

/// [`signature_backprop`] of a signature with options: gradients in the path, the basepoint and the
/// signature so far.
///
/// # Arguments
///
/// - `path`, `depth`: as for [`signature_backprop`].
/// - `cotangent`: the gradient of a loss in each term, the scalar term first if there is one.
/// - `options`: those of the signature.
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - cotangent: `[batch, terms]`, with one term more if `scalar_term`
///
/// # Panics
///
/// As [`signature_with`](crate::signatures::signature_with) and [`signature_backprop`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::gradients::signature_backprop_with;
/// use burn_sig::signatures::{Basepoint, SignatureOptions};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// let options = SignatureOptions::new().with_basepoint(Basepoint::Zero);
/// let cotangent = Tensor::<2>::ones([4, 14], &device);
/// let gradients = signature_backprop_with(path, cotangent, 3, &options);
/// assert_eq!(gradients.path.dims(), [4, 10, 2]);
/// ```
#[track_caller]
pub fn signature_backprop_with(
    path: Tensor<3>,
    cotangent: Tensor<2>,
    depth: usize,
    options: &SignatureOptions,
) -> SignatureGradients {
    const OPERATION: &str = "signature_backprop";
    let problem = Problem::new(OPERATION, &path, depth, options, false);
    let expected = [problem.batch, problem.terms(options)];
    check_cotangent(OPERATION, &cotangent, expected, &path);
    gradients(path, cotangent, &problem, options)
}

/// The gradient of [`signature_stream`](crate::signatures::signature_stream) in the path, from that
/// in its result.
///
/// # Arguments
///
/// As for [`signature_backprop`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - cotangent: `[batch, length − 1, terms]`
/// - output: `[batch, length, channels]`
///
/// # Panics
///
/// As [`signature_backprop`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::gradients::signature_stream_backprop;
///
/// let device = Device::flex();
/// let path = Tensor::<3>::ones([4, 10, 2], &device);
/// let cotangent = Tensor::<3>::ones([4, 9, 14], &device); // the gradient of the output
/// assert_eq!(signature_stream_backprop(path, cotangent, 3).dims(), [4, 10, 2]);
/// ```
#[track_caller]
pub fn signature_stream_backprop(path: Tensor<3>, cotangent: Tensor<3>, depth: usize) -> Tensor<3> {
    signature_stream_backprop_with(path, cotangent, depth, &SignatureOptions::new()).path
}

/// [`signature_stream_backprop`] of a stream with options.
///
/// # Arguments
///
/// As for [`signature_backprop_with`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - cotangent: `[batch, steps, terms]`, as the stream
///
/// # Panics
///
/// As [`signature_backprop_with`].
#[track_caller]
pub fn signature_stream_backprop_with(
    path: Tensor<3>,
    cotangent: Tensor<3>,
    depth: usize,
    options: &SignatureOptions,
) -> SignatureGradients {
    const OPERATION: &str = "signature_stream_backprop";
    let problem = Problem::new(OPERATION, &path, depth, options, true);
    let expected = [problem.batch, problem.steps, problem.terms(options)];
    check_cotangent(OPERATION, &cotangent, expected, &path);
    gradients(path, cotangent, &problem, options)
}

#[track_caller]
fn check_cotangent<const D: usize>(
    operation: &str,
    cotangent: &Tensor<D>,
    expected: [usize; D],
    path: &Tensor<3>,
) {
    assert!(
        cotangent.dims() == expected,
        "{operation}: the cotangent must have the shape of the result, {expected:?}, got {:?}",
        cotangent.dims()
    );
    assert!(
        cotangent.dtype() == path.dtype(),
        "{operation}: the cotangent must have the dtype of the path, {:?}, got {:?}",
        path.dtype(),
        cotangent.dtype()
    );
}

fn gradients<const D: usize>(
    path: Tensor<3>,
    cotangent: Tensor<D>,
    problem: &Problem,
    options: &SignatureOptions,
) -> SignatureGradients {
    let (path, cotangent) = (constant(path), constant(cotangent));
    let options = options.map_tensors(constant);
    let [batch, length, channels] = path.dims();
    let scalar = usize::from(options.scalar_term);
    let terms = problem.spec.terms();
    let cotangent = match scalar {
        0 => cotangent,
        _ => cotangent.narrow(D as i64 - 1, scalar, terms),
    };
    let target = (&path.device(), path.dtype());
    let has_point = matches!(options.basepoint, Basepoint::Point(_));
    let Some(points) = points(path.clone(), problem, &options) else {
        // The result is the initial signature, or nothing at all.
        let initial = options.initial.as_ref().map(|_| match problem.steps {
            0 if !problem.stream => cotangent.reshape([batch, terms]),
            _ => Tensor::zeros([batch, terms], target),
        });
        return SignatureGradients {
            path: Tensor::zeros([batch, length, channels], target),
            basepoint: has_point.then(|| Tensor::zeros([batch, channels], target)),
            initial: initial.map(|gradient| with_scalar(gradient, scalar)),
        };
    };
    let dtype = points.dtype();
    let (points, cotangent, initial) = match stored_initial(problem, &options) {
        None => (points, cotangent, None),
        Some(initial) => {
            let points = widened(points);
            let signature = plain::<D>(points.clone(), problem, &options);
            let signature = inverted(signature, problem, &options);
            let (signature, initial) =
                factors(signature, initial, widened(cotangent), problem, &options);
            (points, signature, Some(rounded(initial, dtype)))
        }
    };
    let cotangent = inverted(cotangent, problem, &options).into_dispatch();
    let operation = problem.operation(&options);
    let [gradient] = backward(operation, [points.into_dispatch()], cotangent);
    let gradient = rounded(Tensor::<3>::from_dispatch(gradient), dtype);
    let in_front = gradient.dims()[1] - length;
    let point = || gradient.clone().narrow(1, 0, 1).reshape([batch, channels]);
    SignatureGradients {
        basepoint: has_point.then(point),
        path: match in_front {
            0 => gradient,
            _ => gradient.narrow(1, in_front, length),
        },
        initial: initial.map(|gradient| with_scalar(gradient, scalar)),
    }
}

/// The gradients of the signature and of the signature so far, from that of their product.
fn factors<const D: usize>(
    signature: Tensor<D>,
    initial: Tensor<2>,
    cotangent: Tensor<D>,
    problem: &Problem,
    options: &SignatureOptions,
) -> (Tensor<D>, Tensor<2>) {
    let (batch, rows, terms) = (problem.batch, problem.rows(), problem.spec.terms());
    let shape = signature.dims();
    let signature = signature.reshape([batch * rows, terms]);
    let initial = per_row(widened(initial), rows);
    let cotangent = cotangent.reshape([batch * rows, terms]);
    let (signature, initial) = if options.inverse {
        product_gradient(signature, initial, cotangent, problem.spec)
    } else {
        let (initial, signature) = product_gradient(initial, signature, cotangent, problem.spec);
        (signature, initial)
    };
    let initial = initial.reshape([batch, rows, terms]).sum_dim(1);
    (signature.reshape(shape), initial.reshape([batch, terms]))
}

/// A gradient with the zero of the scalar term in front, if there is one.
fn with_scalar(gradient: Tensor<2>, scalar: usize) -> Tensor<2> {
    let (batch, target) = (gradient.dims()[0], (&gradient.device(), gradient.dtype()));
    match scalar {
        0 => gradient,
        _ => Tensor::cat(vec![Tensor::zeros([batch, 1], target), gradient], 1),
    }
}
