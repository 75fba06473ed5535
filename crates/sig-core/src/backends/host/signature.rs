//! Signatures and their gradients.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use sig_kernels::Real;
use sig_kernels::cpu::Signature;

use super::{HostBackend, assert_fits, single};
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
    if params.method != SignatureMethod::Fused || params.inverse || initial.is_some() {
        return (portable::signature::<B>(path, initial, params), None);
    }
    match path.dtype() {
        DType::F32 => forward::<B, f32>(path, params, keeps),
        DType::F64 => forward::<B, f64>(path, params, keeps),
        half => {
            let (output, states) = with_states::<B>(single::<B>(path), None, params, keeps);
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
    if params.method != SignatureMethod::Fused || params.inverse || initial.is_some() {
        return portable::gradient::<B>(path, initial, output, params);
    }
    match path.dtype() {
        DType::F32 => (backward::<B, f32>(path, states, output, params), None),
        DType::F64 => (backward::<B, f64>(path, states, output, params), None),
        half => {
            let output = single::<B>(output);
            let (path, _) = gradient::<B>(single::<B>(path), None, states, output, params);
            (B::float_cast(path, half.into()), None)
        }
    }
}

fn forward<B: HostBackend, T: Real + Element>(
    path: FloatTensor<B>,
    params: SignatureParams,
    keeps: bool,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let numbers = B::numbers::<T>(&path);
    let call = call(&path.shape(), &numbers, params);
    let shape = if params.stream {
        Shape::from([call.rows, call.steps, call.spec.terms()])
    } else {
        Shape::from([call.rows, call.spec.terms()])
    };
    assert_fits::<T>("signature", &shape);
    let (signature, states) = if keeps {
        call.values_and_checkpoints()
    } else {
        (call.values(), None)
    };
    let tensor =
        |numbers, shape| B::float_from_data(TensorData::new(numbers, shape), &path.device());
    let states = states.map(|states| {
        let shape = Shape::from([states.len()]);
        tensor(states, shape)
    });
    (tensor(signature, shape), states)
}

fn backward<B: HostBackend, T: Real + Element>(
    path: FloatTensor<B>,
    states: Option<FloatTensor<B>>,
    output: FloatTensor<B>,
    params: SignatureParams,
) -> FloatTensor<B> {
    let (shape, numbers) = (path.shape(), B::numbers::<T>(&path));
    let call = call(&shape, &numbers, params);
    let states = states.as_ref().map(|states| B::numbers::<T>(states));
    let gradient = call.gradient(&B::numbers::<T>(&output), states.as_deref());
    B::float_from_data(TensorData::new(gradient, shape), &path.device())
}

fn call<'a, T>(shape: &Shape, paths: &'a [T], params: SignatureParams) -> Signature<'a, T> {
    let [rows, length, channels] = shape.dims();
    Signature {
        spec: SignatureSpec::new(channels, params.depth),
        paths,
        rows,
        steps: length - 1,
        stream: params.stream,
    }
}
