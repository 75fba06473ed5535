//! The gradient of the portable signature, by Burn's autodiff.

use burn::backend::{Backend, tensor::FloatTensor};

use crate::SignatureParams;

/// The gradients of the path and of the initial signature, from that of the output.
#[cfg(feature = "autodiff")]
pub(crate) fn gradient<B: Backend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    output_gradient: FloatTensor<B>,
    params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::{AutodiffBackend, TensorMetadata};
    use burn_autodiff::Autodiff;

    type A<B> = Autodiff<B>;
    let tracked = |tensor| A::<B>::from_inner(tensor).require_grad();
    let path = tracked(path);
    let initial = initial.map(tracked);
    let output = super::signature::<A<B>>(path.clone(), initial.clone(), params);
    let weighted = A::<B>::float_mul(output, A::<B>::from_inner(output_gradient));
    let gradients = A::<B>::backward(A::<B>::float_sum(weighted));
    let gradient = |tensor: &FloatTensor<A<B>>| {
        A::<B>::grad(tensor, &gradients).unwrap_or_else(|| {
            let (shape, dtype) = (tensor.shape(), tensor.dtype().into());
            B::float_zeros(shape, &tensor.device(), dtype)
        })
    };
    (gradient(&path), initial.as_ref().map(gradient))
}

/// The gradients of the path and of the initial signature, from that of the output.
#[cfg(not(feature = "autodiff"))]
pub(crate) fn gradient<B: Backend>(
    _path: FloatTensor<B>,
    _initial: Option<FloatTensor<B>>,
    _output_gradient: FloatTensor<B>,
    _params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    panic!("signature: a gradient needs the feature `autodiff` of burn-sig (or sig-core, sig-nn)");
}
