#[cfg(feature = "router")]
use burn::backend::ir::BackendIr;
use burn::backend::ir::ScalarIr;
#[cfg(feature = "remote")]
use burn::tensor::Device;
use burn::tensor::Shape;
#[cfg(feature = "router")]
use burn_router::CustomOpRegistry;

use super::CustomParams;
#[cfg(feature = "remote")]
use super::{ServerError, ask};
use crate::{SignatureMethod, SignatureOps, SignatureParams, SignatureSpec};

crate::custom_ops! {
    SignatureOps, query "sig::operations";
    Signature = "sig::signature" @ 1: signature(path; SignatureParams) -> (terms);
    SignatureFrom = "sig::signature_from" @ 1: signature_from(path, initial; SignatureParams) -> (terms);
    SignatureBackward = "sig::signature_backward" @ 1: signature_backward(path, terms; SignatureParams) -> (path);
    SignatureFromBackward = "sig::signature_from_backward" @ 1: signature_from_backward(path, initial, terms; SignatureParams) -> (path, initial);
}

/// The shapes of what a signature is computed from, of it, and of the gradients of both.
struct Shapes {
    path: Shape,
    initial: Shape,
    terms: Shape,
}

impl SignatureParams {
    fn shapes(self, path: &Shape) -> Shapes {
        let [batch, length, channels] = path.dims();
        assert!(
            length > 1,
            "a path of at least two points is expected, got {length}"
        );
        let terms = SignatureSpec::new(channels, self.depth).terms();
        let initial = Shape::from([batch, terms]);
        Shapes {
            path: path.clone(),
            terms: match self.stream {
                false => initial.clone(),
                true => Shape::from([batch, length - 1, terms]),
            },
            initial,
        }
    }
}

/// Described are fused signatures: the portable ones are chains of primitives, which are described
/// one by one.
impl CustomParams for SignatureParams {
    fn scalars(self) -> Vec<ScalarIr> {
        vec![
            ScalarIr::UInt(self.depth as u64),
            ScalarIr::Bool(self.stream),
            ScalarIr::Bool(self.inverse),
        ]
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        match *scalars {
            [
                ScalarIr::UInt(depth),
                ScalarIr::Bool(stream),
                ScalarIr::Bool(inverse),
            ] => Some(Self {
                depth: usize::try_from(depth).ok()?,
                stream,
                inverse,
                method: SignatureMethod::Fused,
            }),
            _ => None,
        }
    }
}

/// Adds the operations of [`SignatureOps`] to those that a server, or the interpreter of a captured
/// graph, executes on its backend.
///
/// A program with its tensors on such a server sends a whole signature, and a whole gradient, as one
/// operation; the server computes it with the kernels of its own backend. Names of operations carry a
/// version: [`check_server`](crate::check_server) is asked before the first one is sent.
///
/// ```
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
