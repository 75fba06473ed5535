//! Kernels of pairs, Gram matrices, and kernels of all prefixes.

use burn::tensor::{Shape, Tensor};
use sig_kernels::Pairs;

use super::paths::{Rest, resting_first};
use super::{Paths, SignatureKernelOptions};
use crate::check::fits;
use crate::operation::SignatureKernel;
use crate::ops::forward;
use crate::series::{in_f32, nothing, places};
use crate::signatures::SignatureMethod;

/// The signature kernel of each path of a batch with the path at the same place of another batch:
/// `k(x, y) = 1 + Σ_n ⟨S_n(x), S_n(y)⟩` of the paths lifted by the static kernel
/// ([Salvi et al. 2021](https://arxiv.org/abs/2006.14794)).
///
/// Its gradient is exact for the numbers returned, with respect to both paths. The paths of a pair
/// may have different lengths. A path of one point has the kernel 1 with every other.
///
/// # Arguments
///
/// - `x`, `y`: batches of paths, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how.
///
/// # Shapes
///
/// - x: `[batch, length, channels]`
/// - y: `[batch, other length, channels]`
/// - output: `[batch]`
///
/// # Returns
///
/// The kernels in the dtype of the paths; f16 and bf16 are computed in f32.
///
/// # Panics
///
/// If a path has no points or no channels, batch, channels or dtype differ, or a parameter of the
/// options is out of its range.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_kernel};
///
/// let device = Device::flex();
/// let x = Tensor::<3>::from_floats([[[0., 0.], [1., 0.]]], &device);
/// let y = Tensor::<3>::from_floats([[[0., 0.], [0., 1.], [0., 2.]]], &device);
/// let kernel: f32 = signature_kernel(x, y, &SignatureKernelOptions::new()).into_scalar();
/// assert_eq!(kernel, 1.0); // all increments are orthogonal
/// ```
#[track_caller]
pub fn signature_kernel(
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
) -> Tensor<1> {
    const OPERATION: &str = "signature_kernel";
    let [x, y] = pair(OPERATION, x, y, options, Rest::First);
    if is_plain(&x, &y, options) {
        return compute(OPERATION, &x, &y, Pairs::Rows, options);
    }
    in_f32([x, y], |[x, y]| {
        let kernels: Tensor<1> = compute(OPERATION, &x, &y, Pairs::Rows, options);
        let [of_x, of_y] = [x, y].map(|path| own(OPERATION, &path, options));
        kernels / of_x / of_y
    })
}

/// The Gram matrix of two batches of paths: the [signature kernel](signature_kernel) of each path
/// with each.
///
/// # Arguments
///
/// - `x`, `y`: batches of paths, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how.
///
/// # Shapes
///
/// - x: `[first, length, channels]`
/// - y: `[second, other length, channels]`
/// - output: `[first, second]`
///
/// # Panics
///
/// As [`signature_kernel`], but batches may differ.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_kernel_gram};
///
/// let device = Device::flex();
/// let paths = |count| Tensor::<3>::random([count, 10, 2], Distribution::Uniform(0.0, 0.3), &device);
/// let gram = signature_kernel_gram(paths(3), paths(5), &SignatureKernelOptions::new());
/// assert_eq!(gram.dims(), [3, 5]);
/// ```
#[track_caller]
pub fn signature_kernel_gram(
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
) -> Tensor<2> {
    const OPERATION: &str = "signature_kernel_gram";
    let [x, y] = pair(OPERATION, x, y, options, Rest::First);
    if is_plain(&x, &y, options) {
        return compute(OPERATION, &x, &y, Pairs::Gram, options);
    }
    in_f32([x, y], |[x, y]| {
        let gram: Tensor<2> = compute(OPERATION, &x, &y, Pairs::Gram, options);
        let [of_x, of_y] = [x, y].map(|path| own(OPERATION, &path, options));
        gram / of_x.unsqueeze_dim::<2>(1) / of_y.unsqueeze_dim::<2>(0)
    })
}

