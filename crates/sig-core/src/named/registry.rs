//! The operations that a server, or the interpreter of a captured graph, executes.

use burn::backend::ir::BackendIr;
use burn::tensor::TensorData;
use burn_router::CustomOpRegistry;

use super::{Pass, execute};
use crate::operation::{
    AppendChannel, Operation, Signature, SignatureWindows, TensorProduct, TensorSeries,
};
use crate::ops::SignatureOps;

/// Operations that a server is given, and asked for, together.
pub trait OperationSet {
    /// The name under which a server is asked for their versions.
    const QUERY: &'static str;

    /// Visits each of them.
    fn each(visit: &mut impl Visit);
}

/// What is done with each operation of a set.
pub trait Visit {
    /// One of them.
    fn operation<Op: Operation<N>, const N: usize>(&mut self);
}

/// The operations of this crate.
#[derive(Clone, Copy, Debug)]
pub struct SignatureOperations;

impl OperationSet for SignatureOperations {
    const QUERY: &'static str = "sig::operations";

    fn each(visit: &mut impl Visit) {
        visit.operation::<Signature, _>();
        visit.operation::<SignatureWindows, _>();
        visit.operation::<TensorProduct, _>();
        visit.operation::<TensorSeries, _>();
        visit.operation::<AppendChannel, _>();
    }
}

/// The names of the operations of a set, and of their gradients, each with its version.
pub(super) fn versions<Set: OperationSet>() -> Vec<(&'static str, i32)> {
    struct Names(Vec<&'static str>);

    impl Visit for Names {
        fn operation<Op: Operation<N>, const N: usize>(&mut self) {
            self.0.extend(Op::IDS);
        }
    }

    let mut names = Names(Vec::new());
    Set::each(&mut names);
    let version = |id: &'static str| {
        let (name, version) = id.rsplit_once('@').expect("a version behind the name");
        (name, version.parse().expect("a whole number"))
    };
    names.0.into_iter().map(version).collect()
}

/// Adds a set of operations to those that are executed, and the answer to the question which versions
/// there are. Asked with the letters of their names, separated by commas, it gives a version for each, 0
/// for those that are not of the set. This never changes, so that any two versions of this crate
/// understand each other here.
pub fn register<B: BackendIr + SignatureOps, Set: OperationSet>(
    registry: &mut CustomOpRegistry<B>,
) {
    struct Handlers<'a, B: BackendIr>(&'a mut CustomOpRegistry<B>);

    impl<B: BackendIr + SignatureOps> Visit for Handlers<'_, B> {
        fn operation<Op: Operation<N>, const N: usize>(&mut self) {
            for (id, pass) in Op::IDS.into_iter().zip([Pass::Forward, Pass::Backward]) {
                self.0.register(id, move |handles, description, _| {
                    execute::<B, Op, N>(pass, handles, description);
                });
            }
        }
    }

    Set::each(&mut Handlers(registry));
    let versions = versions::<Set>();
    registry.register(Set::QUERY, move |handles, question, device| {
        let letters = question.scalars.iter().map(|letter| letter.elem());
        let letters: Vec<u8> = letters.collect();
        let names = String::from_utf8_lossy(&letters);
        let version = |name: &str| versions.iter().find(|offer| offer.0 == name);
        let answer = names
            .split(',')
            .map(|name| version(name).map_or(0, |offer| offer.1));
        let answer: Vec<i32> = answer.collect();
        let shape = [answer.len()];
        let answer = B::int_from_data(TensorData::new(answer, shape), device);
        let [output] = &question.outputs[..] else {
            panic!("a question for operations has one answer");
        };
        handles.register_int_tensor::<B>(&output.id, answer);
    });
}

/// Adds the operations of this crate to those that a server, or the interpreter of a captured graph,
/// executes on its backend.
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
pub fn register_signature_ops<B: BackendIr + SignatureOps>(registry: &mut CustomOpRegistry<B>) {
    register::<B, SignatureOperations>(registry);
}
