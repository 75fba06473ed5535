use burn::backend::tensor::FloatTensor;

use crate::operation::Operation;
use crate::ops::SignatureOps;

/// The gradients of the inputs of an operation from that of its output, by Burn's autodiff of its
/// primitives.
#[cfg(feature = "autodiff")]
pub(crate) fn differentiated<B: SignatureOps, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    output: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::{AutodiffBackend, TensorMetadata};
    use burn_autodiff::Autodiff;

    type A<B> = Autodiff<B>;
    let inputs = inputs.map(|tensor| A::<B>::from_inner(tensor).require_grad());
    let value = operation.portable::<A<B>>(inputs.clone());
    let weighted = A::<B>::float_mul(value, A::<B>::from_inner(output));
    let gradients = <A<B> as AutodiffBackend>::backward(A::<B>::float_sum(weighted));
    inputs.map(|tensor| {
        A::<B>::grad(&tensor, &gradients).unwrap_or_else(|| {
            let (shape, dtype) = (tensor.shape(), tensor.dtype().into());
            B::float_zeros(shape, &tensor.device(), dtype)
        })
    })
}

#[cfg(not(feature = "autodiff"))]
pub(crate) fn differentiated<B: SignatureOps, Op: Operation<N>, const N: usize>(
    _operation: &Op,
    _inputs: [FloatTensor<B>; N],
    _output: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    panic!("signature: a gradient needs the feature `autodiff` of burn-sig (or sig-core, sig-nn)");
}
