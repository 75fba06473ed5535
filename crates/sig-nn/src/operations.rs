//! The operations of this crate, for servers and captured graphs.

use burn::backend::ir::BackendIr;
#[cfg(feature = "remote")]
use burn::tensor::Device;
#[cfg(feature = "remote")]
use sig_core::backend::ask;
use sig_core::backend::{CustomOpRegistry, OperationSet, SignatureOps, Visit, register};

use crate::cde::log_field::FieldWithAreas;
use crate::cde::recurrence::BlockRecurrence;
use crate::spline::SplineLinear;

/// All of them.
pub(crate) struct LayerOperations;

impl OperationSet for LayerOperations {
    const QUERY: &'static str = "sig::layer_operations";

    fn each(visit: &mut impl Visit) {
        visit.operation::<SplineLinear, _>();
        visit.operation::<BlockRecurrence, _>();
        visit.operation::<FieldWithAreas, _>();
    }
}

/// Adds what the layers [`KanLinear`](crate::KanLinear), [`LogNeuralCde`](crate::cde::LogNeuralCde) and
/// [`LinearNeuralCde`](crate::cde::LinearNeuralCde) need to the operations that a server, or the
/// interpreter of a captured graph, executes; beside
/// [`register_signature_ops`](sig_core::backend::register_signature_ops).
pub fn register_layer_ops<B: BackendIr + SignatureOps>(registry: &mut CustomOpRegistry<B>) {
    register::<B, LayerOperations>(registry);
}

/// Whether the server behind a remote device computes what the layers of this version of the crate
/// need beside Burn's operations; other devices always do.
///
/// # Errors
///
/// Says which operation the server lacks or has in another version.
#[cfg(feature = "remote")]
pub fn check_server(device: &Device) -> Result<(), sig_core::backend::ServerError> {
    sig_core::backend::check_server(device)?;
    ask::<LayerOperations>(device)
}

/// Panics, in the name of a layer, if a tensor is on a server that lacks the operations.
#[cfg(feature = "remote")]
pub(crate) fn assert_served(layer: &str, device: &Device) {
    if let Err(error) = ask::<LayerOperations>(device) {
        panic!("{layer}: {error}; the tensor is on {device:?}");
    }
}
