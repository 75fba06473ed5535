//! Products and power series of the tensor algebra, and their gradients.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Element, Shape, TensorData};
use sig_kernels::Real;
use sig_kernels::cpu::{Power, Product};

use super::{HostBackend, by_number};
use crate::{AlgebraParams, PowerSeries};

/// `a ⊗ b`
pub(crate) fn product<B: HostBackend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    params: AlgebraParams,
) -> FloatTensor<B> {
    fn values<B: HostBackend, T: Real + Element>(
        [a, b]: [FloatTensor<B>; 2],
        params: AlgebraParams,
    ) -> [FloatTensor<B>; 1] {
        let call = Product {
            spec: params.spec(),
            a: &B::numbers::<T>(&a),
            b: &B::numbers::<T>(&b),
        };
        [rows::<B, T>(call.values(), a.shape()[1], &a)]
    }
    let [product] = by_number::<B, 2, 1>(
        [a, b],
        |factors| values::<B, f32>(factors, params),
        |factors| values::<B, f64>(factors, params),
    );
    product
}

/// The gradients of both factors.
pub(crate) fn product_gradient<B: HostBackend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    output: FloatTensor<B>,
    params: AlgebraParams,
) -> (FloatTensor<B>, FloatTensor<B>) {
    fn gradients<B: HostBackend, T: Real + Element>(
        [a, b, output]: [FloatTensor<B>; 3],
        params: AlgebraParams,
    ) -> [FloatTensor<B>; 2] {
        let call = Product {
            spec: params.spec(),
            a: &B::numbers::<T>(&a),
            b: &B::numbers::<T>(&b),
        };
        let gradients = call.gradient(&B::numbers::<T>(&output));
        gradients.map(|gradient| rows::<B, T>(gradient, a.shape()[1], &a))
    }
    let [a, b] = by_number::<B, 3, 2>(
        [a, b, output],
        |tensors| gradients::<B, f32>(tensors, params),
        |tensors| gradients::<B, f64>(tensors, params),
    );
    (a, b)
}

/// The series, all terms or those at the Lyndon words.
pub(crate) fn power_series<B: HostBackend>(
    element: FloatTensor<B>,
    series: PowerSeries,
    params: AlgebraParams,
) -> FloatTensor<B> {
    fn values<B: HostBackend, T: Real + Element>(
        [x]: [FloatTensor<B>; 1],
        series: PowerSeries,
        params: AlgebraParams,
    ) -> [FloatTensor<B>; 1] {
        let numbers = B::numbers::<T>(&x);
        let values = call(&numbers, series, params).values();
        [rows::<B, T>(values, series.terms(params.spec()), &x)]
    }
    let [values] = by_number::<B, 1, 1>(
        [element],
        |element| values::<B, f32>(element, series, params),
        |element| values::<B, f64>(element, series, params),
    );
    values
}

/// The gradient of the element.
pub(crate) fn power_series_gradient<B: HostBackend>(
    element: FloatTensor<B>,
    output: FloatTensor<B>,
    series: PowerSeries,
    params: AlgebraParams,
) -> FloatTensor<B> {
    fn gradient<B: HostBackend, T: Real + Element>(
        [x, output]: [FloatTensor<B>; 2],
        series: PowerSeries,
        params: AlgebraParams,
    ) -> [FloatTensor<B>; 1] {
        let numbers = B::numbers::<T>(&x);
        let gradient = call(&numbers, series, params).gradient(&B::numbers::<T>(&output));
        [rows::<B, T>(gradient, x.shape()[1], &x)]
    }
    let [gradient] = by_number::<B, 2, 1>(
        [element, output],
        |tensors| gradient::<B, f32>(tensors, series, params),
        |tensors| gradient::<B, f64>(tensors, series, params),
    );
    gradient
}

fn call<T>(element: &[T], series: PowerSeries, params: AlgebraParams) -> Power<'_, T> {
    Power {
        spec: params.spec(),
        series,
        element,
    }
}

/// Numbers in as many rows as another tensor has, on its device.
fn rows<B: HostBackend, T: Element>(
    numbers: Vec<T>,
    columns: usize,
    like: &FloatTensor<B>,
) -> FloatTensor<B> {
    let shape = Shape::from([like.shape()[0], columns]);
    B::float_from_data(TensorData::new(numbers, shape), &like.device())
}
