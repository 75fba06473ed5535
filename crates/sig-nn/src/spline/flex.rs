use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use sig_kernels::Real;
use sig_kernels::spline::{HIGHEST_ORDER, Linear, Splines};

use super::{SplineOps, SplineParams, portable};

type Tensor = FloatTensor<Flex>;

impl SplineOps for Flex {
    fn spline_linear(
        positions: Tensor,
        base: Tensor,
        weight: Tensor,
        params: SplineParams,
    ) -> Tensor {
        match positions.dtype() {
            DType::F32 if params.order <= HIGHEST_ORDER => {
                forward::<f32>([positions, base, weight], params)
            }
            DType::F64 if params.order <= HIGHEST_ORDER => {
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
            DType::F32 if params.order <= HIGHEST_ORDER => {
                backward::<f32>([positions, base, weight], output, params)
            }
            DType::F64 if params.order <= HIGHEST_ORDER => {
                backward::<f64>([positions, base, weight], output, params)
            }
            _ => portable::gradients::<Flex>(positions, base, weight, output, params),
        }
    }
}

fn forward<T: Real + Element>(inputs: [Tensor; 3], params: SplineParams) -> Tensor {
    let [rows, _] = inputs[0].shape().dims();
    let inputs = inputs.map(|input| input.to_contiguous());
    tensor(
        linear::<T>(&inputs, params).values(),
        [rows, params.outputs],
    )
}

fn backward<T: Real + Element>(
    inputs: [Tensor; 3],
    output: Tensor,
    params: SplineParams,
) -> (Tensor, Tensor, Tensor) {
    let [positions, base, weight] = inputs.each_ref().map(|input| input.shape().dims());
    let (inputs, output) = (
        inputs.map(|input| input.to_contiguous()),
        output.to_contiguous(),
    );
    let gradients = linear::<T>(&inputs, params).gradients(numbers(&output));
    (
        tensor(gradients.positions, positions),
        tensor(gradients.base, base),
        tensor(gradients.weight, weight),
    )
}

fn linear<T: Real + Element>(inputs: &[Tensor; 3], params: SplineParams) -> Linear<'_, T> {
    let [positions, base, weight] = inputs.each_ref().map(numbers::<T>);
    let [_, features] = inputs[0].shape().dims();
    let SplineParams {
        order,
        count,
        outputs,
    } = params;
    Linear {
        splines: Splines {
            order,
            count,
            outputs,
        },
        features,
        positions,
        base,
        weight,
    }
}

fn numbers<T: Real + Element>(tensor: &Tensor) -> &[T] {
    tensor.as_slice::<T>().expect("contiguous, of this dtype")
}

fn tensor<T: Element>(numbers: Vec<T>, shape: [usize; 2]) -> Tensor {
    Tensor::from_data(TensorData::new(numbers, Shape::from(shape)))
}
