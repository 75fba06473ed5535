//! Splines as operations under a name, for servers, captured graphs and fusion.

#[cfg(feature = "router")]
use burn::backend::ir::BackendIr;
use burn::backend::ir::ScalarIr;
#[cfg(feature = "remote")]
use burn::tensor::Device;
use burn::tensor::Shape;
#[cfg(feature = "router")]
use burn_router::CustomOpRegistry;
use sig_core::custom::CustomParams;

use super::{SplineOps, SplineParams};

sig_core::custom_ops! {
    SplineOps, query "sig::spline_operations";
    Linear = "sig::spline_linear" @ 1: spline_linear(positions, base, weight; SplineParams) -> (output);
    LinearBackward = "sig::spline_linear_backward" @ 1: spline_linear_backward(positions, base, weight, output; SplineParams) -> (positions, base, weight);
}

/// The shapes of inputs and output, and of the gradients of them.
struct Shapes {
    positions: Shape,
    base: Shape,
    weight: Shape,
    output: Shape,
}

impl SplineParams {
    fn shapes(self, positions: &Shape) -> Shapes {
        let [rows, features] = positions.dims();
        Shapes {
            positions: positions.clone(),
            base: positions.clone(),
            weight: Shape::from([self.inputs(features), self.outputs]),
            output: Shape::from([rows, self.outputs]),
        }
    }
}

impl CustomParams for SplineParams {
    fn scalars(&self) -> Vec<ScalarIr> {
        [self.order, self.count, self.outputs]
            .map(|number| ScalarIr::UInt(number as u64))
            .to_vec()
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        match *scalars {
            [
                ScalarIr::UInt(order),
                ScalarIr::UInt(count),
                ScalarIr::UInt(outputs),
            ] => Some(Self {
                order: usize::try_from(order).ok()?,
                count: usize::try_from(count).ok()?,
                outputs: usize::try_from(outputs).ok()?,
            }),
            _ => None,
        }
    }
}

/// Adds the splines of [`KanLinear`](crate::KanLinear) to the operations that a server, or the
/// interpreter of a captured graph, executes; beside
/// [`register_signature_ops`](sig_core::register_signature_ops).
#[cfg(feature = "router")]
pub fn register_spline_ops<B: BackendIr + SplineOps>(registry: &mut CustomOpRegistry<B>) {
    register(registry);
}

/// Whether the server behind a remote device computes what the layers of this version of the crate
/// need, signatures and splines; other devices always do.
///
/// # Errors
///
/// Says which operation the server lacks or has in another version.
#[cfg(feature = "remote")]
pub fn check_server(device: &Device) -> Result<(), sig_core::ServerError> {
    sig_core::check_server(device)?;
    check_splines(device)
}

/// Whether it computes splines.
#[cfg(feature = "remote")]
pub(crate) fn check_splines(device: &Device) -> Result<(), sig_core::ServerError> {
    sig_core::custom::ask(QUERY, OFFERS, device)
}
