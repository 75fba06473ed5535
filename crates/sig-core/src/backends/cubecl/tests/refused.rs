//! What the device has no room for: a message, and no launch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::cuts::{Change, Inputs, UNCHANGED, close, device, on_device, walk};
use crate::signatures::{signature, signature_stream};

#[test]
#[should_panic(
    expected = "11 paths of 9 steps, 7 channels at depth 4: 22 cubes are more than the grid of \
                3 x 2 that the device has; lower the depth"
)]
fn more_cubes_than_a_grid_has() {
    let inputs = Inputs::new([11, 10, 7, 4], false);
    inputs.on_cube(|limits| limits.cubes = [3, 2]);
}

/// 178 MB, where WebGPU guarantees buffers of 134 MB.
#[test]
#[should_panic(
    expected = "the output, 4 x 11111110 numbers of 4 bytes, are 177777760 bytes, and the largest \
                buffer of the device has 134217728 bytes; lower the batch"
)]
fn outputs_beyond_the_largest_buffer() {
    let inputs = Inputs::new([4, 2, 10, 7], false);
    let call = inputs.call(|limits| limits.buffer_bytes = 1 << 27);
    call.signature();
}

/// The signature has room where the checkpoints of its gradient have none.
#[test]
#[should_panic(
    expected = "checkpoints, 1 x 1 x 63 x 8 x 2000 numbers of 4 bytes, are 4032000 bytes"
)]
fn checkpoints_beyond_the_largest_buffer() {
    let inputs = Inputs::new([1, 1000, 10, 5], false);
    let change: Change = |limits| {
        limits.processors = Some(1);
        limits.loops = None;
        limits.buffer_bytes = 1 << 20;
    };
    inputs.call(change).signature();
    let call = inputs.call(change);
    call.gradient(on_device(&inputs.gradient));
}

#[test]
#[should_panic(
    expected = "of shared memory, and the device has 1024; lower the depth or the number of channels"
)]
fn more_shared_memory_than_there_is() {
    let inputs = Inputs::new([2, 3, 16, 2], false);
    inputs.on_cube(|limits| limits.shared_bytes = 1024);
}

/// With fusion on, a call is refused where its result is read, and only this call. Of the devices that
/// tests run on, lavapipe has so little room.
#[test]
fn other_calls_are_computed() {
    let call = Inputs::new([1, 3, 2, 2], false).call(UNCHANGED);
    if call.limits.loops.is_none() {
        return;
    }
    let device = device().clone().autodiff();
    let want = results(&Device::flex().autodiff(), DType::F64);
    let right = |got: [Vec<f64>; 2]| {
        for (got, want) in got.iter().zip(&want) {
            close(got, want, 1e-5).unwrap();
        }
    };
    let before = pending(&device, DType::F32);
    let outputs = || {
        let path = Tensor::<3>::zeros([4, 2, 10], &device);
        signature(path, 7).into_data()
    };
    assert!(refusal(outputs).contains("cannot be allocated"));
    right(read(before));
    right(results(&device, DType::F32));

    let before = pending(&device, DType::F32);
    let loops = || {
        let path = Tensor::<3>::from_data(walk(1, 2000, 2), (&device, DType::F32)).require_grad();
        let gradients = signature_stream(path.clone(), 9).sum().backward();
        path.grad(&gradients).expect("tracked").into_data()
    };
    assert!(refusal(loops).contains("the device leaves all loops"));
    right(read(before));
    right(results(&device, DType::F32));
}

/// A signature, and the gradient of the sum of its squares, which nobody has read yet.
fn pending(device: &Device, dtype: DType) -> (Tensor<2>, Tensor<3>) {
    let path = Tensor::<3>::from_data(walk(2, 9, 3), (device, dtype)).require_grad();
    let terms = signature(path.clone(), 3);
    let gradients = (terms.clone() * terms.clone()).sum().backward();
    (terms.inner(), path.grad(&gradients).expect("tracked"))
}

fn read((terms, gradient): (Tensor<2>, Tensor<3>)) -> [Vec<f64>; 2] {
    [terms.into_data(), gradient.into_data()].map(|data| {
        let data = data.convert_dtype(DType::F64);
        data.try_to_vec::<f64>().expect("converted")
    })
}

fn results(device: &Device, dtype: DType) -> [Vec<f64>; 2] {
    read(pending(device, dtype))
}

fn refusal(call: impl FnOnce() -> TensorData) -> String {
    let refused = catch_unwind(AssertUnwindSafe(call)).expect_err("it is refused");
    *refused.downcast::<String>().expect("a message")
}
