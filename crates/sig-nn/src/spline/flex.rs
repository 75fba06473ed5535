use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use bytemuck::Pod;
use num_traits::Float;

use super::linear::Linear;
use super::{SplineOps, SplineParams, kernel, portable};

type Tensor = FloatTensor<Flex>;

impl SplineOps for Flex {
    fn spline_linear(
        positions: Tensor,
        base: Tensor,
        weight: Tensor,
        params: SplineParams,
    ) -> Tensor {
        match positions.dtype() {
            DType::F32 if params.order <= kernel::MOST => {
                forward::<f32>([positions, base, weight], params)
            }
            DType::F64 if params.order <= kernel::MOST => {
                forward::<f64>([positions, base, weight], params)
            }
            _ => portable::linear::<Flex>(positions, base, weight, params),
        }
    }

    fn spline_linear_backward(
        positions: Tensor,
        base: Tensor,
        weight: Tensor,
        output: Tensor,
        params: SplineParams,
    ) -> (Tensor, Tensor, Tensor) {
        match positions.dtype() {
            DType::F32 if params.order <= kernel::MOST => {
                backward::<f32>([positions, base, weight], output, params)
            }
            DType::F64 if params.order <= kernel::MOST => {
                backward::<f64>([positions, base, weight], output, params)
            }
            _ => portable::gradients::<Flex>(positions, base, weight, output, params),
        }
    }
}

fn forward<T: Float + Element + Pod>(inputs: [Tensor; 3], params: SplineParams) -> Tensor {
    let [rows, _] = inputs[0].shape().dims();
    let inputs = inputs.map(|input| input.to_contiguous());
    tensor(
        linear::<T>(&inputs, params).forward(),
        [rows, params.outputs],
    )
}

fn backward<T: Float + Element + Pod>(
    inputs: [Tensor; 3],
    output: Tensor,
    params: SplineParams,
) -> (Tensor, Tensor, Tensor) {
    let [positions, base, weight] = inputs.each_ref().map(|input| input.shape().dims());
    let (inputs, output) = (
        inputs.map(|input| input.to_contiguous()),
        output.to_contiguous(),
    );
    let gradients = linear::<T>(&inputs, params).backward(numbers(&output));
    (
        tensor(gradients.positions, positions),
        tensor(gradients.base, base),
        tensor(gradients.weight, weight),
    )
}

fn linear<T: Float + Element + Pod>(inputs: &[Tensor; 3], params: SplineParams) -> Linear<'_, T> {
    let [positions, base, weight] = inputs.each_ref().map(numbers::<T>);
    let [_, features] = inputs[0].shape().dims();
    Linear::new(positions, base, weight, features, params)
}

fn numbers<T: Element + Pod>(tensor: &Tensor) -> &[T] {
    tensor.as_slice::<T>().expect("contiguous, of this dtype")
}

fn tensor<T: Element>(numbers: Vec<T>, shape: [usize; 2]) -> Tensor {
    Tensor::from_data(TensorData::new(numbers, Shape::from(shape)))
}
