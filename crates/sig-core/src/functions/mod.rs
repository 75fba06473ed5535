//! The public functions on tensors: they check what they are given and call the backend.

mod algebra;
mod backprop;
mod check;
mod combine;
mod exponential;
mod insertion;
mod lie;
mod logsignature;
mod operand;
mod path;
mod ragged;
mod running_sum;
mod segments;
mod shuffle;
mod signature;
mod sub_signature;
mod terms;
pub mod transforms;
mod tree_like;
mod windows;

#[cfg(feature = "autodiff")]
pub use backprop::backprop;
pub use backprop::{
    SignatureGradients, signature_backprop, signature_backprop_with, signature_combine_backprop,
    signature_stream_backprop, signature_stream_backprop_with,
};
pub use combine::{multi_signature_combine, signature_combine, signature_inverse};
pub use exponential::{signature_scale, tensor_exp, tensor_log};
pub use insertion::invert_signature;
pub use lie::{logsignature_combine, logsignature_to_signature, signature_to_logsignature};
pub use logsignature::{
    logsignature, logsignature_stream, logsignature_stream_with, logsignature_with,
};
pub use path::Path;
pub use ragged::signature_ragged;
pub use segments::{segment_signature, signature_append, signature_prepend};
pub use shuffle::{shuffle_product, signature_inner_product};
pub use signature::{signature, signature_stream, signature_stream_with, signature_with};
pub use sub_signature::{sub_signature, sub_signature_stream};
pub use terms::{extract_signature_level, extract_signature_term};
pub use tree_like::{TreeLikeReduction, tree_like_reduction};
pub use windows::{logsignature_windows, signature_windows, signature_windows_with};
