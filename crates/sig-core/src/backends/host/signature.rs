//! Signatures and their gradients.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};

use super::{HostBackend, assert_fits, single};
use crate::fused::{Call, Number};
use crate::limits::fits_host;
use crate::{SignatureMethod, SignatureParams, SignatureSpec, portable};

/// The signature, in the dtype of the path.
pub(crate) fn signature<B: HostBackend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
) -> FloatTensor<B> {
    with_states::<B>(path, initial, params, false).0
}

/// The signature, in the dtype of the path, and what it leaves to the gradient, of a half in f32.
pub(crate) fn signature_and_states<B: HostBackend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    with_states::<B>(path, initial, params, true)
}

fn with_states<B: HostBackend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
    keeps: bool,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let params = params.within(fits_host, &path.shape());
    if params.method != SignatureMethod::Fused {
        return (portable::signature::<B>(path, initial, params), None);
    }
    match path.dtype() {
        DType::F32 => forward::<B, f32>(path, initial, params, keeps),
        DType::F64 => forward::<B, f64>(path, initial, params, keeps),
        half => {
            let initial = initial.map(single::<B>);
            let (output, states) = with_states::<B>(single::<B>(path), initial, params, keeps);
            (B::float_cast(output, half.into()), states)
        }
    }
}

/// The gradients of the path and of the initial signature, from what the signature left if it did.
pub(crate) fn gradient<B: HostBackend>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    states: Option<FloatTensor<B>>,
    output: FloatTensor<B>,
    params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let params = params.within(fits_host, &path.shape());
    if params.method != SignatureMethod::Fused {
        return portable::gradient::<B>(path, initial, output, params);
    }
    match path.dtype() {
        DType::F32 => backward::<B, f32>(path, initial, states, output, params),
        DType::F64 => backward::<B, f64>(path, initial, states, output, params),
        half => {
            let initial = initial.map(single::<B>);
            let output = single::<B>(output);
            let (path, initial) = gradient::<B>(single::<B>(path), initial, states, output, params);
            let back = |tensor| B::float_cast(tensor, half.into());
            (back(path), initial.map(back))
        }
    }
}

fn forward<B: HostBackend, T: Number + Element>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    params: SignatureParams,
    keeps: bool,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let numbers = B::numbers::<T>(&path);
    let initial = initial.as_ref().map(|initial| B::numbers::<T>(initial));
    let call = call(&path.shape(), &numbers, initial.as_deref(), params);
    let terms = SignatureSpec::new(call.channels, call.depth).terms();
    let shape = match params.stream {
        false => Shape::from([call.rows, terms]),
        true => Shape::from([call.rows, call.steps, terms]),
    };
    assert_fits::<T>("signature", &shape);
    let (signature, states) = match keeps {
        true => call.signature_and_states(),
        false => (call.signature(), None),
    };
    let tensor =
        |numbers, shape| B::float_from_data(TensorData::new(numbers, shape), &path.device());
    let states = states.map(|states| {
        let shape = Shape::from([states.len()]);
        tensor(states, shape)
    });
    (tensor(signature, shape), states)
}

fn backward<B: HostBackend, T: Number + Element>(
    path: FloatTensor<B>,
    initial: Option<FloatTensor<B>>,
    states: Option<FloatTensor<B>>,
    output: FloatTensor<B>,
    params: SignatureParams,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let numbers = B::numbers::<T>(&path);
    let start = initial.as_ref().map(|initial| B::numbers::<T>(initial));
    let call = call(&path.shape(), &numbers, start.as_deref(), params);
    let states = states.as_ref().map(|states| B::numbers::<T>(states));
    let (path_gradient, start_gradient) =
        call.gradient(&B::numbers::<T>(&output), states.as_deref());
    let tensor = |numbers, like: &FloatTensor<B>| {
        B::float_from_data(TensorData::new(numbers, like.shape()), &path.device())
    };
    let start_gradient = start_gradient.zip(initial.as_ref());
    (
        tensor(path_gradient, &path),
        start_gradient.map(|(numbers, like)| tensor(numbers, like)),
    )
}

fn call<'a, T>(
    shape: &Shape,
    paths: &'a [T],
    initial: Option<&'a [T]>,
    params: SignatureParams,
) -> Call<'a, T> {
    let [rows, length, channels] = shape.dims();
    Call {
        paths,
        rows,
        steps: length - 1,
        channels,
        depth: params.depth,
        stream: params.stream,
        inverse: params.inverse,
        initial,
        views: None,
    }
}
