//! Of products of signatures: the gradients in both factors.

use burn::tensor::Tensor;

use super::constant;
use crate::algebra::product_gradient;
use crate::check::{check_pair, check_signature};
use crate::signatures::SignatureSpec;

/// The gradients of [`signature_combine`](crate::algebra::signature_combine) in both signatures,
/// from that in their product: `∂a_k = G_k + Σ_j G_{k+j} · b_j` over the last letters, `∂b_k`
/// likewise over the first.
///
/// # Arguments
///
/// - `a`, `b`: signatures without scalar term.
/// - `cotangent`: the gradient of a loss in each term of the product.
/// - `spec`: the channels and the depth of all.
///
/// # Shapes
///
/// - a, b, cotangent: `[batch, terms]`
/// - output: `[batch, terms]`, twice
///
/// # Panics
///
/// As [`signature_combine`](crate::algebra::signature_combine), for the cotangent, too.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::gradients::signature_combine_backprop;
/// use burn_sig::signatures::SignatureSpec;
///
/// let device = Device::flex();
/// let [a, b, cotangent] = [1., 2., 3.].map(|value| Tensor::<2>::full([4, 6], value, &device));
/// let (of_a, of_b) = signature_combine_backprop(a, b, cotangent, SignatureSpec::new(2, 2));
/// assert_eq!((of_a.dims(), of_b.dims()), ([4, 6], [4, 6]));
/// ```
#[track_caller]
pub fn signature_combine_backprop(
    a: Tensor<2>,
    b: Tensor<2>,
    cotangent: Tensor<2>,
    spec: SignatureSpec,
) -> (Tensor<2>, Tensor<2>) {
    const OPERATION: &str = "signature_combine_backprop";
    check_signature(OPERATION, "a", &a, spec);
    check_signature(OPERATION, "b", &b, spec);
    check_signature(OPERATION, "cotangent", &cotangent, spec);
    check_pair(OPERATION, ("a", &a), ("b", &b));
    check_pair(OPERATION, ("a", &a), ("cotangent", &cotangent));
    if a.dims()[0] == 0 {
        return (a, b);
    }
    let [a, b, cotangent] = [a, b, cotangent].map(constant);
    product_gradient(a, b, cotangent, spec)
}
