//! What is timed, made ready to be run again and again.

use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{DType, Tensor};
use burn_sig::logsignatures::{LogSignatureOptions, logsignature_with};
use burn_sig::prelude::*;

use crate::sweep::Series;
use crate::workloads::{Shape, walks};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Signature { gradient: bool },
    LogSignature { gradient: bool },
    SigDense,
    SigKan,
}

impl Subject {
    pub(crate) const ALL: [Self; 6] = [
        Self::Signature { gradient: false },
        Self::Signature { gradient: true },
        Self::LogSignature { gradient: false },
        Self::LogSignature { gradient: true },
        Self::SigDense,
        Self::SigKan,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Signature { gradient: false } => "signature",
            Self::Signature { gradient: true } => "signature and gradient",
            Self::LogSignature { gradient: false } => "log-signature",
            Self::LogSignature { gradient: true } => "log-signature and gradient",
            Self::SigDense => "training step of SigDense",
            Self::SigKan => "training step of SigKAN",
        }
    }

    /// One run of it, to its end on the device.
    pub(crate) fn prepare(self, shape: Shape, series: &Series) -> Box<dyn FnMut()> {
        match self {
            Self::Signature { gradient } => {
                function(shape, series, gradient, |path, depth, way| {
                    let options = SignatureOptions::new().with_method(way);
                    signature_with(path, depth, &options)
                })
            }
            Self::LogSignature { gradient } => {
                function(shape, series, gradient, |path, depth, way| {
                    let options = SignatureOptions::new().with_method(way);
                    let options = LogSignatureOptions::new().with_signature(options);
                    logsignature_with(path, depth, &options)
                })
            }
            Self::SigDense => step(
                shape,
                series,
                |[_, length, channels, depth], device, way| {
                    let layer = SigDenseConfig::new(channels, UNITS, length, depth);
                    Layer::Dense(layer.with_method(way).init(device))
                },
            ),
            Self::SigKan => step(
                shape,
                series,
                |[_, length, channels, depth], device, way| {
                    let layer = SigKanConfig::new(channels, UNITS, length, depth);
                    Layer::Kan(layer.with_method(way).init(device))
                },
            ),
        }
    }
}

/// Units of the layers.
const UNITS: usize = 10;

/// A function of paths, and with `gradient` the gradient of the sum of its results.
fn function(
    [batch, length, channels, depth]: Shape,
    series: &Series,
    gradient: bool,
    compute: fn(Tensor<3>, usize, SignatureMethod) -> Tensor<2>,
) -> Box<dyn FnMut()> {
    let (method, mut device) = (series.method, series.device.clone());
    if gradient {
        device = device.autodiff();
    }
    let path = walks([batch, length, channels], &device, DType::F32);
    Box::new(move || {
        if gradient {
            let path = path.clone().require_grad();
            let gradients = compute(path.clone(), depth, method).sum().backward();
            path.grad(&gradients).expect("the path requires it");
        } else {
            compute(path.clone(), depth, method);
        }
        device.sync().expect("the device has done its work");
    })
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one of them
enum Layer {
    Dense(SigDense),
    Kan(SigKan),
}

#[derive(Module, Debug)]
struct Model {
    layer: Layer,
    output: Linear,
}

impl Model {
    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        let path = match &self.layer {
            Layer::Dense(layer) => layer.forward(path),
            Layer::Kan(layer) => layer.forward(path),
        };
        self.output.forward(path.flatten::<2>(1, 2))
    }
}

/// Forward, mean square error, backward and Adam, of a layer and a linear one.
fn step(
    shape: Shape,
    series: &Series,
    layer: fn(Shape, &burn::tensor::Device, SignatureMethod) -> Layer,
) -> Box<dyn FnMut()> {
    let [batch, length, channels, _] = shape;
    let device = series.device.clone().autodiff();
    let path = walks([batch, length, channels], &device, DType::F32);
    let target = Tensor::<2>::ones([batch, 1], &device);
    let mut adam = AdamConfig::new().init();
    let mut trained = Some(Model {
        layer: layer(shape, &device, series.method),
        output: LinearConfig::new(length * UNITS, 1).init(&device),
    });
    Box::new(move || {
        let model = trained.take().expect("put back below");
        let output = model.forward(path.clone());
        let loss = MseLoss::new().forward(output, target.clone(), Reduction::Mean);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        trained = Some(adam.step(1e-3, model, gradients));
        device.sync().expect("the device has done its work");
    })
}
