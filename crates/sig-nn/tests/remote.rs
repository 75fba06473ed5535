//! Layers on a remote device, and in a captured graph.

#![cfg(all(feature = "remote", feature = "flex", feature = "autodiff"))]

use std::net::TcpListener;
use std::thread;

use burn::backend::Flex;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::remote::RemoteHost;
use burn::server::{CustomOpRegistry, RemoteServer, WebSocketTransport};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use sig_core::backend::ServerError;
use sig_nn::cde::*;
use sig_nn::*;

/// The first device of a server, which stays until the process ends.
fn connect(server: RemoteServer) -> Device {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = RemoteHost::websocket(&format!("ws://{}", listener.local_addr().unwrap()));
    let transport = WebSocketTransport::from_listener(listener);
    thread::spawn(move || server.serve(transport).unwrap());
    Device::remote_options(&host).init().unwrap()
}

fn path(device: &Device) -> Tensor<3> {
    let points: Vec<f64> = (0..3 * 12 * 2)
        .map(|i| (f64::from(i) * 0.7).sin())
        .collect();
    Tensor::from_data(TensorData::new(points, [3, 12, 2]), device)
}

/// All gradients of a module, in the order of its parameters.
struct Gradients(GradientsParams, Vec<TensorData>);

impl ModuleVisitor for Gradients {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.0.get::<D>(param.id);
        self.1.extend(gradient.map(|gradient| gradient.into_data()));
    }
}

/// The output of a layer and the gradients of its parameters and its input.
fn evaluate<M: Module>(
    layer: M,
    device: &Device,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<3>,
) -> Vec<TensorData> {
    let device = device.clone().autodiff();
    let layer = layer.fork(&device);
    let path = path(&device).require_grad();
    let output = forward(&layer, path.clone());
    let gradients = output.clone().square().sum().backward();
    let of_path = path.grad(&gradients).unwrap().into_data();
    let mut all = Gradients(GradientsParams::from_grads(gradients, &layer), Vec::new());
    layer.visit(&mut all);
    assert!(!all.1.is_empty());
    all.1.extend([output.into_data(), of_path]);
    all.1
}

fn assert_same_on<M: Module>(
    device: &Device,
    layer: M,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<3>,
) {
    let local = evaluate(layer.clone(), &Device::flex(), &forward);
    let remote = evaluate(layer, device, &forward);
    assert_eq!(local.len(), remote.len());
    for (local, remote) in local.iter().zip(&remote) {
        let largest = local
            .iter::<f32>()
            .fold(0.0, |all: f32, one| all.max(one.abs()));
        remote.assert_approx_eq::<f32>(local, Tolerance::absolute(1e-5 * largest));
    }
}

#[test]
fn layers_compute_the_same_on_a_server() {
    let device = connect(remote_server([Device::flex()]));
    check_server(&device).unwrap();
    let flex = Device::flex().autodiff();
    let dense = SigDenseConfig::new(2, 5, 12, 3).init(&flex);
    assert_same_on(&device, dense, |layer, path| layer.forward(path));
    let kan = SigKanConfig::new(2, 5, 12, 2).init(&flex);
    assert_same_on(&device, kan, |layer, path| layer.forward(path));
    let linear = KanLinearConfig::new(2, 4).init(&flex);
    assert_same_on(&device, linear, |layer, path| layer.forward(path));
    let linear = LinearNeuralCdeConfig::new(2, 4, 3).init(&flex);
    assert_same_on(&device, linear, |layer, path| layer.forward_sequence(path));
    let log = LogNeuralCdeConfig::new(2, 4, 3).with_width(8).init(&flex);
    assert_same_on(&device, log, |layer, path| layer.forward_sequence(path));
}

/// The losses of 10 steps towards zero.
fn losses<M: Module>(
    layer: M,
    device: &Device,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<2>,
) -> Vec<f32> {
    let device = device.clone().autodiff();
    let (mut layer, path) = (layer.fork(&device), path(&device));
    let mut adam = AdamConfig::new().init();
    let step = |_| {
        let loss = forward(&layer, path.clone()).square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &layer);
        layer = adam.step(1e-2, layer.clone(), gradients);
        loss.into_scalar::<f32>()
    };
    (0..10).map(step).collect()
}

fn assert_trains_on<M: Module>(
    device: &Device,
    layer: M,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<2>,
) {
    let local = losses(layer.clone(), &Device::flex(), &forward);
    assert!(local[9] < local[0], "{local:?}");
    for (local, remote) in local.iter().zip(losses(layer, device, &forward)) {
        assert!((remote - local).abs() < 1e-4 * local, "{local}, {remote}");
    }
}

#[test]
fn layers_train_on_a_server() {
    let device = connect(remote_server([Device::flex()]));
    let flex = Device::flex().autodiff();
    let layer = LinearNeuralCdeConfig::new(2, 4, 3).init(&flex);
    assert_trains_on(&device, layer, LinearNeuralCde::forward);
    let layer = LogNeuralCdeConfig::new(2, 4, 3).with_width(8).init(&flex);
    assert_trains_on(&device, layer, LogNeuralCde::forward);
    let layer = NeuralRdeConfig::new(2, 4, 3).with_width(8).init(&flex);
    assert_trains_on(&device, layer, NeuralRde::forward);
    let layer = NeuralCdeConfig::new(2, 4, 3).with_width(8).init(&flex);
    assert_trains_on(&device, layer, NeuralCde::forward);
    let layer = SigDenseConfig::new(2, 5, 12, 3).init(&flex);
    assert_trains_on(&device, layer, |layer: &SigDense, path| {
        layer.forward(path).flatten(1, 2)
    });
    let layer = PathDevelopmentConfig::new(2, 3).init(&flex);
    assert_trains_on(&device, layer, |layer: &PathDevelopment, path| {
        layer.forward(path).flatten(1, 3).narrow(1, 1, 2)
    });
}

#[test]
fn a_server_without_splines_is_refused_by_the_layer_that_needs_them() {
    let mut operations = CustomOpRegistry::<Flex>::new();
    sig_core::backend::register_signature_ops(&mut operations);
    let device = connect(RemoteServer::new([Device::flex()]).with_custom_ops(operations));
    sig_core::backend::check_server(&device).unwrap();
    assert!(matches!(
        check_server(&device),
        Err(ServerError::NoAnswer { .. })
    ));
}
