use burn::backend::ir::OperationIr;
use burn::backend::tensor::FloatTensor;
use burn_router::{BackendRouter, RouterChannel, RouterClient};

use crate::named::{Pass, describe};
use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};
use crate::portable;

/// A remote device, or one that captures a graph, is sent each operation as one.
impl<C: RouterChannel> SignatureOps for BackendRouter<C> {
    const SENDS_ON: bool = true;

    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        if operation.is_chain() {
            return portable::forward::<Self, Op, N>(&operation, inputs.array());
        }
        let [output] = send::<C, Op, N>(Pass::Forward, &operation, inputs).array();
        output
    }

    fn backward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
        output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        if operation.is_chain() {
            return Tensors::new(portable::backward::<Self, Op, N>(
                &operation,
                inputs.array(),
                output,
            ));
        }
        let inputs = inputs.into_iter().chain([output]);
        send::<C, Op, N>(Pass::Backward, &operation, inputs)
    }
}

fn send<C: RouterChannel, Op: Operation<N>, const N: usize>(
    pass: Pass,
    operation: &Op,
    inputs: impl IntoIterator<Item = FloatTensor<BackendRouter<C>>>,
) -> Tensors<BackendRouter<C>> {
    let inputs: Vec<_> = inputs.into_iter().collect();
    let client = inputs[0].client.clone();
    let inputs: Vec<_> = inputs.into_iter().map(|input| input.into_ir()).collect();
    let description = describe(pass, operation, &inputs, || client.create_empty_handle());
    Tensors::new(client.register(OperationIr::Custom(description)))
}
