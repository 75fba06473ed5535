use core::fmt;
use core::marker::PhantomData;

use burn::backend::ir::{CustomOpIr, HandleContainer, OperationIr};
use burn::backend::tensor::FloatTensor;
use burn_fusion::custom::{Operation as QueuedOperation, StreamId};
use burn_fusion::{ExecutionError, Fusion, FusionBackend, FusionRuntime};

use crate::named::{Pass, describe, execute};
use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};
use crate::portable;

type Handles<B> =
    HandleContainer<<<B as FusionBackend>::FusionRuntime as FusionRuntime>::FusionHandle>;

/// An operation is one entry of the queue if the backend below has a kernel for it or sends it on.
/// Otherwise each of its primitives is an entry, and can fuse with others.
impl<B: FusionBackend + SignatureOps> SignatureOps for Fusion<B> {
    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        if is_primitives::<B, Op, N>(&operation) {
            return portable::forward::<Self, Op, N>(&operation, inputs.array());
        }
        let [output] = enqueue::<B, Op, N>(Pass::Forward, &operation, inputs).array();
        output
    }

    fn backward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
        output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        if is_primitives::<B, Op, N>(&operation) {
            return Tensors::new(portable::backward::<Self, Op, N>(
                &operation,
                inputs.array(),
                output,
            ));
        }
        let inputs = inputs.into_iter().chain([output]);
        enqueue::<B, Op, N>(Pass::Backward, &operation, inputs)
    }
}

fn is_primitives<B: SignatureOps, Op: Operation<N>, const N: usize>(operation: &Op) -> bool {
    operation.is_chain() || !(B::SENDS_ON || Op::ON_CUBE)
}

fn enqueue<B: FusionBackend + SignatureOps, Op: Operation<N>, const N: usize>(
    pass: Pass,
    operation: &Op,
    inputs: impl IntoIterator<Item = FloatTensor<Fusion<B>>>,
) -> Tensors<Fusion<B>> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    let client = inputs[0].client.clone();
    let inputs: Vec<_> = inputs.into_iter().map(|input| input.into_ir()).collect();
    let description = describe(pass, operation, &inputs, || client.create_empty_handle());
    let queued = Queued::<B, Op, N> {
        pass,
        backend: PhantomData,
        description: description.clone(),
    };
    let description = OperationIr::Custom(description);
    Tensors::new(client.register(StreamId::current(), description, queued))
}

/// An operation in the queue.
struct Queued<B, Op, const N: usize> {
    pass: Pass,
    backend: PhantomData<fn() -> (B, Op)>,
    description: CustomOpIr,
}

impl<B, Op, const N: usize> fmt::Debug for Queued<B, Op, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.description.fmt(f)
    }
}

impl<B: FusionBackend + SignatureOps, Op: Operation<N>, const N: usize>
    QueuedOperation<B::FusionRuntime> for Queued<B, Op, N>
{
    fn execute(&self, handles: &mut Handles<B>) -> Result<(), ExecutionError> {
        execute::<B, Op, N>(self.pass, handles, &self.description);
        Ok(())
    }
}
