use core::fmt;
use core::marker::PhantomData;

use burn::backend::ir::{CustomOpIr, HandleContainer, OperationIr, OperationOutput};
use burn::backend::tensor::FloatTensor;
use burn_fusion::custom::{Operation, StreamId};
use burn_fusion::{ExecutionError, Fusion, FusionBackend, FusionRuntime};

use super::ops::{Execute, Recorder, describe, execute};

type Handles<B> =
    HandleContainer<<<B as FusionBackend>::FusionRuntime as FusionRuntime>::FusionHandle>;

/// Below [`Fusion`]: whether a backend sends operations on instead of executing them.
pub trait SendsOn {
    /// Whether it does.
    const SENDS_ON: bool;
}

#[cfg(feature = "cubecl-backend")]
impl SendsOn for burn_cubecl::CubeBackend {
    const SENDS_ON: bool = false;
}

#[cfg(feature = "router")]
impl<C: burn_router::RouterChannel> SendsOn for burn_router::BackendRouter<C> {
    const SENDS_ON: bool = true;
}

/// Puts the description into the queue of the backend below, which executes it as one operation.
impl<B: FusionBackend, Op: Execute<B, I, O>, const I: usize, const O: usize> Recorder<Op, I, O>
    for Fusion<B>
{
    fn record(inputs: [FloatTensor<Self>; I], params: Op::Params) -> [FloatTensor<Self>; O] {
        let client = inputs[0].client.clone();
        let inputs = inputs.map(|input| input.into_ir());
        let description = describe::<Op, I, O>(&inputs, params, || client.create_empty_handle());
        let operation = Queued::<B, Op, I, O> {
            description: description.clone(),
            backend: PhantomData,
        };
        let description = OperationIr::Custom(description);
        client
            .register(StreamId::current(), description, operation)
            .outputs()
    }
}

/// An operation in the queue.
struct Queued<B, Op, const I: usize, const O: usize> {
    description: CustomOpIr,
    backend: PhantomData<fn() -> (B, Op)>,
}

impl<B, Op, const I: usize, const O: usize> fmt::Debug for Queued<B, Op, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.description.fmt(f)
    }
}

impl<B: FusionBackend, Op: Execute<B, I, O>, const I: usize, const O: usize>
    Operation<B::FusionRuntime> for Queued<B, Op, I, O>
{
    fn execute(&self, handles: &mut Handles<B>) -> Result<(), ExecutionError> {
        execute::<B, Op, I, O>(handles, &self.description);
        Ok(())
    }
}
