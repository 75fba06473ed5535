//! The public functions on tensors: they check what they are given and call the backend.

mod backend;
mod check;
mod combine;
mod exponential;
mod lie;
mod logsignature;
mod method;
mod operand;
mod ragged;
mod segments;
mod shuffle;
mod signature;
mod terms;
pub mod transforms;
mod windows;

pub use combine::{multi_signature_combine, signature_combine, signature_inverse};
pub use exponential::{signature_scale, tensor_exp, tensor_log};
pub use lie::{logsignature_combine, logsignature_to_signature, signature_to_logsignature};
pub use logsignature::{
    logsignature, logsignature_stream, logsignature_stream_with, logsignature_with,
};
pub use ragged::signature_ragged;
pub use segments::{segment_signature, signature_append, signature_prepend};
pub use shuffle::{shuffle_product, signature_inner_product};
pub use signature::{signature, signature_stream, signature_stream_with, signature_with};
pub use terms::{extract_signature_level, extract_signature_term};
pub use windows::{logsignature_windows, signature_windows, signature_windows_with};
