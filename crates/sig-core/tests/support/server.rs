//! Servers in this process, on the loopback.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::thread;

use burn::backend::Flex;
use burn::remote::RemoteHost;
use burn::server::{CustomOpRegistry, RemoteServer, WebSocketTransport};
use burn::tensor::Device;

/// A device of a server with the operations of this crate on Flex, one for the process.
pub(crate) fn device() -> Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    let start = || connect(RemoteServer::new([Device::flex()]).with_custom_ops(operations()));
    DEVICE.get_or_init(start).clone()
}

/// The operations of this crate on Flex.
pub(crate) fn operations() -> CustomOpRegistry<Flex> {
    let mut operations = CustomOpRegistry::new();
    sig_core::backend::register_signature_ops(&mut operations);
    operations
}

/// The first device of a server, which is started for it and stays until the process ends.
pub(crate) fn connect(server: RemoteServer) -> Device {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = RemoteHost::websocket(&format!("ws://{}", listener.local_addr().unwrap()));
    let transport = WebSocketTransport::from_listener(listener);
    thread::spawn(move || server.serve(transport).unwrap());
    Device::remote_options(&host).init().unwrap()
}
