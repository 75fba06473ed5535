use core::marker::PhantomData;

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;
use burn_fusion::custom::{
    CustomOpIr, HandleContainer, Operation, OperationIr, OperationOutput, ScalarIr, StreamId,
    TensorId, TensorIr,
};
use burn_fusion::{ExecutionError, Fusion, FusionBackend, FusionRuntime};

use crate::{SignatureMethod, SignatureOps, SignatureParams, SignatureSpec, portable};

type Handles<B> =
    HandleContainer<<<B as FusionBackend>::FusionRuntime as FusionRuntime>::FusionHandle>;

/// A fused signature is one operation of the inner backend; the portable ones fuse as any chain of
/// tensor operations does.
impl<B: FusionBackend + SignatureOps> SignatureOps for Fusion<B> {
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature::<Self>(path, None, params);
        }
        let client = path.client.clone();
        let output = signature(&path, params, client.create_empty_handle());
        let operation = Signature::<B>::new(&[path.into_ir()], &[output], params, "signature");
        client
            .register(StreamId::current(), operation.ir(), operation)
            .output()
    }

    fn signature_from(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::signature::<Self>(path, Some(initial), params);
        }
        let client = path.client.clone();
        let output = signature(&path, params, client.create_empty_handle());
        let inputs = [path.into_ir(), initial.into_ir()];
        let operation = Signature::<B>::new(&inputs, &[output], params, "signature_from");
        client
            .register(StreamId::current(), operation.ir(), operation)
            .output()
    }

    fn signature_backward(
        path: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        if params.method != SignatureMethod::Fused {
            return portable::gradient::<Self>(path, None, output_gradient, params).0;
        }
        let client = path.client.clone();
        let output = like(&path, client.create_empty_handle());
        let inputs = [path.into_ir(), output_gradient.into_ir()];
        let operation = Signature::<B>::new(&inputs, &[output], params, "signature_backward");
        client
            .register(StreamId::current(), operation.ir(), operation)
            .output()
    }

    fn signature_from_backward(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if params.method != SignatureMethod::Fused {
            let (path, initial) =
                portable::gradient::<Self>(path, Some(initial), output_gradient, params);
            return (path, initial.expect("the gradient of what was given"));
        }
        let client = path.client.clone();
        let outputs = [
            like(&path, client.create_empty_handle()),
            like(&initial, client.create_empty_handle()),
        ];
        let inputs = [path.into_ir(), initial.into_ir(), output_gradient.into_ir()];
        let operation = Signature::<B>::new(&inputs, &outputs, params, "signature_from_backward");
        let [path, initial] = client
            .register(StreamId::current(), operation.ir(), operation)
            .outputs();
        (path, initial)
    }
}

/// The signature of a path, not computed yet.
fn signature(path: &impl TensorMetadata, params: SignatureParams, id: TensorId) -> TensorIr {
    let [batch, length, channels] = path.shape().dims();
    let terms = SignatureSpec::new(channels, params.depth).terms();
    let shape = match params.stream {
        false => Shape::from([batch, terms]),
        true => Shape::from([batch, length - 1, terms]),
    };
    TensorIr::uninit(id, shape, path.dtype())
}

fn like(tensor: &impl TensorMetadata, id: TensorId) -> TensorIr {
    TensorIr::uninit(id, tensor.shape(), tensor.dtype())
}

/// One of the operations of [`SignatureOps`], to be executed by the inner backend.
#[derive(Debug)]
struct Signature<B> {
    description: CustomOpIr,
    params: SignatureParams,
    backend: PhantomData<B>,
}

impl<B> Signature<B> {
    fn new(
        inputs: &[TensorIr],
        outputs: &[TensorIr],
        params: SignatureParams,
        id: &'static str,
    ) -> Self {
        let scalars = vec![
            ScalarIr::UInt(params.depth as u64),
            ScalarIr::Bool(params.stream),
            ScalarIr::Bool(params.inverse),
        ];
        Self {
            description: CustomOpIr::with_scalars(id, inputs, outputs, scalars),
            params,
            backend: PhantomData,
        }
    }

    fn ir(&self) -> OperationIr {
        OperationIr::Custom(self.description.clone())
    }
}

impl<B: FusionBackend + SignatureOps> Operation<B::FusionRuntime> for Signature<B> {
    fn execute(&self, handles: &mut Handles<B>) -> Result<(), ExecutionError> {
        let params = self.params;
        let inputs: Vec<_> = self
            .description
            .inputs
            .iter()
            .map(|input| handles.get_float_tensor::<B>(input))
            .collect();
        let outputs = match (self.description.id.as_str(), <[_; 3]>::try_from(inputs)) {
            (_, Ok([path, initial, gradient])) => {
                let (path, initial) = B::signature_from_backward(path, initial, gradient, params);
                vec![path, initial]
            }
            ("signature_backward", Err(inputs)) => {
                let [path, gradient] = fixed(inputs);
                vec![B::signature_backward(path, gradient, params)]
            }
            ("signature_from", Err(inputs)) => {
                let [path, initial] = fixed(inputs);
                vec![B::signature_from(path, initial, params)]
            }
            (_, Err(inputs)) => {
                let [path] = fixed(inputs);
                vec![B::signature(path, params)]
            }
        };
        for (ir, output) in self.description.outputs.iter().zip(outputs) {
            handles.register_float_tensor::<B>(&ir.id, output);
        }
        Ok(())
    }
}

fn fixed<T, const N: usize>(inputs: Vec<T>) -> [T; N] {
    let count = inputs.len();
    <[T; N]>::try_from(inputs).unwrap_or_else(|_| panic!("{N} inputs were given, not {count}"))
}
