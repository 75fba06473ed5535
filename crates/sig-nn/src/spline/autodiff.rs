use burn::backend::{Backend, tensor::FloatTensor};
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_autodiff::{Autodiff, NodeId};

use super::{SplineOps, SplineParams};

impl<B: Backend + SplineOps, C: CheckpointStrategy> SplineOps for Autodiff<B, C> {
    fn spline_linear(
        positions: FloatTensor<Self>,
        base: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        params: SplineParams,
    ) -> FloatTensor<Self> {
        let inputs = [positions, base, weight];
        let output = |inputs: [FloatTensor<Self>; 3]| {
            let [positions, base, weight] = inputs.map(|input| input.into_primitive());
            B::spline_linear(positions, base, weight, params)
        };
        let nodes = inputs.each_ref().map(|input| input.node());
        match SplineLinear.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (
                    inputs.each_ref().map(|input| prep.checkpoint(input)),
                    params,
                );
                prep.finish(state, output(inputs))
            }
            OpsKind::UnTracked(prep) => prep.finish(output(inputs)),
        }
    }
}

/// The node of the product in the graph; its state is what it was computed from.
#[derive(Debug)]
struct SplineLinear;

impl<B: SplineOps> Backward<B, 3> for SplineLinear {
    type State = ([NodeId; 3], SplineParams);

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let (inputs, params) = ops.state;
        let output = gradients.consume::<B>(&ops.node);
        let [positions, base, weight] =
            inputs.map(|input| checkpointer.retrieve_node_output(input));
        let (positions, base, weight) =
            B::spline_linear_backward(positions, base, weight, output, params);
        for (parent, gradient) in ops.parents.into_iter().zip([positions, base, weight]) {
            if let Some(parent) = parent {
                gradients.register::<B>(parent.id, gradient);
            }
        }
    }
}
