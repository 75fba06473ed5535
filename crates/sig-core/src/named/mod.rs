//! Operations under their names: how they are described wherever they are not executed at once, in the
//! queue of a fusing backend, on the way to a server, in a captured graph; and how a description is
//! executed.

use burn::backend::TensorMetadata;
use burn::backend::ir::{BackendIr, CustomOpIr, HandleContainer, ScalarIr, TensorId, TensorIr};
use burn::tensor::Shape;

use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};

#[cfg(feature = "router")]
mod registry;
#[cfg(feature = "remote")]
mod server;

#[cfg(feature = "router")]
pub use registry::{OperationSet, SignatureOperations, Visit, register, register_signature_ops};
#[cfg(feature = "remote")]
pub use server::{ServerError, ask, check_server};

/// What is asked of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pass {
    /// The output.
    Forward,
    /// The gradients of the inputs, from these and that of the output.
    Backward,
}

/// The description of a call; `id` gives outputs their names.
pub(crate) fn describe<Op: Operation<N>, const N: usize>(
    pass: Pass,
    operation: &Op,
    inputs: &[TensorIr],
    mut id: impl FnMut() -> TensorId,
) -> CustomOpIr {
    let first = &inputs[0];
    let outputs = match pass {
        Pass::Forward => vec![operation.output(&first.shape)],
        Pass::Backward => operation.inputs(&first.shape).into(),
    };
    let output = |shape: Shape| TensorIr::uninit(id(), shape, first.dtype);
    let outputs: Vec<TensorIr> = outputs.into_iter().map(output).collect();
    let numbers = operation.numbers().into_iter();
    let scalars = numbers.map(|number| ScalarIr::UInt(number as u64));
    CustomOpIr::with_scalars(Op::IDS[pass as usize], inputs, &outputs, scalars.collect())
}

/// Computes what a description says.
///
/// # Panics
///
/// If the tensors are not of the shapes and the dtype that the operation takes, or the numbers not
/// its own: another program may have sent them.
pub(crate) fn execute<B: BackendIr + SignatureOps, Op: Operation<N>, const N: usize>(
    pass: Pass,
    handles: &mut HandleContainer<B::Handle>,
    description: &CustomOpIr,
) {
    let id = Op::IDS[pass as usize];
    let operation = read::<Op, N>(&description.scalars)
        .unwrap_or_else(|| panic!("{}: no numbers: {:?}", id, description.scalars));
    let inputs = description.inputs.iter();
    let mut tensors: Vec<_> = inputs
        .map(|input| handles.get_float_tensor::<B>(input))
        .collect();
    let (shape, dtype) = (tensors[0].shape(), tensors[0].dtype());
    let mut expected = operation.inputs(&shape).to_vec();
    if matches!(pass, Pass::Backward) {
        expected.push(operation.output(&shape));
    }
    assert_eq!(tensors.len(), expected.len(), "{}: inputs", id);
    for (i, (tensor, expected)) in tensors.iter().zip(&expected).enumerate() {
        let (shape, found) = (tensor.shape(), tensor.dtype());
        assert!(
            shape == *expected && found == dtype,
            "{}: input {i} must be {expected:?} of {dtype:?}, got {shape:?} of {found:?}",
            id,
        );
    }
    let outputs = match pass {
        Pass::Forward => Tensors::One(B::forward(operation, Tensors::new(tensors))),
        Pass::Backward => {
            let output = tensors.pop().expect("the gradient of the output");
            B::backward(operation, Tensors::new(tensors), output)
        }
    };
    for (output, tensor) in description.outputs.iter().zip(outputs) {
        handles.register_float_tensor::<B>(&output.id, tensor);
    }
}

fn read<Op: Operation<N>, const N: usize>(scalars: &[ScalarIr]) -> Option<Op> {
    let number = |scalar: &ScalarIr| match scalar {
        ScalarIr::UInt(number) => usize::try_from(*number).ok(),
        _ => None,
    };
    let numbers: Option<Vec<usize>> = scalars.iter().map(number).collect();
    Op::read(&numbers?)
}
