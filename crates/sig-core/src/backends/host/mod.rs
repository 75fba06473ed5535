//! The fused kernels for backends whose tensors lie in the memory of this process.

mod algebra;
mod channel;
mod signature;
#[cfg(all(test, feature = "flex"))]
mod tests;
mod windows;

use std::borrow::Cow;

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, FloatDType, Shape};

use crate::limits::would_fit;

pub(super) use algebra::{power_series, power_series_gradient, product, product_gradient};
pub(super) use channel::append_channel;
pub(super) use signature::{gradient, signature, signature_and_states};
pub(super) use windows::{signature_windows, signature_windows_gradient};

/// A backend whose numbers can be read where they lie.
pub(super) trait HostBackend: Backend {
    /// The numbers of a tensor of the dtype of `T`, in C order; copied only if they lie otherwise.
    fn numbers<T: Element + bytemuck::Pod>(tensor: &FloatTensor<Self>) -> Cow<'_, [T]>;
}

/// A server is sent sizes that nobody has checked, and must not end with the program that sent them.
fn assert_fits<T>(operation: &str, output: &Shape) {
    let sizes = output.iter().copied();
    let bytes = sizes.fold(size_of::<T>(), usize::saturating_mul);
    assert!(
        would_fit(bytes),
        "{operation}: an output of {output:?} cannot be allocated"
    );
}

fn single<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    B::float_cast(tensor, FloatDType::F32)
}

/// Calls a function with the number type of the inputs, those of a half in f32, and gives its results in
/// their dtype.
fn by_number<B: Backend, const N: usize, const R: usize>(
    inputs: [FloatTensor<B>; N],
    of_f32: impl FnOnce([FloatTensor<B>; N]) -> [FloatTensor<B>; R],
    of_f64: impl FnOnce([FloatTensor<B>; N]) -> [FloatTensor<B>; R],
) -> [FloatTensor<B>; R] {
    match inputs[0].dtype() {
        DType::F32 => of_f32(inputs),
        DType::F64 => of_f64(inputs),
        half => of_f32(inputs.map(single::<B>)).map(|output| B::float_cast(output, half.into())),
    }
}

/// The operations of a backend that has its tensors in memory.
macro_rules! signature_ops {
    ($backend:ty) => {
        impl crate::SignatureOps for $backend {
            fn signature(
                path: FloatTensor<Self>,
                params: crate::SignatureParams,
            ) -> FloatTensor<Self> {
                super::host::signature::<Self>(path, None, params)
            }

            fn signature_from(
                path: FloatTensor<Self>,
                initial: FloatTensor<Self>,
                params: crate::SignatureParams,
            ) -> FloatTensor<Self> {
                super::host::signature::<Self>(path, Some(initial), params)
            }

            fn signature_backward(
                path: FloatTensor<Self>,
                output_gradient: FloatTensor<Self>,
                params: crate::SignatureParams,
            ) -> FloatTensor<Self> {
                super::host::gradient::<Self>(path, None, None, output_gradient, params).0
            }

            fn signature_from_backward(
                path: FloatTensor<Self>,
                initial: FloatTensor<Self>,
                output_gradient: FloatTensor<Self>,
                params: crate::SignatureParams,
            ) -> (FloatTensor<Self>, FloatTensor<Self>) {
                let (path, initial) = super::host::gradient::<Self>(
                    path,
                    Some(initial),
                    None,
                    output_gradient,
                    params,
                );
                (path, initial.expect("the gradient of what was given"))
            }

            fn signature_windows(
                path: FloatTensor<Self>,
                params: crate::SignatureWindowsParams,
            ) -> FloatTensor<Self> {
                super::host::signature_windows::<Self>(path, params)
            }

            fn signature_windows_backward(
                path: FloatTensor<Self>,
                output_gradient: FloatTensor<Self>,
                params: crate::SignatureWindowsParams,
            ) -> FloatTensor<Self> {
                super::host::signature_windows_gradient::<Self>(path, output_gradient, params)
            }

            fn append_channel(
                path: FloatTensor<Self>,
                channel: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                super::host::append_channel::<Self>(path, channel)
            }

            fn tensor_product(
                a: FloatTensor<Self>,
                b: FloatTensor<Self>,
                params: crate::AlgebraParams,
            ) -> FloatTensor<Self> {
                super::host::product::<Self>(a, b, params)
            }

            fn tensor_product_backward(
                a: FloatTensor<Self>,
                b: FloatTensor<Self>,
                output_gradient: FloatTensor<Self>,
                params: crate::AlgebraParams,
            ) -> (FloatTensor<Self>, FloatTensor<Self>) {
                super::host::product_gradient::<Self>(a, b, output_gradient, params)
            }

            fn power_series(
                element: FloatTensor<Self>,
                series: crate::PowerSeries,
                params: crate::AlgebraParams,
            ) -> FloatTensor<Self> {
                super::host::power_series::<Self>(element, series, params)
            }

            fn power_series_backward(
                element: FloatTensor<Self>,
                output_gradient: FloatTensor<Self>,
                series: crate::PowerSeries,
                params: crate::AlgebraParams,
            ) -> FloatTensor<Self> {
                super::host::power_series_gradient::<Self>(element, output_gradient, series, params)
            }
        }

        impl crate::SignatureStates for $backend {
            fn signature_and_states(
                path: FloatTensor<Self>,
                initial: Option<FloatTensor<Self>>,
                params: crate::SignatureParams,
            ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
                super::host::signature_and_states::<Self>(path, initial, params)
            }

            fn signature_backward_from_states(
                path: FloatTensor<Self>,
                initial: Option<FloatTensor<Self>>,
                states: Option<FloatTensor<Self>>,
                output_gradient: FloatTensor<Self>,
                params: crate::SignatureParams,
            ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
                super::host::gradient::<Self>(path, initial, states, output_gradient, params)
            }
        }
    };
}
pub(super) use signature_ops;
