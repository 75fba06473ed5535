use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

use crate::operation::Operation;
use crate::ops::SignatureOps;

/// The gradients of the inputs of an operation from that of its output, by Burn's autodiff of its
/// primitives.
pub(crate) fn differentiated<B: SignatureOps, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    output: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    let gradients = differentiate::<B>(inputs.into(), vec![output], |inputs| {
        let inputs = inputs.try_into().expect("as many inputs as before");
        vec![operation.portable::<With<B>>(inputs)]
    });
    gradients.try_into().expect("a gradient for each input")
}

/// A backend with Burn's autodiff.
#[cfg(feature = "autodiff")]
pub(super) type With<B> = burn_autodiff::Autodiff<B>;
#[cfg(not(feature = "autodiff"))]
pub(super) type With<B> = B;

/// The gradients of the inputs of a function from those of its outputs, by Burn's autodiff of its
/// primitives.
#[cfg(feature = "autodiff")]
pub(super) fn differentiate<B: Backend>(
    inputs: Vec<FloatTensor<B>>,
    outputs: Vec<FloatTensor<B>>,
    function: impl FnOnce(Vec<FloatTensor<With<B>>>) -> Vec<FloatTensor<With<B>>>,
) -> Vec<FloatTensor<B>> {
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::{AutodiffBackend, TensorMetadata};

    type A<B> = With<B>;
    let leaf = |tensor| A::<B>::from_inner(tensor).require_grad();
    let inputs: Vec<_> = inputs.into_iter().map(leaf).collect();
    let values = function(inputs.clone()).into_iter().zip(outputs);
    let weighted = values.map(|(value, gradient)| {
        let weighted = A::<B>::float_mul(value, A::<B>::from_inner(gradient));
        A::<B>::float_sum(weighted)
    });
    let sum = weighted.reduce(A::<B>::float_add);
    let sum = sum.expect("a function has outputs");
    let gradients = <A<B> as AutodiffBackend>::backward(sum);
    let gradient = |tensor: FloatTensor<A<B>>| {
        A::<B>::grad(&tensor, &gradients).unwrap_or_else(|| {
            let (shape, dtype) = (tensor.shape(), tensor.dtype().into());
            B::float_zeros(shape, &tensor.device(), dtype)
        })
    };
    inputs.into_iter().map(gradient).collect()
}

#[cfg(not(feature = "autodiff"))]
pub(super) fn differentiate<B: Backend>(
    _inputs: Vec<FloatTensor<B>>,
    _outputs: Vec<FloatTensor<B>>,
    _function: impl FnOnce(Vec<FloatTensor<With<B>>>) -> Vec<FloatTensor<With<B>>>,
) -> Vec<FloatTensor<B>> {
    panic!("signature: a gradient needs the feature `autodiff` of burn-sig (or sig-core, sig-nn)");
}
