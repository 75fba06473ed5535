//! A server whose backend computes what the layers need.

use burn::backend::ir::BackendIr;
use burn::server::{CustomOpRegistry, RemoteServer};
use burn::tensor::Device;
use sig_core::backend::register_signature_ops;
use sig_core::backend::{SignatureOps, WithBackend, with_backend};

use crate::register_layer_ops;

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
/// burn_sig::nn::remote_server([Device::flex()]).serve(WebSocketTransport::new(3000))
/// # }
/// ```
pub fn remote_server(devices: impl IntoIterator<Item = Device>) -> RemoteServer {
    let devices: Vec<Device> = devices.into_iter().map(Device::inner).collect();
    let server = RemoteServer::new(devices.clone());
    let Some(first) = devices.first() else {
        return server;
    };
    with_backend(first, WithOperations(server))
}

struct WithOperations(RemoteServer);

impl WithBackend for WithOperations {
    type Output = RemoteServer;

    fn with<B: BackendIr + SignatureOps>(self) -> RemoteServer {
        let mut operations = CustomOpRegistry::<B>::new();
        register_signature_ops(&mut operations);
        register_layer_ops(&mut operations);
        self.0.with_custom_ops(operations)
    }

    fn without(self) -> RemoteServer {
        self.0
    }
}
