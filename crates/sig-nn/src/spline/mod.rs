//! Linear combinations of uniform B-splines: a tensor function, and the operation of backends behind
//! it.

mod operation;
mod portable;
#[cfg(all(test, feature = "flex"))]
mod tests;

#[cfg(feature = "router")]
use burn::backend::ir::BackendIr;
#[cfg(feature = "remote")]
use burn::tensor::Device;
use burn::tensor::Tensor;
#[cfg(feature = "remote")]
use sig_core::backend::ask;
use sig_core::backend::forward;
#[cfg(feature = "router")]
use sig_core::backend::{CustomOpRegistry, OperationSet, SignatureOps, Visit, register};

pub use operation::SplineLinear;

/// `[base, B(z)] W`, see [`SplineLinear`].
pub(crate) fn spline_linear(
    positions: Tensor<2>,
    base: Tensor<2>,
    weight: Tensor<2>,
    operation: SplineLinear,
) -> Tensor<2> {
    #[cfg(feature = "remote")]
    if let Err(error) = ask::<SplineOperations>(&positions.device()) {
        panic!(
            "KanLinear: {error}; the tensor is on {:?}",
            positions.device()
        );
    }
    let inputs = [positions, base, weight].map(Tensor::into_dispatch);
    Tensor::from_dispatch(forward(operation, inputs))
}

/// The operations of this crate.
#[cfg(feature = "router")]
struct SplineOperations;

#[cfg(feature = "router")]
impl OperationSet for SplineOperations {
    const QUERY: &'static str = "sig::spline_operations";

    fn each(visit: &mut impl Visit) {
        visit.operation::<SplineLinear, _>();
    }
}

/// Adds the splines of [`KanLinear`](crate::KanLinear) to the operations that a server, or the
/// interpreter of a captured graph, executes; beside
/// [`register_signature_ops`](sig_core::backend::register_signature_ops).
#[cfg(feature = "router")]
pub fn register_spline_ops<B: BackendIr + SignatureOps>(registry: &mut CustomOpRegistry<B>) {
    register::<B, SplineOperations>(registry);
}

/// Whether the server behind a remote device computes what the layers of this version of the crate
/// need, signatures and splines; other devices always do.
///
/// # Errors
///
/// Says which operation the server lacks or has in another version.
#[cfg(feature = "remote")]
pub fn check_server(device: &Device) -> Result<(), sig_core::backend::ServerError> {
    sig_core::backend::check_server(device)?;
    ask::<SplineOperations>(device)
}
