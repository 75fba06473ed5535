//! Backends whose tensors lie in the memory of this process: the kernels of the CPU read them there.

#[cfg(all(test, feature = "flex"))]
mod tests;

use std::borrow::Cow;

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{DType, Element, Shape, TensorData};
use bytemuck::Pod;
use sig_kernels::Real;

use crate::devices::would_fit;
use crate::operation::Operation;
use crate::ops::{SignatureOps, Tensors};
use crate::portable::{rounded, widened};

/// A backend whose numbers can be read where they lie.
pub trait HostBackend: Backend {
    /// The numbers of a tensor of the dtype of `T`, in C order; copied only if they lie otherwise.
    fn numbers<T: Element + Pod>(tensor: &FloatTensor<Self>) -> Cow<'_, [T]>;
}

/// What the kernels of the CPU compute in: f32 and f64.
pub trait HostNumber: Real + Element + Pod {}

impl HostNumber for f32 {}
impl HostNumber for f64 {}

/// A tensor as kernels of the CPU read it: its numbers in C order.
#[derive(Clone, Copy, Debug)]
pub struct HostTensor<'a, T> {
    /// The numbers.
    pub numbers: &'a [T],
    /// The shape.
    pub shape: &'a Shape,
}

impl<B: HostBackend> SignatureOps for B {
    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        forward::<Self, Op, N>(&operation, inputs.array(), false).0
    }

    fn forward_keeping<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
        forward::<Self, Op, N>(&operation, inputs.array(), true)
    }

    fn backward<Op: Operation<N>, const N: usize>(
        operation: Op,
        inputs: Tensors<Self>,
        output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        let mut tensors = inputs.into_iter();
        let inputs = [(); N].map(|()| tensors.next().expect("a tensor for each input"));
        Tensors::new(backward::<Self, Op, N>(
            &operation,
            inputs,
            output,
            tensors.next(),
        ))
    }
}

fn forward<B: HostBackend, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    keeps: bool,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    match inputs[0].dtype() {
        DType::F32 => forward_in::<B, f32, Op, N>(operation, inputs, keeps),
        DType::F64 => forward_in::<B, f64, Op, N>(operation, inputs, keeps),
        half if Op::IN_F32 => {
            let inputs = inputs.map(widened::<B>);
            let (output, kept) = forward_in::<B, f32, Op, N>(operation, inputs, keeps);
            (rounded::<B>(output, half), kept)
        }
        _ => (operation.portable::<B>(inputs), None),
    }
}

fn forward_in<B: HostBackend, T: HostNumber, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    keeps: bool,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    let shapes = inputs.each_ref().map(|input| input.shape());
    let shape = operation.output(&shapes[0]);
    assert_fits::<T>(Op::IDS[0], &shape);
    let numbers = inputs.each_ref().map(B::numbers::<T>);
    let Some((output, kept)) = operation.host(views(&numbers, &shapes), keeps) else {
        drop(numbers);
        return (operation.portable::<B>(inputs), None);
    };
    let tensor =
        |numbers, shape| B::float_from_data(TensorData::new(numbers, shape), &inputs[0].device());
    let kept = kept.map(|kept| {
        let shape = Shape::from([kept.len()]);
        tensor(kept, shape)
    });
    (tensor(output, shape), kept)
}

fn backward<B: HostBackend, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    output: FloatTensor<B>,
    kept: Option<FloatTensor<B>>,
) -> [FloatTensor<B>; N] {
    match inputs[0].dtype() {
        DType::F32 => backward_in::<B, f32, Op, N>(operation, inputs, output, kept),
        DType::F64 => backward_in::<B, f64, Op, N>(operation, inputs, output, kept),
        half if Op::IN_F32 => {
            let (inputs, output) = (inputs.map(widened::<B>), widened::<B>(output));
            backward_in::<B, f32, Op, N>(operation, inputs, output, kept)
                .map(|gradient| rounded::<B>(gradient, half))
        }
        _ => operation.portable_gradients::<B>(inputs, output),
    }
}

fn backward_in<B: HostBackend, T: HostNumber, Op: Operation<N>, const N: usize>(
    operation: &Op,
    inputs: [FloatTensor<B>; N],
    output: FloatTensor<B>,
    kept: Option<FloatTensor<B>>,
) -> [FloatTensor<B>; N] {
    let shapes = inputs.each_ref().map(|input| input.shape());
    let numbers = inputs.each_ref().map(B::numbers::<T>);
    let gradients = operation.host_gradients(
        views(&numbers, &shapes),
        &B::numbers::<T>(&output),
        kept.as_ref().map(B::numbers::<T>).as_deref(),
    );
    drop(numbers);
    let Some(gradients) = gradients else {
        return operation.portable_gradients::<B>(inputs, output);
    };
    let device = inputs[0].device();
    let mut shapes = shapes.into_iter();
    gradients.map(|numbers| {
        let shape = shapes.next().expect("a gradient for each input");
        B::float_from_data(TensorData::new(numbers, shape), &device)
    })
}

fn views<'a, T: Clone, const N: usize>(
    numbers: &'a [Cow<'_, [T]>; N],
    shapes: &'a [Shape; N],
) -> [HostTensor<'a, T>; N] {
    core::array::from_fn(|i| HostTensor {
        numbers: &numbers[i],
        shape: &shapes[i],
    })
}

/// A server is sent sizes that nobody has checked, and must not end with the program that sent them.
fn assert_fits<T>(operation: &str, output: &Shape) {
    let sizes = output.iter().copied();
    let bytes = sizes.fold(size_of::<T>(), usize::saturating_mul);
    assert!(
        would_fit(bytes),
        "{operation}: an output of {output:?} cannot be allocated"
    );
}
