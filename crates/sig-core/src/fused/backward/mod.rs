//! The gradient: the adjoint of the walk forwards, with the levels below the top restored from a
//! checkpoint before each chunk of steps.

mod exponential;
mod extend;
mod group;
mod leaf;
mod small_leaf;
mod walk;

pub(super) use group::{Cotangent, GroupBack, PathGradient};
