//! The tensor algebra of signatures as tensors `[batch, terms]`: calls of the backend.

use burn::backend::Dispatch;
use burn::tensor::Tensor;

use crate::{AlgebraParams, PowerSeries, SignatureOps, SignatureSpec};

/// The product of elements with scalar term 1, which is not stored.
pub(super) fn product(a: Tensor<2>, b: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    let (a, b) = (a.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(Dispatch::tensor_product(a, b, params(spec)))
}

/// The gradients of both factors, from that of the product.
pub(super) fn product_gradient(
    a: Tensor<2>,
    b: Tensor<2>,
    cotangent: Tensor<2>,
    spec: SignatureSpec,
) -> (Tensor<2>, Tensor<2>) {
    let [a, b, cotangent] = [a, b, cotangent].map(Tensor::into_dispatch);
    let (a, b) = Dispatch::tensor_product_backward(a, b, cotangent, params(spec));
    (Tensor::from_dispatch(a), Tensor::from_dispatch(b))
}

/// A power series of elements without scalar term.
pub(super) fn power_series(
    element: Tensor<2>,
    series: PowerSeries,
    spec: SignatureSpec,
) -> Tensor<2> {
    let rows = element.dims()[0];
    if rows == 0 {
        let columns = series.columns(params(spec));
        return Tensor::zeros([rows, columns], (&element.device(), element.dtype()));
    }
    let element = element.into_dispatch();
    Tensor::from_dispatch(Dispatch::power_series(element, series, params(spec)))
}

fn params(spec: SignatureSpec) -> AlgebraParams {
    AlgebraParams {
        channels: spec.channels(),
        depth: spec.depth(),
    }
}