/// The Gram matrix of a batch of paths with itself, of which only one half is computed. Its gradient
/// is that through both sides of the kernel.
///
/// # Arguments
///
/// - `x`: a batch of paths, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how. With finite differences of two different dyadic orders the
///   matrix is not symmetric, and all of it is computed.
///
/// # Shapes
///
/// - x: `[batch, length, channels]`
/// - output: `[batch, batch]`
///
/// # Panics
///
/// As [`signature_kernel`].
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_kernel_gram_symmetric};
///
/// let x = Tensor::<3>::from_floats([[[0.], [0.5]], [[0.], [-0.5]]], &Device::flex());
/// let options = SignatureKernelOptions::new().with_normalized(true);
/// let gram = signature_kernel_gram_symmetric(x, &options).into_data();
/// let gram = gram.try_to_vec::<f32>().unwrap();
/// assert_eq!(gram[1], gram[2]);
/// assert!((gram[0] - 1.0).abs() < 1e-6 && gram[1] < 1.0);
/// ```
#[track_caller]
pub fn signature_kernel_gram_symmetric(
    x: impl Into<Paths>,
    options: &SignatureKernelOptions,
) -> Tensor<2> {
    const OPERATION: &str = "signature_kernel_gram_symmetric";
    let x = x
        .into()
        .prepared(OPERATION, "x", &options.transforms, Rest::First);
    if is_plain(&x, &x, options) {
        return compute(OPERATION, &x, &x, Pairs::Symmetric, options);
    }
    in_f32([x], |[x]| {
        let gram: Tensor<2> = compute(OPERATION, &x, &x, Pairs::Symmetric, options);
        let root = root(diagonal(gram.clone()));
        gram / root.clone().unsqueeze_dim::<2>(1) / root.unsqueeze_dim::<2>(0)
    })
}

/// The [signature kernels](signature_kernel) of all prefixes of each pair of paths, at the vertices
/// of the grid on which the equation is solved: entry `[i, j]` is the kernel of `x` up to step
/// `i / 2^dyadic[0]` and `y` up to step `j / 2^dyadic[1]`.
///
/// # Arguments
///
/// - `x`, `y`: batches of paths, a tensor or [`Paths::ragged`].
/// - `options`: which kernel, and how. Series have vertices at the points of the paths.
///
/// # Shapes
///
/// - x: `[batch, length, channels]`
/// - y: `[batch, other length, channels]`
/// - output: `[batch, (length − 1) 2^dyadic[0] + 1, (other length − 1) 2^dyadic[1] + 1]`, of a series
///   `[batch, length, other length]`
///
/// # Panics
///
/// As [`signature_kernel`], and with [`normalized`](SignatureKernelOptions::normalized): divide by
/// the diagonals of the grids of `x` and of `y` with themselves instead.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signature_kernels::{SignatureKernelOptions, signature_kernel_grid};
///
/// let x = Tensor::<3>::from_floats([[[0.], [1.], [2.]]], &Device::flex());
/// let grid = signature_kernel_grid(x.clone(), x, &SignatureKernelOptions::new());
/// assert_eq!(grid.dims(), [1, 3, 3]);
/// ```
#[track_caller]
pub fn signature_kernel_grid(
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
) -> Tensor<3> {
    const OPERATION: &str = "signature_kernel_grid";
    assert!(
        !options.normalized,
        "{OPERATION}: grids are not normalized; divide by the diagonals of those of x and of y with \
         themselves"
    );
    let [x, y] = pair(OPERATION, x, y, options, Rest::Last);
    let grid: Tensor<3> = compute(OPERATION, &x, &y, Pairs::Grid, options);
    // A path of one point has one vertex; it was computed as one that rests.
    let [batch, first, second] = grid.dims();
    let [rows, columns] =
        [(&x, first), (&y, second)].map(|(path, vertices)| match path.dims()[1] {
            1 => 1,
            _ => vertices,
        });
    if batch == 0 {
        return nothing(x, Shape::from([0, rows, columns]));
    }
    grid.slice([0..batch, 0..rows, 0..columns])
}

