//! A server whose backend computes what the layers need.

use burn::backend::DispatchDevice;
use burn::backend::ir::BackendIr;
use burn::server::{CustomOpRegistry, RemoteServer};
use burn::tensor::Device;
use sig_core::{SignatureOps, register_signature_ops};

use crate::{SplineOps, register_spline_ops};

/// A server of devices of one backend, with the operations of this crate and of sig-core.
///
/// # Arguments
///
/// - `devices`: what a program finds behind the address, all of one backend: every CubeCL device is
///   of the same. One of a backend that this crate was built without is served without the
///   operations.
///
/// # Example
///
/// ```no_run
/// use burn::server::WebSocketTransport;
/// use burn::tensor::Device;
///
/// # fn main() -> Result<(), burn::server::ServeError> {
/// sig_nn::remote_server([Device::flex()]).serve(WebSocketTransport::new(3000))
/// # }
/// ```
pub fn remote_server(devices: impl IntoIterator<Item = Device>) -> RemoteServer {
    let devices: Vec<Device> = devices.into_iter().map(Device::inner).collect();
    let server = RemoteServer::new(devices.clone());
    let Some(first) = devices.first() else {
        return server;
    };
    match first.as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => with_operations::<burn::backend::Flex>(server),
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => with_operations::<burn::backend::NdArray>(server),
        #[cfg(feature = "cubecl-backend")]
        DispatchDevice::Cube(_) => with_operations::<burn::backend::Cube>(server),
        #[allow(
            unreachable_patterns,
            reason = "what is left depends on the features of burn"
        )]
        _ => server,
    }
}

fn with_operations<B: BackendIr + SignatureOps + SplineOps>(server: RemoteServer) -> RemoteServer {
    let mut operations = CustomOpRegistry::<B>::new();
    register_signature_ops(&mut operations);
    register_spline_ops(&mut operations);
    server.with_custom_ops(operations)
}
