//! Operations as data: what is computed, in one place, from which every backend, fusion, servers,
//! captured graphs and autodiff follow.

use core::fmt::Debug;

use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;
#[cfg(feature = "cubecl-backend")]
use burn_cubecl::tensor::CubeTensor;

mod basis;
mod channel;
mod product;
mod series;
mod signature;
mod signature_kernel;
mod windows;

pub use basis::ChangeBasis;
pub use channel::AppendChannel;
pub use product::TensorProduct;
pub use series::TensorSeries;
pub use signature::Signature;
pub use signature_kernel::SignatureKernel;
pub use windows::SignatureWindows;

#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::SignatureOps;
use crate::portable;

/// An operation on `N` tensors, of which the first determines the shapes of the others and of the
/// output; all are of one dtype. A value of the type holds what the operation depends on beside
/// tensors.
///
/// Kernels are optional: a backend without them takes [`portable`](Self::portable).
pub trait Operation<const N: usize>: Clone + Debug + Send + Sync + 'static {
    /// The names of the operation and of its gradients, each with a version: `"sig::signature@2"`.
    /// A version is raised with each change of what is computed or of the
    /// [`numbers`](Self::numbers).
    const IDS: [&'static str; 2];

    /// Whether halves are computed in f32, from the inputs to the output.
    const IN_F32: bool = true;

    /// Whether CubeCL devices have kernels for it, in `cube`.
    const ON_CUBE: bool = false;

    /// What the operation depends on, for a description that goes elsewhere.
    fn numbers(&self) -> Vec<usize>;

    /// The operation of a description, unless the numbers are none of [`numbers`](Self::numbers).
    fn read(numbers: &[usize]) -> Option<Self>;

    /// The shapes of the inputs.
    fn inputs(&self, first: &Shape) -> [Shape; N];

    /// The shape of the output.
    fn output(&self, first: &Shape) -> Shape;

    /// Whether the operation stands for its primitives on every backend: kernels are not asked for,
    /// fusion and servers get the primitives, and autodiff differentiates them one by one.
    fn is_chain(&self) -> bool {
        false
    }

    /// The output, on primitives of a backend.
    fn portable<B: SignatureOps>(&self, inputs: [FloatTensor<B>; N]) -> FloatTensor<B>;

    /// The gradients of the inputs, from that of the output, on primitives of a backend.
    fn portable_gradients<B: SignatureOps>(
        &self,
        inputs: [FloatTensor<B>; N],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; N] {
        portable::differentiated::<B, Self, N>(self, inputs, output)
    }

    /// The output by kernels of the CPU and, if `keeps`, what those can leave to
    /// [`host_gradients`](Self::host_gradients). None where there are no kernels.
    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        _inputs: [HostTensor<'_, T>; N],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        None
    }

    /// The gradients of the inputs by kernels of the CPU, from that of the output and from what
    /// [`host`](Self::host) left, if anything. None where there are no kernels.
    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        _inputs: [HostTensor<'_, T>; N],
        _output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; N]> {
        None
    }

    /// The output by kernels of CubeCL devices. None where there are none.
    #[cfg(feature = "cubecl-backend")]
    fn cube(&self, _inputs: [CubeTensor; N]) -> Option<CubeTensor> {
        None
    }

    /// The gradients of the inputs by kernels of CubeCL devices. None where there are none.
    #[cfg(feature = "cubecl-backend")]
    fn cube_gradients(
        &self,
        _inputs: [CubeTensor; N],
        _output: CubeTensor,
    ) -> Option<[CubeTensor; N]> {
        None
    }
}

/// Operations that a server is given, and asked for, together.
#[cfg(feature = "router")]
pub trait OperationSet {
    /// The name under which a server is asked for their versions.
    const QUERY: &'static str;

    /// Visits each of them.
    fn each(visit: &mut impl Visit);
}

/// What is done with each operation of a set.
#[cfg(feature = "router")]
pub trait Visit {
    /// One of them.
    fn operation<Op: Operation<N>, const N: usize>(&mut self);
}

/// The operations of this crate.
#[cfg(feature = "router")]
#[derive(Clone, Copy, Debug)]
pub struct SignatureOperations;

#[cfg(feature = "router")]
impl OperationSet for SignatureOperations {
    const QUERY: &'static str = "sig::operations";

    fn each(visit: &mut impl Visit) {
        visit.operation::<Signature, _>();
        visit.operation::<SignatureWindows, _>();
        visit.operation::<TensorProduct, _>();
        visit.operation::<TensorSeries, _>();
        visit.operation::<ChangeBasis, _>();
        visit.operation::<AppendChannel, _>();
        visit.operation::<SignatureKernel, _>();
    }
}
