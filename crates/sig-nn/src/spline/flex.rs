use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use bytemuck::Pod;
use num_traits::Float;

use super::{SplineOps, SplineParams, kernel, portable};

type Tensor = FloatTensor<Flex>;

impl SplineOps for Flex {
    fn spline_basis(positions: Tensor, params: SplineParams) -> Tensor {
        match positions.dtype() {
            DType::F32 if params.order <= kernel::MOST => basis::<f32>(positions, params),
            DType::F64 if params.order <= kernel::MOST => basis::<f64>(positions, params),
            _ => portable::basis::<Flex>(positions, params),
        }
    }

    fn spline_basis_backward(positions: Tensor, output: Tensor, params: SplineParams) -> Tensor {
        match positions.dtype() {
            DType::F32 if params.order <= kernel::MOST => {
                gradient::<f32>(positions, output, params)
            }
            DType::F64 if params.order <= kernel::MOST => {
                gradient::<f64>(positions, output, params)
            }
            _ => portable::gradient::<Flex>(positions, output, params),
        }
    }
}

fn basis<T: Float + Element + Pod>(positions: Tensor, params: SplineParams) -> Tensor {
    let [rows, features] = positions.shape().dims();
    let positions = positions.to_contiguous();
    let basis = kernel::basis(numbers::<T>(&positions), params);
    tensor(basis, [rows, features * params.count])
}

fn gradient<T: Float + Element + Pod>(
    positions: Tensor,
    output: Tensor,
    params: SplineParams,
) -> Tensor {
    let shape = positions.shape().dims();
    let (positions, output) = (positions.to_contiguous(), output.to_contiguous());
    let (positions, output) = (numbers::<T>(&positions), numbers::<T>(&output));
    tensor(kernel::gradient(positions, output, params), shape)
}

fn numbers<T: Element + Pod>(tensor: &Tensor) -> &[T] {
    tensor.as_slice::<T>().expect("contiguous, of this dtype")
}

fn tensor<T: Element>(numbers: Vec<T>, shape: [usize; 2]) -> Tensor {
    Tensor::from_data(TensorData::new(numbers, Shape::from(shape)))
}
