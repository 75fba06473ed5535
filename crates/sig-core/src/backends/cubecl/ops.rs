use burn::backend::tensor::FloatTensor;
use burn_cubecl::CubeBackend;

use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};
use crate::portable;

impl SignatureOps for CubeBackend {
    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        let inputs = inputs.array();
        let output = operation.cube(inputs.clone());
        output.unwrap_or_else(|| portable::forward::<Self, Op, N>(&operation, inputs))
    }

    fn backward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
        output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        let inputs = inputs.array();
        let gradients = operation.cube_gradients(inputs.clone(), output.clone());
        let gradients = gradients
            .unwrap_or_else(|| portable::backward::<Self, Op, N>(&operation, inputs, output));
        Tensors::new(gradients)
    }
}
