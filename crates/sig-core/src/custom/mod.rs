//! Operations under a versioned name: how they are described wherever they are not executed at once,
//! in the queue of a fusing backend, on the way to a server, in a captured graph.
//!
//! [`custom_ops!`](crate::custom_ops) makes them of the methods of a trait of backends, one line an
//! operation: [`SignatureOps`](crate::SignatureOps)'s are in `signature.rs`. A [`Recorder`] describes
//! a call instead of executing it; [`execute`] does what a description says.

#[cfg(feature = "fusion-backend")]
mod fusion;
mod ops;
mod params;
#[cfg(feature = "router")]
mod router;
#[cfg(feature = "remote")]
mod server;
mod signature;

#[cfg(feature = "fusion-backend")]
pub use fusion::SendsOn;
pub use ops::{CustomOp, CustomParams, Execute, Offer, Recorder, execute, record};
pub(crate) use params::Power;
#[cfg(feature = "router")]
pub use router::{register, register_query};
#[cfg(feature = "remote")]
pub use server::{ServerError, ask};
#[cfg(feature = "remote")]
pub use signature::check_server;
#[cfg(feature = "router")]
pub use signature::register_signature_ops;
pub(crate) use signature::{
    Product, ProductBackward, Series, SeriesBackward, Signature, SignatureBackward, SignatureFrom,
    SignatureFromBackward, Windows, WindowsBackward,
};
