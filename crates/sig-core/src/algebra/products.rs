//! Chen's product of signatures.

use burn::tensor::Tensor;

use crate::PowerSeries;
use crate::algebra::{power_series, product};
use crate::check::{check_pair, check_signature};
use crate::series::in_f32;
use crate::signatures::SignatureSpec;

/// The signature of one path followed by another, from the signatures of both: Chen's identity
/// `S(a ∗ b) = S(a) ⊗ S(b)`, `(a ⊗ b)_k = Σ_i a_i ⊗ b_{k−i}` with `a_0 = b_0 = 1`
/// ([Chen 1957](https://doi.org/10.2307/1969671)).
///
/// The second path is taken to start where the first ends.
///
/// # Arguments
///
/// - `a`, `b`: signatures without scalar term.
/// - `spec`: the channels and the depth of both.
///
/// # Shapes
///
/// - a, b: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Returns
///
/// The product in the dtype of both; f16 and bf16 are computed in f32.
///
/// # Panics
///
/// If a last axis is not that of such a signature, or batch or dtype differ.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_combine;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let right = Tensor::<3>::from_floats([[[0., 0.], [1., 0.]]], &device);
/// let up = Tensor::<3>::from_floats([[[1., 0.], [1., 1.]]], &device);
/// let both = signature_combine(signature(right, 2), signature(up, 2), SignatureSpec::new(2, 2));
/// let both = both.into_data().try_to_vec::<f32>().unwrap();
/// assert_eq!(both, [1., 1., 0.5, 1., 0., 0.5]);
/// ```
#[track_caller]
pub fn signature_combine(a: Tensor<2>, b: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "signature_combine";
    check_signature(OPERATION, "a", &a, spec);
    check_signature(OPERATION, "b", &b, spec);
    check_pair(OPERATION, ("a", &a), ("b", &b));
    product(a, b, spec)
}

/// The signature of paths one after another, from the signatures of each:
/// `S(a_1) ⊗ S(a_2) ⊗ … ⊗ S(a_n)`, as a tree of products, each of half as many at once.
///
/// # Arguments
///
/// - `signatures`: at least one, without scalar term, in the order of the paths.
/// - `spec`: the channels and the depth of all.
///
/// # Shapes
///
/// - signatures: `[batch, terms]` each
/// - output: `[batch, terms]`
///
/// # Panics
///
/// As [`signature_combine`], and if there is no signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::multi_signature_combine;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [1.], [3.], [4.]]], &device);
/// let parts = [0, 1, 2].map(|start| signature(path.clone().narrow(1, start, 2), 2));
/// let whole = multi_signature_combine(parts.to_vec(), SignatureSpec::new(1, 2)).into_data();
/// assert_eq!(whole.try_to_vec::<f32>().unwrap(), [4., 8.]);
/// ```
#[track_caller]
pub fn multi_signature_combine(signatures: Vec<Tensor<2>>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "multi_signature_combine";
    assert!(
        !signatures.is_empty(),
        "{OPERATION}: at least 1 signature is needed, got 0"
    );
    for (i, signature) in signatures.iter().enumerate() {
        let name = format!("signatures[{i}]");
        check_signature(OPERATION, &name, signature, spec);
        check_pair(
            OPERATION,
            ("signatures[0]", &signatures[0]),
            (&name, signature),
        );
    }
    let batch = signatures[0].dims()[0];
    let count = signatures.len();
    let all = Tensor::cat(signatures, 0);
    if batch == 0 {
        return all;
    }
    in_f32([all], |[all]| tree(all, batch, count, spec))
}

/// The product of `count` signatures for each row of the batch, `[count · batch, terms]`: each turn
/// multiplies neighbours and so halves the number of signatures.
fn tree(mut all: Tensor<2>, batch: usize, mut count: usize, spec: SignatureSpec) -> Tensor<2> {
    let terms = spec.terms();
    while count > 1 {
        let pairs = count / 2;
        let neighbours = |which: usize| {
            let paired = all.clone().slice([0..2 * pairs * batch, 0..terms]);
            let paired = paired.reshape([pairs, 2, batch, terms]);
            let one = paired.slice([0..pairs, which..which + 1, 0..batch, 0..terms]);
            one.reshape([pairs * batch, terms])
        };
        let products = product(neighbours(0), neighbours(1), spec);
        all = if count.is_multiple_of(2) {
            products
        } else {
            let last = all.slice([2 * pairs * batch..count * batch, 0..terms]);
            Tensor::cat(vec![products, last], 0)
        };
        count -= pairs;
    }
    all
}

/// The inverse in the tensor algebra: `S ⊗ S⁻¹ = 1`. The inverse of a signature is the signature of
/// the reversed path. A mean of signatures, which is no path's signature, has an inverse, too.
///
/// # Arguments
///
/// - `signature`: without scalar term.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[batch, terms]`
/// - output: `[batch, terms]`
///
/// # Panics
///
/// If the last axis is not that of such a signature.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::algebra::signature_inverse;
/// use burn_sig::signatures::{SignatureSpec, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0.], [2.]]], &device);
/// let inverse = signature_inverse(signature(path, 2), SignatureSpec::new(1, 2)).into_data();
/// assert_eq!(inverse.try_to_vec::<f32>().unwrap(), [-2., 2.]); // of the path run backwards
/// ```
#[track_caller]
pub fn signature_inverse(signature: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    const OPERATION: &str = "signature_inverse";
    check_signature(OPERATION, "signature", &signature, spec);
    power_series(signature, PowerSeries::Inverse, spec)
}
