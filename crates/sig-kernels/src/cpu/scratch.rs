//! Scratch memory that a thread keeps from call to call: to ask the system for new pages each time
//! would cost more than a small signature does.
//!
//! It is thread-local and not a pool that threads share, because it is taken and given back several
//! times per part: a shared pool would need a lock, or atomics that move cache lines between cores,
//! each time, and would hand a thread memory that lies in another core's cache. What a thread keeps
//! is bounded, and freed when the thread ends.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::{Pod, Zeroable};

/// As aligned as any vector.
#[repr(C, align(64))]
#[derive(Clone, Copy, Zeroable, Pod)]
struct Line([u8; 64]);

/// Lines that a thread keeps at most: 16 MiB.
const MOST_KEPT: usize = 1 << 18;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Kept { free: Vec::new(), lines: 0 }) };
}

struct Kept {
    free: Vec<Vec<Line>>,
    lines: usize,
}

impl Kept {
    /// The tightest of those that are large enough, or a new one.
    fn take(&mut self, lines: usize) -> Vec<Line> {
        let fitting = self
            .free
            .iter()
            .enumerate()
            .filter(|(_, free)| free.len() >= lines);
        match fitting.min_by_key(|(_, free)| free.len()) {
            Some((index, _)) => {
                let taken = self.free.swap_remove(index);
                self.lines -= taken.len();
                taken
            }
            None => vec![Line::zeroed(); lines],
        }
    }

    fn give_back(&mut self, lines: Vec<Line>) {
        if self.lines + lines.len() <= MOST_KEPT {
            self.lines += lines.len();
            self.free.push(lines);
        }
    }
}

/// Vectors with whatever an earlier use left in them.
pub(super) struct Scratch<V> {
    lines: Vec<Line>,
    count: usize,
    of: PhantomData<V>,
}

impl<V: Pod> Scratch<V> {
    pub(super) fn new(count: usize) -> Self {
        let lines = (count * size_of::<V>()).div_ceil(size_of::<Line>());
        Self {
            lines: KEPT.with_borrow_mut(|kept| kept.take(lines)),
            count,
            of: PhantomData,
        }
    }

    pub(super) fn filled(count: usize, value: V) -> Self {
        let mut scratch = Self::new(count);
        scratch.fill(value);
        scratch
    }

    pub(super) fn copy_of(vectors: &[V]) -> Self {
        let mut scratch = Self::new(vectors.len());
        scratch.copy_from_slice(vectors);
        scratch
    }
}

impl<V: Pod> Deref for Scratch<V> {
    type Target = [V];

    fn deref(&self) -> &[V] {
        let bytes: &[u8] = bytemuck::cast_slice(&self.lines);
        bytemuck::cast_slice(&bytes[..self.count * size_of::<V>()])
    }
}

impl<V: Pod> DerefMut for Scratch<V> {
    fn deref_mut(&mut self) -> &mut [V] {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.lines);
        bytemuck::cast_slice_mut(&mut bytes[..self.count * size_of::<V>()])
    }
}

impl<V> Drop for Scratch<V> {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        // At the end of a thread there is nobody to keep them for.
        let _ = KEPT.try_with(|kept| kept.borrow_mut().give_back(lines));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_used_again() {
        let first = Scratch::<f64>::filled(1000, 1.0).as_ptr();
        let again = Scratch::<f32>::new(1500);
        assert_eq!(again.as_ptr().cast(), first);
        assert_eq!(again.len(), 1500);
        assert_eq!(Scratch::<f64>::new(0).len(), 0);
    }
}
