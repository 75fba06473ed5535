//! The tensor algebra of signatures: products, inverses, exponentials, logarithms.
//!
//! All functions take signatures as tensors `[batch, terms]` without scalar term, which is 1.

mod exponential;
mod operations;
mod products;
mod segments;
mod shuffle;

pub use exponential::{
    signature_scale, signature_scale_channels, signature_scale_levels, tensor_exp, tensor_log,
};
pub(crate) use operations::{antipode, power_series, product, product_gradient};
pub use products::{multi_signature_combine, signature_combine, signature_inverse};
pub use segments::{segment_signature, signature_append, signature_prepend};
pub use shuffle::{shuffle_product, signature_inner_product};
