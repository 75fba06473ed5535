//! Signatures on a remote device: what goes over the wire, and what happens when the two sides are
//! not of one version. Values are those of the golden suite, which runs on a remote device, too.

#![cfg(all(feature = "remote", feature = "flex", feature = "autodiff"))]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use burn::backend::Flex;
use burn::server::telemetry::{OpClass, TelemetryEvent, TelemetryProbe, TelemetrySubscription};
use burn::server::{CustomOpRegistry, RemoteServer};
use burn::tensor::{DType, Device, Tensor, TensorData, Tolerance};
use sig_core::backend::{ServerError, check_server};
use sig_core::signatures::{
    SignatureMethod, SignatureOptions, signature, signature_stream_with, signature_with,
    sub_signature, sub_signature_stream,
};
use sig_core::transforms::cumulative_sum;
use sig_core::words::WordSet;
use support::server::{connect, device, operations};

fn path(device: &Device) -> Tensor<3> {
    let points: Vec<f64> = (0..2 * 30 * 3)
        .map(|i| (f64::from(i) * 0.7).sin())
        .collect();
    Tensor::from_data(TensorData::new(points, [2, 30, 3]), device)
}

/// What a server was asked to compute since the last time.
fn asked(events: &mut TelemetrySubscription) -> Vec<OpClass> {
    let mut seen: Vec<Arc<TelemetryEvent>> = Vec::new();
    events.drain_into(&mut seen);
    let kinds = seen.iter().flat_map(|event| match &**event {
        TelemetryEvent::Op { kind, .. } => vec![*kind],
        TelemetryEvent::GraphRegistered { ops, .. } => ops.iter().map(|op| op.kind).collect(),
        _ => vec![],
    });
    kinds
        .filter(|kind| !matches!(kind, OpClass::Init | OpClass::Drop))
        .collect()
}

#[test]
fn a_signature_and_its_gradient_are_an_operation_each() {
    let (probe, mut events) = TelemetryProbe::channel(4096);
    let server = RemoteServer::new([Device::flex()]).with_custom_ops(operations());
    let device = connect(server.with_telemetry(probe));
    check_server(&device).unwrap();
    asked(&mut events);

    let _ = signature(path(&device), 4).into_data();
    assert_eq!(asked(&mut events), [OpClass::Custom]);

    let path = path(&device.autodiff()).require_grad();
    let terms = signature(path.clone(), 4);
    let _ = path.grad(&terms.backward()).unwrap().into_data();
    let kinds = asked(&mut events);
    let custom = kinds
        .iter()
        .filter(|&&kind| kind == OpClass::Custom)
        .count();
    assert_eq!(custom, 2, "{kinds:?}");
    // Beside them, the gradient of ones that every backward pass begins with.
    assert!(kinds.len() <= 4, "{kinds:?}");
}

/// Deeper than the kernels of the server's backend go, which the client knows nothing of.
#[test]
fn the_server_chooses_what_its_backend_can() {
    let points: Vec<f64> = (0..5).map(|i| f64::from(i).cos()).collect();
    let on = |device: &Device| {
        let path = Tensor::<3>::from_data(TensorData::new(points.clone(), [1, 5, 1]), device);
        signature(path, 65).into_data()
    };
    let (remote, local) = (on(&device()), on(&Device::flex()));
    assert_eq!(remote, local);
    assert!(remote.iter::<f64>().all(f64::is_finite));
}

