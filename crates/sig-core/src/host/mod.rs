//! Signatures of a single path on plain numbers, a step at a time: for what is not a batch on a device.

mod queue;
mod steps;

pub use queue::SignatureQueue;
pub use steps::Real;
pub(crate) use steps::{Workspace, append, prepend, product};
