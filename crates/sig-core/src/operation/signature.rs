use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;
#[cfg(feature = "cubecl-backend")]
use burn_cubecl::tensor::CubeTensor;

use super::Operation;
#[cfg(feature = "cubecl-backend")]
use crate::backends::cubecl;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
#[cfg(any(feature = "host-backend", feature = "cubecl-backend"))]
use crate::method;
use crate::ops::SignatureOps;
use crate::{SignatureMethod, SignatureSpec, portable};
#[cfg(feature = "host-backend")]
use sig_kernels::cpu;

/// The signature of paths `[batch, length, channels]` of at least two points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The last level kept, at least 1.
    pub depth: usize,
    /// Whether all prefixes are returned, `[batch, steps, terms]`, or the last, `[batch, terms]`.
    pub stream: bool,
    /// A method, with [`SignatureMethod::Auto`] resolved.
    pub method: SignatureMethod,
}

impl Operation<1> for Signature {
    const IDS: [&'static str; 2] = ["sig::signature@2", "sig::signature_backward@2"];
    const ON_CUBE: bool = true;

    fn numbers(&self) -> Vec<usize> {
        vec![self.depth, usize::from(self.stream)]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [depth, stream @ (0 | 1)] = *numbers else {
            return None;
        };
        Some(Self {
            depth,
            stream: stream == 1,
            method: SignatureMethod::Fused,
        })
    }

    fn inputs(&self, path: &Shape) -> [Shape; 1] {
        [path.clone()]
    }

    fn output(&self, path: &Shape) -> Shape {
        let [batch, length, channels] = path.dims();
        assert!(
            length > 1,
            "a path of at least two points is expected, got {length}"
        );
        let terms = SignatureSpec::new(channels, self.depth).terms();
        if self.stream {
            Shape::from([batch, length - 1, terms])
        } else {
            Shape::from([batch, terms])
        }
    }

    fn is_chain(&self) -> bool {
        self.method != SignatureMethod::Fused
    }

    fn portable<B: SignatureOps>(&self, [path]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        let [batch, length, channels] = path.shape().dims();
        let spec = SignatureSpec::new(channels, self.depth);
        let method = self.method.portable(spec, batch, length - 1, false);
        portable::signature::<B>(path, spec, self.stream, method)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        inputs: [FloatTensor<B>; 1],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 1] {
        let [batch, length, channels] = inputs[0].shape().dims();
        let spec = SignatureSpec::new(channels, self.depth);
        let method = self.method.portable(spec, batch, length - 1, true);
        portable::differentiated::<B, Self, 1>(&Self { method, ..*self }, inputs, output)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        [path]: [HostTensor<'_, T>; 1],
        keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some(self.call(path)?.values_keeping(keeps))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        [path]: [HostTensor<'_, T>; 1],
        output: &[T],
        kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 1]> {
        Some([self.call(path)?.gradient(output, kept)])
    }

    #[cfg(feature = "cubecl-backend")]
    fn cube(&self, [path]: [CubeTensor; 1]) -> Option<CubeTensor> {
        self.has_kernels(method::fits_cube, &path.shape())
            .then(|| cubecl::Call::new(path, *self).signature())
    }

    #[cfg(feature = "cubecl-backend")]
    fn cube_gradients(
        &self,
        [path]: [CubeTensor; 1],
        output: CubeTensor,
    ) -> Option<[CubeTensor; 1]> {
        self.has_kernels(method::fits_cube, &path.shape())
            .then(|| [cubecl::Call::new(path, *self).gradient(output)])
    }
}

impl Signature {
    /// Whether kernels are asked for that go as far as `fits` says.
    #[cfg(any(feature = "host-backend", feature = "cubecl-backend"))]
    pub(super) fn has_kernels(&self, fits: fn(SignatureSpec) -> bool, path: &Shape) -> bool {
        !self.is_chain() && fits(SignatureSpec::new(path[2], self.depth))
    }

    #[cfg(feature = "host-backend")]
    fn call<'a, T>(&self, path: HostTensor<'a, T>) -> Option<cpu::Signature<'a, T>> {
        let [rows, length, channels] = path.shape.dims();
        self.has_kernels(method::fits_host, path.shape)
            .then(|| cpu::Signature {
                spec: SignatureSpec::new(channels, self.depth),
                paths: path.numbers,
                rows,
                steps: length - 1,
                stream: self.stream,
            })
    }
}