/// The diagonal of a square matrix.
pub(super) fn diagonal(matrix: Tensor<2>) -> Tensor<1> {
    let size = matrix.dims()[0];
    if size == 0 {
        return matrix.reshape([0]);
    }
    let diagonal = places((0..size).map(|i| i * (size + 1)), &matrix.device());
    matrix.reshape([size * size]).select(0, diagonal)
}

/// Whether there is nothing to normalize.
fn is_plain(x: &Tensor<3>, y: &Tensor<3>, options: &SignatureKernelOptions) -> bool {
    !options.normalized || x.dims()[0] == 0 || y.dims()[0] == 0
}

/// `√k(x, x)` of each path.
fn own(operation: &str, path: &Tensor<3>, options: &SignatureKernelOptions) -> Tensor<1> {
    root(compute(operation, path, path, Pairs::Rows, options))
}

/// The root of positive numbers, of others NaN.
fn root(numbers: Tensor<1>) -> Tensor<1> {
    let none = numbers.clone().lower_equal_elem(0.0);
    numbers.mask_fill(none, f32::NAN).sqrt()
}

/// Both batches after the transforms, found to be of the same channels and dtype.
#[track_caller]
pub(super) fn pair(
    operation: &str,
    x: impl Into<Paths>,
    y: impl Into<Paths>,
    options: &SignatureKernelOptions,
    rest: Rest,
) -> [Tensor<3>; 2] {
    let (x, y): (Paths, Paths) = (x.into(), y.into());
    let channels = [&x, &y].map(Paths::channels);
    let x = x.prepared(operation, "x", &options.transforms, rest);
    let y = y.prepared(operation, "y", &options.transforms, rest);
    assert!(
        channels[0] == channels[1],
        "{operation}: x and y must have the same number of channels (axis 2), got {} and {}",
        channels[0],
        channels[1]
    );
    assert!(
        x.dtype() == y.dtype(),
        "{operation}: x and y must have the same dtype, got {:?} and {:?}",
        x.dtype(),
        y.dtype()
    );
    [x, y]
}

/// The kernels of paths of the same channels and dtype.
#[track_caller]
fn compute<const D: usize>(
    operation: &str,
    x: &Tensor<3>,
    y: &Tensor<3>,
    pairs: Pairs,
    options: &SignatureKernelOptions,
) -> Tensor<D> {
    let solver = options.solver;
    let solver = solver.unwrap_or_else(|| SignatureKernelOptions::default_solver(x.dtype()));
    if let Some(problem) = options.static_kernel.problem().or_else(|| solver.problem()) {
        panic!("{operation}: {problem}");
    }
    // One point is a path that rests.
    let [x, y] = [x, y].map(|path| match path.dims()[1] {
        1 => resting_first(path.clone(), 2, |_| 1),
        _ => path.clone(),
    });
    let ([first, ..], [second, length, _]) = (x.dims(), y.dims());
    assert!(
        pairs == Pairs::Gram || first == second,
        "{operation}: x and y must have the same batch (axis 0), got {first} and {second}"
    );
    let kernel = SignatureKernel {
        kernel: options.static_kernel,
        solver,
        pairs: match pairs {
            Pairs::Symmetric if !solver.is_symmetric() => Pairs::Gram,
            pairs => pairs,
        },
        second: [second, length],
        method: match options.method {
            SignatureMethod::Auto => SignatureMethod::Fused,
            method => method,
        },
    };
    let (shape, target) = (kernel.output_of(&x.shape()), (&x.device(), x.dtype()));
    assert!(
        fits(&shape, target),
        "{operation}: an output of {shape:?} cannot be allocated; lower the batches, or of a grid the \
         lengths or the dyadic orders"
    );
    if shape.num_elements() == 0 {
        return nothing(x, shape);
    }
    let inputs = [x, y].map(Tensor::into_dispatch);
    Tensor::from_dispatch(forward(kernel, inputs))
}
