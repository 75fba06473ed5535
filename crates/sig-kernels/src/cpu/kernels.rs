//! Where the kernels are compiled: f32 and f64 have a method per kernel, none of them generic, so
//! the machine code is made with this crate and not again in each crate that calls it.

use super::simd::{Lanes, dispatch, one_by_one};
use super::{Power, Product, Signature, SignatureKernel, SparseProduct, Windows};
use super::{channel, goursat, gradient, power, product, signature, sparse, windows};

/// A trait whose methods f32 and f64 have, with the same bodies.
macro_rules! kernels {
    ($(#[$doc:meta])* $trait:ident: $base:ident; $(
        fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty = $body:expr;
    )*) => {
        $(#[$doc])*
        pub trait $trait: $base {
            $(fn $name($($argument: $type),*) -> $result;)*
        }

        kernels!(@for f32 $trait; $($name($($argument: $type),*) -> $result = $body;)*);
        kernels!(@for f64 $trait; $($name($($argument: $type),*) -> $result = $body;)*);
    };
    (@for $number:ident $trait:ident; $(
        $name:ident($($argument:ident: $type:ty),*) -> $result:ty = $body:expr;
    )*) => {
        impl $trait for $number {
            $(#[inline(never)]
            fn $name($($argument: $type),*) -> $result {
                $body
            })*
        }
    };
}
#[cfg(feature = "layers")]
pub(crate) use kernels;

kernels! {
    /// The kernels on a kind of number; what they return is documented at the calls.
    Kernels: Lanes;

    fn signature(call: &Signature<'_, Self>, keeps_checkpoints: bool)
        -> (Vec<Self>, Option<Vec<Self>>) = {
            let spans = None;
            dispatch(signature::Values { call, spans, keeps_checkpoints })
        };
    fn signature_gradient(
        call: &Signature<'_, Self>,
        output: &[Self],
        checkpoints: Option<&[Self]>
    ) -> Vec<Self> = {
        let spans = None;
        dispatch(gradient::Gradient { call, spans, output, checkpoints })
    };
    fn windows(call: &Windows<'_, Self>) -> Vec<Self> = windows::values(call);
    fn windows_gradient(call: &Windows<'_, Self>, output: &[Self]) -> Vec<Self> =
        windows::gradient(call, output);
    fn product(call: &Product<'_, Self>) -> Vec<Self> = dispatch(product::Values(call));
    fn product_gradient(call: &Product<'_, Self>, output: &[Self]) -> [Vec<Self>; 2] =
        dispatch(product::Gradient { call, output });
    fn power(call: &Power<'_, Self>) -> Vec<Self> = dispatch(power::Values(call));
    fn power_gradient(call: &Power<'_, Self>, output: &[Self]) -> Vec<Self> =
        dispatch(power::Gradient { call, output });
    fn sparse_product(call: &SparseProduct<'_, Self>) -> Vec<Self> = dispatch(sparse::Values(call));
    fn signature_kernel(call: &SignatureKernel<'_, Self>, keeps: bool)
        -> (Vec<Self>, Option<Vec<Self>>) = {
            let values = goursat::Values { call, keeps };
            if call.is_few() { one_by_one(values) } else { dispatch(values) }
        };
    fn signature_kernel_gradient(
        call: &SignatureKernel<'_, Self>,
        output: &[Self],
        kept: Option<&[Self]>
    ) -> [Vec<Self>; 2] = {
        let gradient = goursat::Gradient { call, output, kept };
        if call.is_few() { one_by_one(gradient) } else { dispatch(gradient) }
    };
    fn append_channel(paths: &[Self], channels: usize, channel: &[Self]) -> Vec<Self> =
        channel::append(paths, channels, channel);
}
