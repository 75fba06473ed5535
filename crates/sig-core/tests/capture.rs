//! Signatures in captured graphs: a graph names them, and an interpreter with the operations of this
//! crate computes them, from other inputs than those it was captured with.

#![cfg(all(feature = "capture", feature = "flex"))]

use burn::backend::capture::CapturedGraph;
use burn::backend::ir::{OperationIr, TensorId, TensorStatus};
use burn::backend::{Capture, Flex};
use burn::tensor::{Device, Tensor, TensorData, try_read_sync};
use burn_router::{CustomOpRegistry, TensorInterpreter};
use sig_core::backend::{
    PowerSeries, SignatureWindows, TensorProduct, TensorSeries, backward, forward,
    register_signature_ops,
};
use sig_core::gradients::signature_backprop_with;
use sig_core::signatures::SignatureSpec;
use sig_core::signatures::{SignatureMethod, SignatureOptions, signature, signature_stream_with};

fn id<const D: usize>(tensor: &Tensor<D>) -> TensorId {
    tensor.clone().try_into_primitive::<Capture>().unwrap().id()
}

/// The names of the operations of extensions in a graph.
fn custom(captured: &CapturedGraph) -> Vec<&str> {
    let operations = captured.graph.operations.iter();
    operations
        .filter_map(|operation| match operation {
            OperationIr::Custom(description) => Some(description.id.as_str()),
            _ => None,
        })
        .collect()
}

/// The outputs of a graph on Flex.
fn replay(captured: &CapturedGraph, inputs: Vec<TensorData>) -> Vec<TensorData> {
    let mut operations = CustomOpRegistry::<Flex>::new();
    register_signature_ops(&mut operations);
    let mut interpreter = TensorInterpreter::with_custom_ops(Default::default(), operations);
    for (id, value) in &captured.values {
        interpreter.register_tensor_data_id(*id, value.clone());
    }
    for (id, value) in captured.graph.inputs.iter().zip(inputs) {
        interpreter.register_tensor_data_id(*id, value);
    }
    for operation in &captured.graph.operations {
        interpreter.register_op(operation.clone());
    }
    let output = |id: &TensorId| {
        let nodes = captured
            .graph
            .operations
            .iter()
            .flat_map(OperationIr::outputs);
        let mut node = nodes.filter(|node| node.id == *id).last().unwrap().clone();
        node.status = TensorStatus::ReadOnly;
        try_read_sync(interpreter.read_tensor_async(node))
            .unwrap()
            .unwrap()
    };
    captured.graph.outputs.iter().map(output).collect()
}

fn numbers<const N: usize>(shape: [usize; N], seed: f64) -> TensorData {
    let count = shape.iter().product::<usize>();
    let numbers: Vec<f32> = (0..count).map(|i| (i as f64 * seed).sin() as f32).collect();
    TensorData::new(numbers, shape)
}

/// A runtime input of a graph: it comes from elsewhere.
fn input<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::<D>::zeros(shape, &Device::flex()).to_device(device)
}

#[test]
fn a_signature_is_one_operation_and_replays() {
    let device = Device::capture();
    let captured = device.capture_scope(|scope| {
        let path = input([2, 6, 3], &device);
        let terms = signature(path.clone() * 2.0, 3);
        assert_eq!(terms.dims(), [2, 39]);
        let output = terms.tanh();
        scope.complete([id(&path)], [id(&output)])
    });
    let captured = captured.unwrap();
    assert_eq!(custom(&captured), ["sig::signature@2"]);
    for seed in [0.3, 0.7] {
        let path = numbers([2, 6, 3], seed);
        let flex = Tensor::<3>::from_data(path.clone(), &Device::flex());
        let expected = signature(flex * 2.0, 3).tanh().into_data();
        assert_eq!(replay(&captured, vec![path]), [expected]);
    }
}

