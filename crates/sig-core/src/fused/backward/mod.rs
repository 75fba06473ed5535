//! The gradient: the adjoint of the walk forwards, with the levels below the top restored from a
//! checkpoint before each chunk of steps.

mod extend;
mod group;
mod leaf;
mod walk;

pub(super) use group::{Cotangent, GroupBack};

/// The gradient of the partial sums of a word, a few vectors a step.
struct SumsGradient<'a, V> {
    /// From those of the first step on.
    data: &'a mut [V],
    /// From one step to the next.
    stride: usize,
}
