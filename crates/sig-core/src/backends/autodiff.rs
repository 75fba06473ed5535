use burn::backend::{Backend, tensor::FloatTensor};
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_autodiff::{Autodiff, NodeId};

use crate::{SignatureMethod, SignatureOps, SignatureParams, portable};

/// Gradients come from the primitives of the portable bodies, or from the backend's own kernels.
impl<B: Backend + SignatureOps, C: CheckpointStrategy> SignatureOps for Autodiff<B, C> {
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature::<Self>(path, None, params);
        }
        match Fused.prepare::<C>([path.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = ([prep.checkpoint(&path)], params);
                prep.finish(state, B::signature(path.into_primitive(), params))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::signature(path.into_primitive(), params)),
        }
    }

    fn signature_from(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature::<Self>(path, Some(initial), params);
        }
        let nodes = [path.node(), initial.node()];
        match Fused.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = ([prep.checkpoint(&path), prep.checkpoint(&initial)], params);
                prep.finish(state, from::<B, C>(path, initial, params))
            }
            OpsKind::UnTracked(prep) => prep.finish(from::<B, C>(path, initial, params)),
        }
    }
}

fn from<B: Backend + SignatureOps, C: CheckpointStrategy>(
    path: FloatTensor<Autodiff<B, C>>,
    initial: FloatTensor<Autodiff<B, C>>,
    params: SignatureParams,
) -> FloatTensor<B> {
    B::signature_from(path.into_primitive(), initial.into_primitive(), params)
}

/// The node of a fused signature in the graph; its state is what it was computed from.
#[derive(Debug)]
struct Fused;

impl<B: SignatureOps> Backward<B, 1> for Fused {
    type State = ([NodeId; 1], SignatureParams);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let ([path], params) = ops.state;
        let output = gradients.consume::<B>(&ops.node);
        let [path_node] = ops.parents;
        if let Some(node) = path_node {
            let path = checkpointer.retrieve_node_output(path);
            gradients.register::<B>(node.id, B::signature_backward(path, output, params));
        }
    }
}

impl<B: SignatureOps> Backward<B, 2> for Fused {
    type State = ([NodeId; 2], SignatureParams);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let ([path, initial], params) = ops.state;
        let output = gradients.consume::<B>(&ops.node);
        let path = checkpointer.retrieve_node_output(path);
        let initial = checkpointer.retrieve_node_output(initial);
        let (path, initial) = B::signature_from_backward(path, initial, output, params);
        let [path_node, initial_node] = ops.parents;
        for (node, gradient) in [(path_node, path), (initial_node, initial)] {
            if let Some(node) = node {
                gradients.register::<B>(node.id, gradient);
            }
        }
    }
}
