//! Signatures of windows and their gradients.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Element, Shape, TensorData};
use sig_kernels::Real;
use sig_kernels::cpu::Windows;

use super::{HostBackend, assert_fits, by_number};
use crate::limits::fits_host;
use crate::{SignatureMethod, SignatureOps, SignatureSpec, SignatureWindowsParams, portable};

/// The signatures, in the dtype of the path.
pub(crate) fn signature_windows<B: HostBackend + SignatureOps>(
    path: FloatTensor<B>,
    params: SignatureWindowsParams,
) -> FloatTensor<B> {
    let params = params.within(fits_host, &path.shape());
    if params.method != SignatureMethod::Fused || params.inverse {
        return portable::signature_windows::<B>(path, params);
    }
    let params = &params;
    let [signatures] = by_number::<B, 1, 1>(
        [path],
        |[path]| [forward::<B, f32>(path, params)],
        |[path]| [forward::<B, f64>(path, params)],
    );
    signatures
}

/// The gradient of the path.
pub(crate) fn signature_windows_gradient<B: HostBackend + SignatureOps>(
    path: FloatTensor<B>,
    output: FloatTensor<B>,
    params: SignatureWindowsParams,
) -> FloatTensor<B> {
    let params = params.within(fits_host, &path.shape());
    if params.method != SignatureMethod::Fused || params.inverse {
        return portable::signature_windows_gradient::<B>(path, output, params);
    }
    let params = &params;
    let [gradient] = by_number::<B, 2, 1>(
        [path, output],
        |[path, output]| [backward::<B, f32>(path, output, params)],
        |[path, output]| [backward::<B, f64>(path, output, params)],
    );
    gradient
}

fn forward<B: HostBackend, T: Real + Element>(
    path: FloatTensor<B>,
    params: &SignatureWindowsParams,
) -> FloatTensor<B> {
    let (numbers, shape) = (B::numbers::<T>(&path), path.shape());
    let call = call(&shape, &numbers, params);
    let shape = Shape::from([call.rows, params.windows.len(), call.spec.terms()]);
    assert_fits::<T>("signature_windows", &shape);
    B::float_from_data(TensorData::new(call.values(), shape), &path.device())
}

fn backward<B: HostBackend, T: Real + Element>(
    path: FloatTensor<B>,
    output: FloatTensor<B>,
    params: &SignatureWindowsParams,
) -> FloatTensor<B> {
    let (numbers, shape) = (B::numbers::<T>(&path), path.shape());
    let call = call(&shape, &numbers, params);
    let gradient = call.gradient(&B::numbers::<T>(&output));
    B::float_from_data(TensorData::new(gradient, shape), &path.device())
}

fn call<'a, T>(
    shape: &Shape,
    paths: &'a [T],
    params: &'a SignatureWindowsParams,
) -> Windows<'a, T> {
    let [rows, length, channels] = shape.dims();
    Windows {
        spec: SignatureSpec::new(channels, params.depth),
        paths,
        rows,
        length,
        windows: &params.windows,
    }
}
