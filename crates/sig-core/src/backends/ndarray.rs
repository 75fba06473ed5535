use std::borrow::Cow;

use burn::backend::{NdArray, tensor::FloatTensor};
use burn::tensor::Element;
use bytemuck::Pod;

use super::host::HostBackend;

impl HostBackend for NdArray {
    fn numbers<T: Element + Pod>(tensor: &FloatTensor<Self>) -> Cow<'_, [T]> {
        type Tensor = FloatTensor<NdArray>;

        macro_rules! in_order {
            ($storage:expr) => {{
                let view = $storage.view();
                match view.to_slice() {
                    Some(numbers) => Cow::Borrowed(bytemuck::cast_slice(numbers)),
                    None => Cow::Owned(view.iter().map(|&number| cast(number)).collect()),
                }
            }};
        }
        match tensor {
            Tensor::F32(storage) => in_order!(storage),
            Tensor::F64(storage) => in_order!(storage),
            other => panic!("a float tensor was expected, got {:?}", other),
        }
    }
}

/// The number itself: the tensor has the dtype of `T`.
fn cast<F: Pod, T: Pod>(number: F) -> T {
    bytemuck::cast(number)
}
