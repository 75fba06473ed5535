//! Where the kernels are compiled: f32 and f64 have a method per kernel, none of them generic, so
//! that the machine code is made with this crate and not again in each crate that calls it.

use super::simd::{Lanes, dispatch};
use super::{Power, Product, Signature, Windows};
use super::{channel, gradient, power, product, signature, windows};

/// The kernels on paths of a kind of number; what they return is documented at the calls.
pub trait Kernels: Lanes {
    fn signature(
        call: &Signature<'_, Self>,
        keeps_checkpoints: bool,
    ) -> (Vec<Self>, Option<Vec<Self>>);
    fn signature_gradient(
        call: &Signature<'_, Self>,
        output: &[Self],
        checkpoints: Option<&[Self]>,
    ) -> Vec<Self>;
    fn windows(call: &Windows<'_, Self>) -> Vec<Self>;
    fn windows_gradient(call: &Windows<'_, Self>, output: &[Self]) -> Vec<Self>;
    fn product(call: &Product<'_, Self>) -> Vec<Self>;
    fn product_gradient(call: &Product<'_, Self>, output: &[Self]) -> [Vec<Self>; 2];
    fn power(call: &Power<'_, Self>) -> Vec<Self>;
    fn power_gradient(call: &Power<'_, Self>, output: &[Self]) -> Vec<Self>;
    fn append_channel(paths: &[Self], channels: usize, channel: &[Self]) -> Vec<Self>;
}

macro_rules! kernels {
    ($number:ty) => {
        impl Kernels for $number {
            #[inline(never)]
            fn signature(
                call: &Signature<'_, Self>,
                keeps_checkpoints: bool,
            ) -> (Vec<Self>, Option<Vec<Self>>) {
                dispatch(signature::Values {
                    call,
                    spans: None,
                    keeps_checkpoints,
                })
            }

            #[inline(never)]
            fn signature_gradient(
                call: &Signature<'_, Self>,
                output: &[Self],
                checkpoints: Option<&[Self]>,
            ) -> Vec<Self> {
                dispatch(gradient::Gradient {
                    call,
                    spans: None,
                    output,
                    checkpoints,
                })
            }

            #[inline(never)]
            fn windows(call: &Windows<'_, Self>) -> Vec<Self> {
                windows::values(call)
            }

            #[inline(never)]
            fn windows_gradient(call: &Windows<'_, Self>, output: &[Self]) -> Vec<Self> {
                windows::gradient(call, output)
            }

            #[inline(never)]
            fn product(call: &Product<'_, Self>) -> Vec<Self> {
                dispatch(product::Values(call))
            }

            #[inline(never)]
            fn product_gradient(call: &Product<'_, Self>, output: &[Self]) -> [Vec<Self>; 2] {
                dispatch(product::Gradient { call, output })
            }

            #[inline(never)]
            fn power(call: &Power<'_, Self>) -> Vec<Self> {
                dispatch(power::Values(call))
            }

            #[inline(never)]
            fn power_gradient(call: &Power<'_, Self>, output: &[Self]) -> Vec<Self> {
                dispatch(power::Gradient { call, output })
            }

            #[inline(never)]
            fn append_channel(paths: &[Self], channels: usize, channel: &[Self]) -> Vec<Self> {
                channel::append(paths, channels, channel)
            }
        }
    };
}

kernels!(f32);
kernels!(f64);
