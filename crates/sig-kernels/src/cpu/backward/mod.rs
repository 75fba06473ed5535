//! The gradient: the adjoint of the walk forwards, the steps of a chunk from the last to the first,
//! on the way up the tree.
//!
//! The levels below the top are restored from a checkpoint before each chunk. The top level is
//! never needed, and its gradient is constant in time: a matrix that stays in the cache, while what
//! a step adds to the gradient of the increments stays in registers ([`leaf`]). Of few channels
//! or steps, the level below the top is not stored for it but taken back step by step from the next
//! checkpoint ([`small_leaf`]). From increments to points it goes in lanes, too. Sums run in a
//! fixed order within a lane, so there are no atomics. Memory beside input and output is the
//! checkpoints.

mod exponential;
mod extend;
mod leaf;
mod small_leaf;
mod sweep;
mod walk;

pub(super) use sweep::{Backward, Cotangent};
