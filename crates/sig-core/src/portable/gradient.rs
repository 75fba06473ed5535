//! Gradients of the portable bodies, by Burn's autodiff.

use burn::backend::{Backend, tensor::FloatTensor};

use crate::{AlgebraParams, PowerSeries, SignatureParams};

/// A function of tensors that every backend can compute.
trait Function<const N: usize> {
    #[cfg_attr(
        not(feature = "autodiff"),
        expect(dead_code, reason = "only differentiated here")
    )]
    fn of<B: Backend>(self, inputs: [FloatTensor<B>; N]) -> FloatTensor<B>;
}

/// The gradients of the inputs of a function, from that of its output.
#[cfg(feature = "autodiff")]
fn of_function<B: Backend, const N: usize>(
    function: impl Function<N>,
    inputs: [FloatTensor<B>; N],
    output_gradient: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    use burn::backend::ops::FloatTensorOps;
    use burn::backend::{AutodiffBackend, TensorMetadata};
    use burn_autodiff::Autodiff;

    type A<B> = Autodiff<B>;
    let inputs = inputs.map(|tensor| A::<B>::from_inner(tensor).require_grad());
    let output = function.of::<A<B>>(inputs.clone());
    let weighted = A::<B>::float_mul(output, A::<B>::from_inner(output_gradient));
    let gradients = A::<B>::backward(A::<B>::float_sum(weighted));
    inputs.map(|tensor| {
        A::<B>::grad(&tensor, &gradients).unwrap_or_else(|| {
            let (shape, dtype) = (tensor.shape(), tensor.dtype().into());
            B::float_zeros(shape, &tensor.device(), dtype)
        })
    })
}

/// The gradients of the inputs of a function, from that of its output.
#[cfg(not(feature = "autodiff"))]
fn of_function<B: Backend, const N: usize>(
    _function: impl Function<N>,
    _inputs: [FloatTensor<B>; N],
    _output_gradient: FloatTensor<B>,
) -> [FloatTensor<B>; N] {
    panic!("signature: a gradient needs the feature `autodiff` of burn-sig (or sig-core, sig-nn)");
}

impl Function<1> for SignatureParams {
    fn of<B: Backend>(self, [path]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        super::signature::<B>(path, None, self)
    }
}

impl Function<2> for SignatureParams {
    fn of<B: Backend>(self, [path, initial]: [FloatTensor<B>; 2]) -> FloatTensor<B> {
        super::signature::<B>(path, Some(initial), self)
    }
}

/// The gradients of the path and of the initial signature, from that of the output.
pub(crate) fn gradient<B: Backend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    output_gradient: FloatTensor<B>,
    params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    match initial {
        None => {
            let [path] = of_function::<B, 1>(params, [path], output_gradient);
            (path, None)
        }
        Some(initial) => {
            let [path, initial] = of_function::<B, 2>(params, [path, initial], output_gradient);
            (path, Some(initial))
        }
    }
}

impl Function<1> for (PowerSeries, AlgebraParams) {
    fn of<B: Backend>(self, [element]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        super::power_series::<B>(element, self.0, self.1)
    }
}

/// The gradient of the element, from that of its power series.
pub(crate) fn power_series_gradient<B: Backend>(
    element: FloatTensor<B>,
    output_gradient: FloatTensor<B>,
    series: PowerSeries,
    params: AlgebraParams,
) -> FloatTensor<B> {
    let [element] = of_function::<B, 1>((series, params), [element], output_gradient);
    element
}
