use std::borrow::Cow;

use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::Element;

use super::host::HostBackend;

impl HostBackend for Flex {
    fn numbers<T: Element + bytemuck::Pod>(tensor: &FloatTensor<Self>) -> Cow<'_, [T]> {
        match tensor.as_slice::<T>() {
            Some(numbers) => Cow::Borrowed(numbers),
            None => {
                let copy = tensor.to_contiguous();
                Cow::Owned(copy.as_slice::<T>().expect("contiguous").to_vec())
            }
        }
    }
}
