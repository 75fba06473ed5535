//! What a backend does with an [`Operation`].

use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension, tensor::FloatTensor};

use crate::operation::Operation;
use crate::portable;

/// The tensors that an operation takes or gives.
#[derive(Clone, Debug, ExtensionType)]
pub enum Tensors<B: Backend> {
    /// One.
    One(FloatTensor<B>),
    /// Two.
    Two(FloatTensor<B>, FloatTensor<B>),
    /// Three.
    Three(FloatTensor<B>, FloatTensor<B>, FloatTensor<B>),
}

impl<B: Backend> Tensors<B> {
    /// One to three tensors.
    pub fn new(tensors: impl IntoIterator<Item = FloatTensor<B>>) -> Self {
        let mut tensors = tensors.into_iter();
        match [(); 4].map(|()| tensors.next()) {
            [Some(a), None, ..] => Self::One(a),
            [Some(a), Some(b), None, _] => Self::Two(a, b),
            [Some(a), Some(b), Some(c), None] => Self::Three(a, b, c),
            _ => panic!("an operation has one to three tensors"),
        }
    }

    /// The tensors of an operation that has `N`.
    pub fn array<const N: usize>(self) -> [FloatTensor<B>; N] {
        let mut tensors = self.into_iter();
        [(); N].map(|()| tensors.next().expect("a tensor for each input"))
    }
}

impl<B: Backend> IntoIterator for Tensors<B> {
    type Item = FloatTensor<B>;
    type IntoIter = core::iter::Flatten<core::array::IntoIter<Option<FloatTensor<B>>, 3>>;

    fn into_iter(self) -> Self::IntoIter {
        let tensors = match self {
            Self::One(a) => [Some(a), None, None],
            Self::Two(a, b) => [Some(a), Some(b), None],
            Self::Three(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        tensors.into_iter().flatten()
    }
}

/// What a backend does with operations.
///
/// Model code calls [`signature`](crate::signatures::signature()) and its kin instead; this is the
/// level below. The bodies given here compute with `Backend` primitives.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "cubecl-backend"),
    Remote: cfg(feature = "remote"),
    Capture: cfg(feature = "capture"),
    Autodiff: cfg(feature = "autodiff"),
)]
pub trait SignatureOps: Backend {
    /// Whether operations are sent on to another backend instead of computed.
    const SENDS_ON: bool = false;

    /// The output.
    fn forward<Op: Operation<N>, const N: usize>(
        operation: Op,
        #[extension_type] inputs: Tensors<Self>,
    ) -> FloatTensor<Self> {
        portable::forward::<Self, Op, N>(&operation, inputs.array())
    }

    /// The output, and what computing it can leave to [`backward`](Self::backward), in an order
    /// that only that knows.
    fn forward_keeping<Op: Operation<N>, const N: usize>(
        operation: Op,
        #[extension_type] inputs: Tensors<Self>,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>) {
        (Self::forward(operation, inputs), None)
    }

    /// The gradients of the inputs, from that of the output. Behind the inputs stands what
    /// [`forward_keeping`](Self::forward_keeping) left, if it was called and left something.
    fn backward<Op: Operation<N>, const N: usize>(
        operation: Op,
        #[extension_type] inputs: Tensors<Self>,
        output: FloatTensor<Self>,
    ) -> Tensors<Self> {
        Tensors::new(portable::backward::<Self, Op, N>(
            &operation,
            inputs.array(),
            output,
        ))
    }
}

/// The output of an operation, on the backend of the tensors.
pub fn forward<Op: Operation<N>, const N: usize>(
    operation: Op,
    inputs: [FloatTensor<Dispatch>; N],
) -> FloatTensor<Dispatch> {
    Dispatch::forward(operation, Tensors::new(inputs))
}

/// The gradients of the inputs of an operation from that of its output, on the backend of the
/// tensors.
pub fn backward<Op: Operation<N>, const N: usize>(
    operation: Op,
    inputs: [FloatTensor<Dispatch>; N],
    output: FloatTensor<Dispatch>,
) -> [FloatTensor<Dispatch>; N] {
    Dispatch::backward(operation, Tensors::new(inputs), output).array()
}
