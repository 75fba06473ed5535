//! Features of plane paths that a rotation does not change.

use burn::tensor::Tensor;
pub use sig_kernels::{RotationBasis, RotationInvariants};

use crate::check::Problem;
use crate::series::{constants, in_f32, nothing};
use crate::signatures::{SignatureOptions, SignatureSpec, signature};

/// The rotational invariants of a batch of paths in the plane: the linear functions of their
/// signatures that are the same for a path and for the path rotated about any point
/// ([Diehl 2013](https://arxiv.org/abs/1305.6883)). Handwriting and trajectories seen from unknown
/// directions are such paths.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `invariants`: the depth and the basis, see [`RotationInvariants`].
///
/// # Shapes
///
/// - path: `[batch, length, 2]`
/// - output: `[batch, n]` with `n =` [`invariants.len()`](RotationInvariants::len)
///
/// # Returns
///
/// The invariants of level 2, then those of level 4, and so on. f16 and bf16 are computed in f32.
///
/// # Panics
///
/// As [`signature`], and if the paths have not 2 channels.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::{RotationBasis, RotationInvariants, rotation_invariants};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let turned = Tensor::<3>::from_floats([[[0., 0.], [0., 1.], [-1., 1.]]], &device);
/// let invariants = RotationInvariants::new(2, RotationBasis::All);
/// for path in [path, turned] {
///     let values = rotation_invariants(path, &invariants).into_data();
///     // Half the square of the chord, and twice the signed area between chord and path.
///     assert_eq!(values.try_to_vec::<f32>().unwrap(), [1., -1.]);
/// }
/// ```
#[track_caller]
pub fn rotation_invariants(path: Tensor<3>, invariants: &RotationInvariants) -> Tensor<2> {
    let [batch, _, channels] = path.dims();
    assert!(
        channels == 2,
        "rotation_invariants: the paths must be in the plane, with 2 channels, got {channels} (axis 2)"
    );
    let depth = invariants.depth();
    let options = SignatureOptions::new();
    Problem::new("rotation_invariants", &path, depth, &options, false);
    let spec = SignatureSpec::new(2, depth);
    in_f32([path], |[path]| {
        if batch * invariants.len() == 0 {
            return nothing(path, [batch, invariants.len()]);
        }
        let target = (&path.device(), path.dtype());
        let signature = signature(path.clone(), depth);
        let levels = (2..=depth).step_by(2).filter_map(|level| {
            let rows = invariants.coefficients(level);
            let (count, range) = (rows.len(), spec.level_range(level));
            let matrix = constants(rows.concat(), [count, range.len()], target);
            let terms = signature.clone().slice([0..batch, range]);
            (count > 0).then(|| terms.matmul(matrix.transpose()))
        });
        Tensor::cat(levels.collect(), 1)
    })
}
