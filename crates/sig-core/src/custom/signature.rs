//! The operations of signatures.

#[cfg(feature = "router")]
use burn::backend::ir::BackendIr;
#[cfg(feature = "remote")]
use burn::tensor::Device;
#[cfg(feature = "router")]
use burn_router::CustomOpRegistry;

use super::params::Power;
#[cfg(feature = "remote")]
use super::{ServerError, ask};
use crate::{AlgebraParams, SignatureOps, SignatureParams, SignatureWindowsParams};

crate::custom_ops! {
    SignatureOps, query "sig::operations";
    Signature = "sig::signature" @ 1: signature(path; SignatureParams) -> (terms);
    SignatureFrom = "sig::signature_from" @ 1: signature_from(path, initial; SignatureParams) -> (terms);
    SignatureBackward = "sig::signature_backward" @ 1: signature_backward(path, terms; SignatureParams) -> (path);
    SignatureFromBackward = "sig::signature_from_backward" @ 1: signature_from_backward(path, initial, terms; SignatureParams) -> (path, initial);
    Windows = "sig::signature_windows" @ 1: signature_windows(path; SignatureWindowsParams) -> (windows);
    WindowsBackward = "sig::signature_windows_backward" @ 1: signature_windows_backward(path, windows; SignatureWindowsParams) -> (path);
    Product = "sig::tensor_product" @ 1: tensor_product(a, b; AlgebraParams) -> (product);
    ProductBackward = "sig::tensor_product_backward" @ 1: tensor_product_backward(a, b, product; AlgebraParams) -> (a, b);
    Series = "sig::power_series" @ 1: power_series(element; Power(kind, algebra)) -> (series);
    SeriesBackward = "sig::power_series_backward" @ 1: power_series_backward(element, series; Power(kind, algebra)) -> (element);
}

/// Adds the operations of [`SignatureOps`] to those that a server, or the interpreter of a captured
/// graph, executes on its backend.
///
/// A program with its tensors on such a server sends a whole signature, and a whole gradient, as one
/// operation; the server computes it with the kernels of its own backend. Names of operations carry a
/// version, for which a server is asked (`check_server`) before the first one is sent.
///
#[cfg_attr(feature = "remote", doc = "```")]
#[cfg_attr(not(feature = "remote"), doc = "```ignore")]
/// use burn::backend::Flex;
/// use burn::server::{CustomOpRegistry, RemoteServer};
/// use burn::tensor::Device;
///
/// let mut operations = CustomOpRegistry::<Flex>::new();
/// sig_core::register_signature_ops(&mut operations);
/// let server = RemoteServer::new([Device::flex()]).with_custom_ops(operations);
/// # drop(server); // server.serve(WebSocketTransport::new(3000))?;
/// ```
#[cfg(feature = "router")]
pub fn register_signature_ops<B: BackendIr + SignatureOps>(registry: &mut CustomOpRegistry<B>) {
    register(registry);
}

/// Whether the server behind a remote device computes the signatures of this version of the crate;
/// other devices always do. A server is asked once, whatever function of the crate comes first; this
/// is for those who would rather have an error than that function's panic.
///
/// # Errors
///
/// Says which operation the server lacks or has in another version.
#[cfg(feature = "remote")]
pub fn check_server(device: &Device) -> Result<(), ServerError> {
    ask(QUERY, OFFERS, device)
}
