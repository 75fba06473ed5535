//! The truncated tensor algebra on batches of its elements, an element a lane: what runs once a path,
//! where the signature runs once a step. Elements are `[rows, terms]`, row after row.

mod power;
mod product;
mod rows;

pub(crate) use power::PowerSeriesCall;
pub(crate) use product::ProductCall;
