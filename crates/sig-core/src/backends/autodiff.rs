use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn_autodiff::{Autodiff, NodeId};

use crate::{
    AlgebraParams, PowerSeries, SignatureMethod, SignatureOps, SignatureParams, SignatureStates,
    SignatureWindowsParams, portable,
};

/// Gradients come from the primitives of the portable bodies, or from the backend's own kernels.
impl<B: SignatureStates, C: CheckpointStrategy> SignatureOps for Autodiff<B, C> {
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature::<Self>(path, None, params);
        }
        match Fused.prepare::<C>([path.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let inputs = [prep.checkpoint(&path)];
                let (signature, states) =
                    B::signature_and_states(path.into_primitive(), None, params);
                prep.finish((inputs, states, params), signature)
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
                let inputs = [prep.checkpoint(&path), prep.checkpoint(&initial)];
                let (path, initial) = (path.into_primitive(), initial.into_primitive());
                let (signature, states) = B::signature_and_states(path, Some(initial), params);
                prep.finish((inputs, states, params), signature)
            }
            OpsKind::UnTracked(prep) => {
                let (path, initial) = (path.into_primitive(), initial.into_primitive());
                prep.finish(B::signature_from(path, initial, params))
            }
        }
    }

    fn signature_windows(
        path: FloatTensor<Self>,
        params: SignatureWindowsParams,
    ) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature_windows::<Self>(path, params);
        }
        match Windows
            .prepare::<C>([path.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&path), params.clone());
                prep.finish(state, B::signature_windows(path.into_primitive(), params))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(B::signature_windows(path.into_primitive(), params))
            }
        }
    }

    fn append_channel(path: FloatTensor<Self>, channel: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [path.node(), channel.node()];
        let rows = channel.shape()[0];
        let appended = B::append_channel(path.into_primitive(), channel.into_primitive());
        match Channel.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(rows, appended),
            OpsKind::UnTracked(prep) => prep.finish(appended),
        }
    }

    fn tensor_product(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        params: AlgebraParams,
    ) -> FloatTensor<Self> {
        let nodes = [a.node(), b.node()];
        let product = |a: FloatTensor<Self>, b: FloatTensor<Self>| {
            B::tensor_product(a.into_primitive(), b.into_primitive(), params)
        };
        match Product.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = ([prep.checkpoint(&a), prep.checkpoint(&b)], params);
                prep.finish(state, product(a, b))
            }
            OpsKind::UnTracked(prep) => prep.finish(product(a, b)),
        }
    }

    fn power_series(
        element: FloatTensor<Self>,
        series: PowerSeries,
        params: AlgebraParams,
    ) -> FloatTensor<Self> {
        let nodes = [element.node()];
        let power_series =
            |element: FloatTensor<Self>| B::power_series(element.into_primitive(), series, params);
        match Power.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&element), series, params);
                prep.finish(state, power_series(element))
            }
            OpsKind::UnTracked(prep) => prep.finish(power_series(element)),
        }
    }
}

impl<B: SignatureStates, C: CheckpointStrategy> SignatureStates for Autodiff<B, C> {}

/// The node of a fused signature in the graph; its state is what it was computed from and what that left.
#[derive(Debug)]
struct Fused;

impl<B: SignatureStates> Backward<B, 1> for Fused {
    type State = ([NodeId; 1], Option<FloatTensor<B>>, SignatureParams);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let ([path], states, params) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |output| {
            let path = checkpointer.retrieve_node_output(path);
            B::signature_backward_from_states(path, None, states, output, params).0
        });
    }
}

impl<B: SignatureStates> Backward<B, 2> for Fused {
    type State = ([NodeId; 2], Option<FloatTensor<B>>, SignatureParams);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        binary::<B, _>(ops, gradients, |(inputs, states, params), output| {
            let [path, initial] = inputs.map(|input| checkpointer.retrieve_node_output(input));
            let (path, initial) =
                B::signature_backward_from_states(path, Some(initial), states, output, params);
            (path, initial.expect("the gradient of what was given"))
        });
    }
}

/// Registers the gradients of two inputs that one call gives.
fn binary<B: Backend, S>(
    ops: Ops<S, 2>,
    gradients: &mut Gradients,
    of: impl FnOnce(S, FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>),
) {
    let output = gradients.consume::<B>(&ops.node);
    let (first, second) = of(ops.state, output);
    for (node, gradient) in ops.parents.into_iter().zip([first, second]) {
        if let Some(node) = node {
            gradients.register::<B>(node.id, gradient);
        }
    }
}

/// The node of windows in the graph.
#[derive(Debug)]
struct Windows;

impl<B: SignatureOps> Backward<B, 1> for Windows {
    type State = (NodeId, SignatureWindowsParams);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let (path, params) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |output| {
            B::signature_windows_backward(checkpointer.retrieve_node_output(path), output, params)
        });
    }
}

/// The node of a channel put behind the others in the graph; its state is the number of its rows.
#[derive(Debug)]
struct Channel;

impl<B: SignatureOps> Backward<B, 2> for Channel {
    type State = usize;

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let output = gradients.consume::<B>(&ops.node);
        let [path, channel] = ops.parents;
        if let Some(node) = channel {
            let gradient = portable::last_channel::<B>(output.clone(), ops.state);
            gradients.register::<B>(node.id, gradient);
        }
        if let Some(node) = path {
            gradients.register::<B>(node.id, portable::first_channels::<B>(output));
        }
    }
}

/// The node of a product in the graph.
#[derive(Debug)]
struct Product;

impl<B: SignatureOps> Backward<B, 2> for Product {
    type State = ([NodeId; 2], AlgebraParams);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        binary::<B, _>(ops, gradients, |([a, b], params), output| {
            let a = checkpointer.retrieve_node_output(a);
            let b = checkpointer.retrieve_node_output(b);
            B::tensor_product_backward(a, b, output, params)
        });
    }
}

/// The node of a power series in the graph.
#[derive(Debug)]
struct Power;

impl<B: SignatureOps> Backward<B, 1> for Power {
    type State = (NodeId, PowerSeries, AlgebraParams);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let (element, series, params) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |output| {
            let element = checkpointer.retrieve_node_output(element);
            B::power_series_backward(element, output, series, params)
        });
    }
}
