//! The gradient: the adjoint of the walk forwards, with the levels below the top restored from a
//! checkpoint before each chunk of steps.

mod extend;
mod group;
mod leaf;
mod walk;

pub(super) use group::{Cotangent, GroupBack};

use super::forward::Sums;

/// The gradient of the partial sums of a word, a few vectors a step.
struct SumsGradient<'a, V> {
    /// In the layout of the sums themselves.
    data: &'a mut [V],
    stride: usize,
}

impl<'a, V> SumsGradient<'a, V> {
    fn like(sums: Sums<'_, V>, data: &'a mut [V]) -> Self {
        Self {
            data,
            stride: sums.stride,
        }
    }

    #[inline(always)]
    fn rows(&mut self) -> core::slice::ChunksExactMut<'_, V> {
        self.data.chunks_exact_mut(self.stride)
    }
}