#[test]
fn gradients_and_options_replay() {
    let device = Device::capture();
    let all = |device: &Device, path: Tensor<3>, initial: Tensor<2>| {
        let options = SignatureOptions::new()
            .with_initial(initial)
            .with_inverse(true);
        let stream = signature_stream_with(path.clone(), 2, &options);
        let cotangent = Tensor::<2>::ones([2, 6], device);
        let gradients = signature_backprop_with(path, cotangent, 2, &options);
        (stream, gradients.path, gradients.initial.unwrap())
    };
    let captured = device.capture_scope(|scope| {
        let (path, initial) = (input([2, 5, 2], &device), input([2, 6], &device));
        let (a, b, c) = all(&device, path.clone(), initial.clone());
        assert_eq!(
            (a.dims(), b.dims(), c.dims()),
            ([2, 4, 6], [2, 5, 2], [2, 6])
        );
        scope.complete([id(&path), id(&initial)], [id(&a), id(&b), id(&c)])
    });
    let captured = captured.unwrap();
    assert_eq!(
        custom(&captured),
        [
            "sig::signature@2",
            "sig::tensor_product@1",
            "sig::signature@2",
            "sig::tensor_product_backward@1",
            "sig::signature_backward@2",
        ]
    );
    let (path, initial) = (numbers([2, 5, 2], 0.9), numbers([2, 6], 0.4));
    let flex = Device::flex();
    let (a, b, c) = all(
        &flex,
        Tensor::from_data(path.clone(), &flex),
        Tensor::from_data(initial.clone(), &flex),
    );
    let expected = [a.into_data(), b.into_data(), c.into_data()];
    assert_eq!(replay(&captured, vec![path, initial]), expected);
}

/// Windows, products and power series, each with its gradient. Burn captures no autodiff, so the operations
/// of the gradients are called as autodiff would.
#[test]
fn windows_and_the_algebra_are_an_operation_each_and_replay() {
    let device = Device::capture();
    let all = |path: Tensor<3>, cotangent: Tensor<2>| {
        let [path, cotangent] = [path.into_dispatch(), cotangent.into_dispatch()];
        let of_windows = SignatureWindows {
            depth: 2,
            method: SignatureMethod::Fused,
            windows: vec![0..3, 2..5],
        };
        let spec = SignatureSpec::new(2, 2);
        let of_product = TensorSeries {
            series: PowerSeries::LogAtLyndon,
            spec,
        };
        let windows = forward(of_windows.clone(), [path.clone()]);
        let windows = Tensor::<3>::from_dispatch(windows);
        let factors = [0, 1].map(|i| {
            let window = windows.clone().narrow(1, i, 1).squeeze_dim::<2>(1);
            window.into_dispatch()
        });
        let product = forward(TensorProduct { spec }, factors.clone());
        let log = forward(of_product, [product.clone()]);
        let [gradient] = backward(of_product, [product], cotangent);
        let gradients = backward(TensorProduct { spec }, factors, gradient);
        let gradients = gradients.map(Tensor::<2>::from_dispatch).to_vec();
        let gradients = Tensor::stack::<3>(gradients, 1).into_dispatch();
        let [of_path] = backward(of_windows, [path], gradients);
        (
            Tensor::<2>::from_dispatch(log),
            Tensor::<3>::from_dispatch(of_path),
        )
    };
    let captured = device.capture_scope(|scope| {
        let (path, cotangent) = (input([2, 5, 2], &device), input([2, 3], &device));
        let (log, gradient) = all(path.clone(), cotangent.clone());
        assert_eq!((log.dims(), gradient.dims()), ([2, 3], [2, 5, 2]));
        scope.complete([id(&path), id(&cotangent)], [id(&log), id(&gradient)])
    });
    let captured = captured.unwrap();
    assert_eq!(
        custom(&captured),
        [
            "sig::signature_windows@2",
            "sig::tensor_product@1",
            "sig::power_series@1",
            "sig::power_series_backward@1",
            "sig::tensor_product_backward@1",
            "sig::signature_windows_backward@2",
        ]
    );
    let (path, cotangent) = (numbers([2, 5, 2], 0.9), numbers([2, 3], 0.4));
    let flex = Device::flex();
    let (log, gradient) = all(
        Tensor::from_data(path.clone(), &flex),
        Tensor::from_data(cotangent.clone(), &flex),
    );
    let expected = [log.into_data(), gradient.into_data()];
    assert!(expected[1].iter::<f64>().any(|number| number.abs() > 0.01));
    assert_eq!(replay(&captured, vec![path, cotangent]), expected);
}

#[test]
#[should_panic(expected = "sig::signature@2")]
fn without_the_operations_the_interpreter_names_the_missing_one() {
    let device = Device::capture();
    let captured = device.capture_scope(|scope| {
        let path = input([1, 3, 2], &device);
        let terms = signature(path.clone(), 2);
        scope.complete([id(&path)], [id(&terms)])
    });
    let captured = captured.unwrap();
    let mut interpreter = TensorInterpreter::<Flex>::new(Default::default());
    let path = captured.graph.inputs[0];
    interpreter.register_tensor_data_id(path, numbers([1, 3, 2], 0.3));
    for operation in captured.graph.operations {
        interpreter.register_op(operation);
    }
}
