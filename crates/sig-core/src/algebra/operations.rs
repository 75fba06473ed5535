//! The tensor algebra of signatures as tensors `[batch, terms]`: calls of the backend.

use burn::tensor::Tensor;

use crate::PowerSeries;
use crate::operation::{TensorProduct, TensorSeries};
use crate::ops::{backward, forward};
use crate::series::{constants, nothing, places};
use crate::signatures::SignatureSpec;

/// The product of elements with scalar term 1, which is not stored.
pub(crate) fn product(a: Tensor<2>, b: Tensor<2>, spec: SignatureSpec) -> Tensor<2> {
    let factors = [a.into_dispatch(), b.into_dispatch()];
    Tensor::from_dispatch(forward(TensorProduct { spec }, factors))
}

/// The gradients of both factors, from that of the product.
pub(crate) fn product_gradient(
    a: Tensor<2>,
    b: Tensor<2>,
    cotangent: Tensor<2>,
    spec: SignatureSpec,
) -> (Tensor<2>, Tensor<2>) {
    let factors = [a.into_dispatch(), b.into_dispatch()];
    let gradients = backward(TensorProduct { spec }, factors, cotangent.into_dispatch());
    gradients.map(Tensor::from_dispatch).into()
}

/// A power series of elements without scalar term.
pub(crate) fn power_series(
    element: Tensor<2>,
    series: PowerSeries,
    spec: SignatureSpec,
) -> Tensor<2> {
    let rows = element.dims()[0];
    if rows == 0 {
        let columns = series.terms(spec);
        return nothing(element, [rows, columns]);
    }
    let operation = TensorSeries { series, spec };
    Tensor::from_dispatch(forward(operation, [element.into_dispatch()]))
}

/// The antipode of series `[.., terms]`, `w ↦ (−1)^{|w|} s(w reversed)`: of a signature, its
/// inverse ([Reutenauer 1993, 1.6](https://doi.org/10.1093/oso/9780198536796.001.0001)). It is its
/// own adjoint, so it also takes gradients back.
pub(crate) fn antipode<const D: usize>(series: Tensor<D>, spec: SignatureSpec) -> Tensor<D> {
    let device = series.device();
    let signs = spec.level_ranges().enumerate().flat_map(|(k, level)| {
        let sign = if k % 2 == 0 { -1.0 } else { 1.0 };
        level.map(move |_| sign)
    });
    let mut shape = [1; D];
    shape[D - 1] = spec.terms();
    let signs = constants(signs.collect(), shape, (&device, series.dtype()));
    let reversed = places(spec.reversed_words(), &device);
    series.select(D - 1, reversed) * signs
}
