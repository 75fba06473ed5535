//! Whether a server has the operations of this build, asked before the first is sent.

use std::sync::Mutex;

use burn::backend::ir::{CustomOpIr, OperationOutput, ScalarIr, TensorIr};
use burn::backend::{DispatchDevice, Remote};
use burn::remote::CustomOpClient;
use burn::tensor::{DType, Device, Int, Shape, Tensor};
use thiserror::Error;

use super::registry::versions;
use crate::operation::{OperationSet, SignatureOperations};

/// Why a remote server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It computes another version of an operation.
    #[error(
        "the server has version {theirs} of the operation {operation} and this program version \
         {ours}; build both with the same version of burn-sig"
    )]
    Version {
        /// The operation.
        operation: &'static str,
        /// The version of the server.
        theirs: i32,
        /// The version of this build.
        ours: i32,
    },

    /// It lacks an operation, which others of this crate are there beside.
    #[error(
        "the server has no operation {operation}, of which this program has version {ours}; build \
         both with the same version of burn-sig"
    )]
    Missing {
        /// The operation.
        operation: &'static str,
        /// The version of this build.
        ours: i32,
    },

    /// It does not answer: it has none of the operations, or is not there any more.
    #[error(
        "the server does not tell which operations it has: it was built without those of burn-sig, \
         which `register_signature_ops` and `register_layer_ops` add, or it has ended ({reason})"
    )]
    NoAnswer {
        /// What Burn says.
        reason: String,
    },
}

/// The questions that were answered well, with the device of each.
static ANSWERED: Mutex<Vec<(&str, Device)>> = Mutex::new(Vec::new());

/// Asks the server behind a device, the first time, for the versions of a set of operations; other
/// devices have all of them.
///
/// # Errors
///
/// If one is missing or of another version, or there is no answer.
pub fn ask<Set: OperationSet>(device: &Device) -> Result<(), ServerError> {
    let device = device.clone().inner();
    let remote = match device.as_dispatch() {
        DispatchDevice::Remote(remote) => remote,
        #[allow(
            unreachable_patterns,
            reason = "with no other backend, there is no other"
        )]
        _ => return Ok(()),
    };
    let question = (Set::QUERY, device.clone());
    let answered = || ANSWERED.lock().unwrap_or_else(|error| error.into_inner());
    if answered().contains(&question) {
        return Ok(());
    }
    let offers = versions::<Set>();
    let names: Vec<&str> = offers.iter().map(|&(name, _)| name).collect();
    let letters = names.join(",").into_bytes().into_iter();
    let letters = letters.map(|letter| ScalarIr::UInt(letter.into()));
    let client = CustomOpClient::new(remote);
    let answer = TensorIr::uninit(
        client.create_empty_handle(),
        Shape::from([offers.len()]),
        DType::I32,
    );
    let description = CustomOpIr::with_scalars(Set::QUERY, &[], &[answer], letters.collect());
    let answer = client.register(description).output();
    let answer = Tensor::<1, Int>::from_primitive::<Remote>(answer).try_into_data();
    let answer = answer.map_err(|error| ServerError::NoAnswer {
        reason: error.to_string(),
    })?;
    for ((operation, ours), theirs) in offers.into_iter().zip(answer.iter::<i32>()) {
        match theirs {
            _ if theirs == ours => {}
            0 => return Err(ServerError::Missing { operation, ours }),
            _ => {
                return Err(ServerError::Version {
                    operation,
                    theirs,
                    ours,
                });
            }
        }
    }
    answered().push(question);
    Ok(())
}

/// Whether the server behind a remote device computes the signatures of this version of the crate;
/// other devices always do. A server is asked once, whatever function of the crate comes first; this
/// is for those who would rather have an error than that function's panic.
///
/// # Errors
///
/// Says which operation the server lacks or has in another version.
pub fn check_server(device: &Device) -> Result<(), ServerError> {
    ask::<SignatureOperations>(device)
}
