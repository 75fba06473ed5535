//! A call of the crate on one engine.

use std::fmt;

use burn::tensor::{DType, Device, Tensor};
use sig_core::gradients::{signature_backprop_with, signature_stream_backprop_with};
use sig_core::logsignatures::{LogSignatureOptions, logsignature_stream_with, logsignature_with};
use sig_core::signatures::{
    Basepoint, SignatureMethod, SignatureOptions, signature_stream_with, signature_with,
};
use sig_core::windows::{logsignature_windows, signature_windows_with};

use super::engines::{METHODS, Target};
use super::naive::{Call, Input};
use super::tensors::Array;

/// A device, a dtype and a method.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) target: Target,
    pub(crate) dtype: DType,
    pub(crate) method: SignatureMethod,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}::{:?}::{:?}",
            self.target.name, self.dtype, self.method
        )
    }
}

/// Every method of a target in a dtype. Away from the host `Auto` is `Fused`, which is not tried
/// again, and the portable methods, whose tensor operations are compiled one by one, are tried in
/// f32 alone.
pub(crate) fn engines(target: &Target, dtype: DType) -> Vec<Engine> {
    let engine = |method| Engine {
        target: target.clone(),
        dtype,
        method,
    };
    let methods = METHODS.into_iter();
    let methods = methods.filter(|&method| match method {
        _ if target.on_host() => true,
        SignatureMethod::Auto => true,
        SignatureMethod::Fused => false,
        _ => dtype == DType::F32,
    });
    methods.map(engine).collect()
}

impl Engine {
    /// The result of a call. A basepoint of zeros is asked for as [`Basepoint::Zero`].
    pub(crate) fn evaluate(&self, call: &Call) -> Array {
        let inputs = self.inputs(call, &self.target.device);
        let options = self.options(call, &inputs, call.basepoint.as_ref().is_some_and(is_zero));
        let mut result = Array::from(self.result(call, inputs.path, options));
        if !call.stream && call.windows.is_none() {
            result.shape.remove(1);
        }
        result
    }

    /// The gradient of `Σ cotangent · result` in one input. A basepoint of zeros is asked for as
    /// [`Basepoint::Zero`] here too, unless its own gradient is.
    pub(crate) fn gradient(&self, call: &Call, of: Input, cotangent: &Array) -> Array {
        let device = self.target.device.clone().autodiff();
        let mut inputs = self.inputs(call, &device);
        inputs.require_grad(of);
        let zero = of != Input::Basepoint && call.basepoint.as_ref().is_some_and(is_zero);
        let options = self.options(call, &inputs, zero);
        let result = self.result(call, inputs.path.clone(), options);
        let weights = Array::new(result.dims(), cotangent.values.clone());
        let weights = weights.tensor::<3>(&device, self.dtype);
        let gradients = (result * weights).sum().backward();
        let missing = "an input that requires a gradient has one";
        match of {
            Input::Path => inputs.path.grad(&gradients).expect(missing).into(),
            Input::Basepoint => inputs
                .basepoint
                .unwrap()
                .grad(&gradients)
                .expect(missing)
                .into(),
            Input::Initial => inputs
                .initial
                .unwrap()
                .grad(&gradients)
                .expect(missing)
                .into(),
        }
    }

    /// The same without autodiff, of signatures of the path as it is.
    pub(crate) fn backprop(&self, call: &Call, of: Input, cotangent: &Array) -> Option<Array> {
        if call.windows.is_some() || call.log.is_some() || !call.transform.is_none() {
            return None;
        }
        let device = &self.target.device;
        let inputs = self.inputs(call, device);
        let zero = of != Input::Basepoint && call.basepoint.as_ref().is_some_and(is_zero);
        let options = self.options(call, &inputs, zero);
        let (path, depth) = (inputs.path, call.depth);
        let gradients = match call.stream {
            false => {
                let cotangent = cotangent.tensor::<2>(device, self.dtype);
                signature_backprop_with(path, cotangent, depth, &options)
            }
            true => {
                let cotangent = cotangent.tensor::<3>(device, self.dtype);
                signature_stream_backprop_with(path, cotangent, depth, &options)
            }
        };
        Some(match of {
            Input::Path => gradients.path.into(),
            Input::Basepoint => gradients.basepoint?.into(),
            Input::Initial => gradients.initial?.into(),
        })
    }

    /// The result, `[batch, rows, terms]` with one row where there is but one a path.
    fn result(&self, call: &Call, path: Tensor<3>, options: SignatureOptions) -> Tensor<3> {
        let path = call.transform.on(path);
        if let Some(windows) = &call.windows {
            return match call.log {
                None => signature_windows_with(path, call.depth, windows, &options),
                Some(basis) => logsignature_windows(path, call.depth, windows, basis),
            };
        }
        let Some(basis) = call.log else {
            return match call.stream {
                false => signature_with(path, call.depth, &options).unsqueeze_dim(1),
                true => signature_stream_with(path, call.depth, &options),
            };
        };
        let options = LogSignatureOptions::new()
            .with_basis(basis)
            .with_signature(options);
        match call.stream {
            false => logsignature_with(path, call.depth, &options).unsqueeze_dim(1),
            true => logsignature_stream_with(path, call.depth, &options),
        }
    }

    fn inputs(&self, call: &Call, device: &Device) -> Inputs {
        let matrix = |array: &Array| array.tensor(device, self.dtype);
        Inputs {
            path: call.path.tensor(device, self.dtype),
            basepoint: call.basepoint.as_ref().map(matrix),
            initial: call.initial.as_ref().map(matrix),
        }
    }

    fn options(&self, call: &Call, inputs: &Inputs, zero_basepoint: bool) -> SignatureOptions {
        let basepoint = match &inputs.basepoint {
            None => Basepoint::None,
            Some(_) if zero_basepoint => Basepoint::Zero,
            Some(point) => Basepoint::Point(point.clone()),
        };
        SignatureOptions {
            basepoint,
            initial: inputs.initial.clone(),
            inverse: call.inverse,
            scalar_term: call.scalar_term,
            method: self.method,
        }
    }
}

struct Inputs {
    path: Tensor<3>,
    basepoint: Option<Tensor<2>>,
    initial: Option<Tensor<2>>,
}

impl Inputs {
    fn require_grad(&mut self, of: Input) {
        match of {
            Input::Path => self.path = self.path.clone().require_grad(),
            Input::Basepoint => self.basepoint = self.basepoint.take().map(Tensor::require_grad),
            Input::Initial => self.initial = self.initial.take().map(Tensor::require_grad),
        }
    }
}

fn is_zero(array: &Array) -> bool {
    array.values.iter().all(|&value| value == 0.0)
}
