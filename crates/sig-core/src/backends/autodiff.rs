use core::marker::PhantomData;

use burn::backend::tensor::FloatTensor;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_autodiff::{Autodiff, NodeId};

use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};
use crate::portable;

/// An operation is one node of the graph, with the gradient of the backend below.
impl<B: SignatureOps, C: CheckpointStrategy> SignatureOps for Autodiff<B, C> {
    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        let inputs: [_; N] = inputs.array();
        if operation.is_chain() {
            return portable::forward::<Self, Op, N>(&operation, inputs);
        }
        let node = Node::<Op, N>(PhantomData);
        let nodes = inputs.each_ref().map(|input| input.node());
        match node.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let saved = inputs.each_ref().map(|input| prep.checkpoint(input));
                let inputs = Tensors::new(inputs.map(|input| input.into_primitive()));
                let (output, kept) = B::forward_keeping(operation.clone(), inputs);
                prep.finish((operation, saved, kept), output)
            }
            OpsKind::UnTracked(prep) => {
                let inputs = Tensors::new(inputs.map(|input| input.into_primitive()));
                prep.finish(B::forward(operation, inputs))
            }
        }
    }

    fn backward<Op: Operation<N>, const N: usize>(
        _operation: Op,
        _inputs: Tensors<Self>,
        _output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        panic!("{}: Burn does not differentiate gradients", Op::IDS[1])
    }
}

/// The node of an operation; its state is the operation, its inputs, and what computing it left.
#[derive(Debug)]
struct Node<Op, const N: usize>(PhantomData<Op>);

impl<B: SignatureOps, Op: Operation<N>, const N: usize> Backward<B, N> for Node<Op, N> {
    type State = (Op, [NodeId; N], Option<FloatTensor<B>>);

    fn backward(
        self,
        ops: Ops<Self::State, N>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let (operation, saved, kept) = ops.state;
        let output = gradients.consume::<B>(&ops.node);
        let inputs = saved.map(|input| checkpointer.retrieve_node_output(input));
        let inputs = Tensors::new(inputs.into_iter().chain(kept));
        let of_inputs = B::backward(operation, inputs, output);
        for (parent, gradient) in ops.parents.into_iter().zip(of_inputs) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}
