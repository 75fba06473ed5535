//! The public functions on tensors: they check what they are given and call the backend.

mod backend;
mod check;
mod method;
mod signature;

pub use signature::{signature, signature_stream, signature_stream_with, signature_with};
