use burn::backend::ir::{BackendIr, OperationIr, OperationOutput};
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;
use burn_router::{BackendRouter, CustomOpRegistry, RouterChannel, RouterClient};

use super::ops::{CustomOp, Execute, Offer, Recorder, describe, execute};

/// Sends the description to wherever the channel leads.
impl<C: RouterChannel, Op: CustomOp<I, O>, const I: usize, const O: usize> Recorder<Op, I, O>
    for BackendRouter<C>
{
    fn record(inputs: [FloatTensor<Self>; I], params: Op::Params) -> [FloatTensor<Self>; O] {
        let client = inputs[0].client.clone();
        let inputs = inputs.map(|input| input.into_ir());
        let description = describe::<Op, I, O>(&inputs, params, || client.create_empty_handle());
        client.register(OperationIr::Custom(description)).outputs()
    }
}

/// Adds an operation to those that a server, or the interpreter of a graph, executes.
pub fn register<B: BackendIr, Op: Execute<B, I, O>, const I: usize, const O: usize>(
    registry: &mut CustomOpRegistry<B>,
) {
    registry.register(Op::ID, |handles, description, _| {
        execute::<B, Op, I, O>(handles, description)
    });
}

/// Adds the answer to the question which versions of operations there are. Asked with the letters of
/// their names, separated by commas, it gives a version for each, 0 for those that are not among
/// `offers`. This never changes, so that any two versions of this crate understand each other here.
pub fn register_query<B: BackendIr>(
    registry: &mut CustomOpRegistry<B>,
    query: &str,
    offers: &'static [Offer],
) {
    registry.register(query, move |handles, description, device| {
        let names: Vec<u8> = description
            .scalars
            .iter()
            .map(|letter| letter.elem())
            .collect();
        let names = String::from_utf8_lossy(&names);
        let version = |name: &str| {
            let offer = offers.iter().find(|offer| offer.name == name);
            offer.map_or(0, |offer| offer.version)
        };
        let versions: Vec<i32> = names.split(',').map(version).collect();
        let shape = [versions.len()];
        let answer = B::int_from_data(TensorData::new(versions, shape), device);
        let [output] = &description.outputs[..] else {
            panic!("a question for operations has one answer");
        };
        handles.register_int_tensor::<B>(&output.id, answer);
    });
}
