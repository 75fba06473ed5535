use burn::backend::{Backend, tensor::FloatTensor};
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn_autodiff::{Autodiff, NodeId};

use super::{SplineOps, SplineParams};

impl<B: Backend + SplineOps, C: CheckpointStrategy> SplineOps for Autodiff<B, C> {
    fn spline_basis(positions: FloatTensor<Self>, params: SplineParams) -> FloatTensor<Self> {
        match Basis
            .prepare::<C>([positions.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&positions), params);
                prep.finish(state, B::spline_basis(positions.into_primitive(), params))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::spline_basis(positions.into_primitive(), params))
            }
        }
    }
}

/// The node of a basis in the graph; its state is what it was computed from.
#[derive(Debug)]
struct Basis;

impl<B: SplineOps> Backward<B, 1> for Basis {
    type State = (NodeId, SplineParams);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let (positions, params) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |output| {
            let positions = checkpointer.retrieve_node_output(positions);
            B::spline_basis_backward(positions, output, params)
        });
    }
}
