use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;

use super::Operation;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::SignatureOps;
use crate::{SignatureSpec, portable};
#[cfg(feature = "host-backend")]
use sig_kernels::cpu::Product;

/// The product `a ⊗ b` of elements `[rows, terms]` of the truncated tensor algebra with scalar term 1,
/// which is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TensorProduct {
    /// Channels and depth of the algebra.
    pub spec: SignatureSpec,
}

impl Operation<2> for TensorProduct {
    const IDS: [&'static str; 2] = ["sig::tensor_product@1", "sig::tensor_product_backward@1"];

    fn numbers(&self) -> Vec<usize> {
        vec![self.spec.channels(), self.spec.depth()]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [channels, depth] = *numbers else {
            return None;
        };
        let spec = SignatureSpec::try_new(channels, depth).ok()?;
        Some(Self { spec })
    }

    fn inputs(&self, a: &Shape) -> [Shape; 2] {
        [self.output(a), self.output(a)]
    }

    fn output(&self, a: &Shape) -> Shape {
        let [rows, _] = a.dims();
        Shape::from([rows, self.spec.terms()])
    }

    fn portable<B: SignatureOps>(&self, [a, b]: [FloatTensor<B>; 2]) -> FloatTensor<B> {
        portable::product::<B>(a, b, self.spec)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        [a, b]: [FloatTensor<B>; 2],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 2] {
        portable::product_gradients::<B>(a, b, output, self.spec)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        factors: [HostTensor<'_, T>; 2],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some((self.call(factors).values(), None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        factors: [HostTensor<'_, T>; 2],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 2]> {
        Some(self.call(factors).gradient(output))
    }
}

#[cfg(feature = "host-backend")]
impl TensorProduct {
    fn call<'a, T>(&self, [a, b]: [HostTensor<'a, T>; 2]) -> Product<'a, T> {
        Product {
            spec: self.spec,
            a: a.numbers,
            b: b.numbers,
        }
    }
}
