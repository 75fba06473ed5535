use burn::backend::ir::{BackendIr, CustomOpIr, HandleContainer, ScalarIr, TensorId, TensorIr};
use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

/// An operation under a versioned name, from `I` tensors to `O`, all of the dtype of the first.
pub trait CustomOp<const I: usize, const O: usize>: 'static {
    /// The name and the version under which it is described.
    const ID: &'static str;
    /// What it depends on beside tensors.
    type Params: CustomParams;

    /// The shapes that inputs and outputs have, from that of the first input.
    fn shapes(first: &Shape, params: &Self::Params) -> ([Shape; I], [Shape; O]);
}

/// What an operation depends on beside tensors.
pub trait CustomParams: Sized + 'static {
    /// The numbers that describe it.
    fn scalars(&self) -> Vec<ScalarIr>;

    /// From such numbers, unless they are others.
    fn read(scalars: &[ScalarIr]) -> Option<Self>;
}

/// An operation on a backend that computes.
pub trait Execute<B: Backend, const I: usize, const O: usize>: CustomOp<I, O> {
    /// The outputs.
    fn execute(inputs: [FloatTensor<B>; I], params: Self::Params) -> [FloatTensor<B>; O];
}

/// A backend that describes an operation instead of executing it.
pub trait Recorder<Op: CustomOp<I, O>, const I: usize, const O: usize>: Backend {
    /// The outputs, which are computed elsewhere or later.
    fn record(inputs: [FloatTensor<Self>; I], params: Op::Params) -> [FloatTensor<Self>; O];
}

/// The outputs of an operation that is described instead of executed.
pub fn record<B: Recorder<Op, I, O>, Op: CustomOp<I, O>, const I: usize, const O: usize>(
    inputs: [FloatTensor<B>; I],
    params: Op::Params,
) -> [FloatTensor<B>; O] {
    B::record(inputs, params)
}

/// An operation that this build describes or executes: its name and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name, the same in every version.
    pub name: &'static str,
    /// Raised with each change of what is computed, or of how it is described.
    pub version: i32,
}

/// The description of a call; `id` gives outputs their names.
pub(super) fn describe<Op: CustomOp<I, O>, const I: usize, const O: usize>(
    inputs: &[TensorIr; I],
    params: Op::Params,
    mut id: impl FnMut() -> TensorId,
) -> CustomOpIr {
    let (_, shapes) = Op::shapes(&inputs[0].shape, &params);
    let outputs = shapes.map(|shape| TensorIr::uninit(id(), shape, inputs[0].dtype));
    CustomOpIr::with_scalars(Op::ID, inputs, &outputs, params.scalars())
}

/// Computes what a description says.
///
/// # Panics
///
/// If the tensors are not of the shapes and the dtype that the operation takes, or the numbers not its
/// parameters: another program may have sent them.
pub fn execute<B: BackendIr, Op: Execute<B, I, O>, const I: usize, const O: usize>(
    handles: &mut HandleContainer<B::Handle>,
    description: &CustomOpIr,
) {
    let (inputs, outputs) = description.as_fixed::<I, O>();
    let params = Op::Params::read(&description.scalars)
        .unwrap_or_else(|| panic!("{}: no parameters: {:?}", Op::ID, description.scalars));
    let tensors = inputs
        .each_ref()
        .map(|input| handles.get_float_tensor::<B>(input));
    let (expected, _) = Op::shapes(&tensors[0].shape(), &params);
    for (axis, (tensor, expected)) in tensors.iter().zip(&expected).enumerate() {
        let (shape, dtype) = (tensor.shape(), tensor.dtype());
        assert!(
            shape == *expected && dtype == tensors[0].dtype(),
            "{}: input {axis} must be {expected:?} of {:?}, got {shape:?} of {dtype:?}",
            Op::ID,
            tensors[0].dtype(),
        );
    }
    for (output, tensor) in outputs.iter().zip(Op::execute(tensors, params)) {
        handles.register_float_tensor::<B>(&output.id, tensor);
    }
}

/// Operations made of the methods of a trait of backends: `Type = "name" @ version: method(inputs;
/// Params) -> (outputs);` each, or `Params(a, b)` if the method takes the fields of a tuple one by one. Inputs and outputs are named after the fields that `Params::shapes`
/// gives for the shape of the first input. Makes also `register`, which adds all of them to a server,
/// and `OFFERS`, their list; `query` is the name under which a server is asked for it.
#[doc(hidden)]
#[macro_export]
macro_rules! custom_ops {
    (
        $trait:ident, query $query:literal;
        $($op:ident = $name:literal @ $version:literal:
            $method:ident($($input:ident),+; $params:ident $(($($part:ident),+))?) -> ($($output:ident),+);)+
    ) => {
        $(
            pub(crate) struct $op;

            impl $crate::custom::CustomOp<
                { [$(stringify!($input)),+].len() },
                { [$(stringify!($output)),+].len() },
            > for $op {
                const ID: &'static str = concat!($name, "@", $version);
                type Params = $params;

                fn shapes(
                    first: &burn::tensor::Shape,
                    params: &$params,
                ) -> (
                    [burn::tensor::Shape; [$(stringify!($input)),+].len()],
                    [burn::tensor::Shape; [$(stringify!($output)),+].len()],
                ) {
                    let shapes = params.shapes(first);
                    ([$(shapes.$input.clone()),+], [$(shapes.$output.clone()),+])
                }
            }

            impl<B: $trait> $crate::custom::Execute<
                B,
                { [$(stringify!($input)),+].len() },
                { [$(stringify!($output)),+].len() },
            > for $op {
                fn execute(
                    [$($input),+]: [burn::backend::tensor::FloatTensor<B>; [$(stringify!($input)),+].len()],
                    params: $params,
                ) -> [burn::backend::tensor::FloatTensor<B>; [$(stringify!($output)),+].len()] {
                    $(let $params($($part),+) = params;)?
                    $crate::custom_ops!(
                        @array $crate::custom_ops!(@call B::$method, params, [$($input),+] $($($part),+)?);
                        $($output),+
                    )
                }
            }
        )+

        /// The operations, with their versions.
        #[cfg(feature = "router")]
        const OFFERS: &[$crate::custom::Offer] =
            &[$($crate::custom::Offer { name: $name, version: $version }),+];

        /// The name under which a server is asked for them.
        #[cfg(feature = "router")]
        const QUERY: &str = $query;

        #[cfg(feature = "router")]
        fn register<B: burn::backend::ir::BackendIr + $trait>(
            registry: &mut burn_router::CustomOpRegistry<B>,
        ) {
            $($crate::custom::register::<B, $op, _, _>(registry);)+
            $crate::custom::register_query(registry, QUERY, OFFERS);
        }
    };
    (@call $method:path, $params:ident, [$($input:ident),+]) => { $method($($input,)+ $params) };
    (@call $method:path, $params:ident, [$($input:ident),+] $($part:ident),+) => {
        $method($($input,)+ $($part),+)
    };
    (@array $call:expr; $one:ident) => { [$call] };
    (@array $call:expr; $($output:ident),+) => {{
        let ($($output),+) = $call;
        [$($output),+]
    }};
}