/// Gradients of sums over time, which Burn cannot take through its own `cumsum` on a server.
#[test]
fn running_sums_have_gradients() {
    let words = WordSet::new(3, vec![vec![0], vec![1, 2], vec![2, 0, 1]]);
    let gradients = |device: &Device| {
        let device = device.clone().autodiff();
        [
            |path: Tensor<3>, _: &WordSet| cumulative_sum(path).powi_scalar(2).sum(),
            |path: Tensor<3>, words: &WordSet| sub_signature(path, words).powi_scalar(2).sum(),
            |path: Tensor<3>, words: &WordSet| {
                sub_signature_stream(path, words).powi_scalar(2).sum()
            },
            |path: Tensor<3>, _: &WordSet| {
                let parallel = SignatureOptions::new().with_method(SignatureMethod::Parallel);
                let stream = signature_stream_with(path, 3, &parallel);
                stream.powi_scalar(2).sum()
            },
        ]
        .map(|function: fn(Tensor<3>, &WordSet) -> Tensor<1>| {
            let path = path(&device).cast(DType::F64).require_grad();
            let gradients = function(path.clone(), &words).backward();
            path.grad(&gradients).unwrap().into_data()
        })
    };
    let (remote, local) = (gradients(&device()), gradients(&Device::flex()));
    for (remote, local) in remote.iter().zip(&local) {
        remote.assert_approx_eq::<f64>(local, Tolerance::relative(1e-12).set_absolute(1e-12));
    }
}

#[test]
fn threads_share_a_device() {
    let expected = signature(path(&Device::flex()), 3).into_data();
    let threads: Vec<_> = (0..8)
        .map(|_| thread::spawn(|| signature(path(&device()), 3).into_data()))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
}

/// A server whose crate is of another version, as far as a client can tell: it says that it has these
/// operations.
fn server_that_says(versions: &'static [i32]) -> Device {
    let mut operations: CustomOpRegistry<Flex> = operations();
    operations.register("sig::operations", |handles, question, device| {
        use burn::backend::ops::IntTensorOps;
        let asked = question.outputs[0].shape[0];
        let answer = (0..asked).map(|i| versions[i % versions.len()]).collect();
        let answer = Flex::int_from_data(TensorData::new::<i32, _>(answer, [asked]), device);
        handles.register_int_tensor::<Flex>(&question.outputs[0].id, answer);
    });
    connect(RemoteServer::new([Device::flex()]).with_custom_ops(operations))
}

/// The message of the panic with which a signature is refused.
fn refusal(device: &Device) -> String {
    let refused = AssertUnwindSafe(|| signature(path(device), 2));
    let panic = catch_unwind(refused).expect_err("a signature was computed");
    panic.downcast_ref::<String>().expect("a message").clone()
}

#[test]
fn another_version_is_refused_before_anything_is_sent() {
    let device = server_that_says(&[3]);
    let error = ServerError::Version {
        operation: "sig::signature",
        theirs: 3,
        ours: 2,
    };
    assert_eq!(check_server(&device), Err(error));
    let message = refusal(&device);
    assert!(
        message.starts_with("signature: the server has version 3"),
        "{message}"
    );
    assert!(message.contains("this program version 2"), "{message}");
    assert!(message.contains("127.0.0.1"), "{message}");
    // The session is not harmed.
    let one = Tensor::<1>::ones([1], &device).into_scalar::<f32>();
    assert_eq!(one, 1.0);
}

#[test]
fn an_operation_that_the_server_lacks_is_named() {
    let device = server_that_says(&[2, 2, 2, 0]);
    let error = ServerError::Missing {
        operation: "sig::signature_windows_backward",
        ours: 2,
    };
    assert_eq!(check_server(&device), Err(error.clone()));
    assert!(refusal(&device).contains(&error.to_string()));
}

#[test]
fn a_server_without_our_operations_is_told_apart() {
    let device = connect(RemoteServer::new([Device::flex()]));
    let error = check_server(&device).unwrap_err();
    assert!(matches!(error, ServerError::NoAnswer { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("register_signature_ops"), "{message}");
}

#[test]
fn other_devices_are_not_asked() {
    assert_eq!(check_server(&Device::flex()), Ok(()));
    assert_eq!(check_server(&Device::flex().autodiff()), Ok(()));
}

/// Whatever a program asks for, the server outlives it.
#[test]
fn too_large_an_output_does_not_end_the_server() {
    let server = RemoteServer::new([Device::flex()]).with_custom_ops(operations());
    let device = connect(server);
    let points = Tensor::<3>::zeros([1, 3, 40], &device);
    // Some 10 TiB.
    let terms = signature_with(points, 8, &SignatureOptions::new());
    assert!(terms.try_into_data().is_err());
}
