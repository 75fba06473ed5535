//! The signature of a queue of steps, as two stacks.

use crate::{Algebra, Real};

/// The steps in front are kept as the signatures from each of them to the middle, those behind as
/// one signature from the middle on. A step that comes in is one Horner step at the end; when the
/// front is used up, what is behind becomes the front, one Horner step per step.
#[derive(Clone, Debug)]
pub(super) struct Stacks<T> {
    /// The signature from each step before the middle to the middle, that of the first one last.
    front: Vec<Vec<T>>,
    /// The signature from the middle to the end.
    back: Vec<T>,
}

impl<T: Real> Stacks<T> {
    /// Without steps, from the signature of a point.
    pub(super) fn new(nothing: Vec<T>) -> Self {
        Self {
            front: Vec::new(),
            back: nothing,
        }
    }

    /// Adds a step at the end.
    pub(super) fn push(&mut self, z: &[T], algebra: &mut Algebra<T>) {
        algebra.append(&mut self.back, z);
    }

    /// Forgets the first step. `increments` are those of all steps within, from the last to the
    /// first.
    pub(super) fn pop(
        &mut self,
        increments: impl Iterator<Item = Vec<T>>,
        algebra: &mut Algebra<T>,
    ) {
        if self.front.is_empty() {
            let mut signature = algebra.unit();
            for z in increments {
                algebra.prepend(&mut signature, &z);
                self.front.push(signature.clone());
            }
            self.back.fill(T::default());
        }
        self.front.pop();
    }

    /// The signature of all steps.
    pub(super) fn signature(&self, algebra: &Algebra<T>) -> Vec<T> {
        match self.front.last() {
            Some(front) => algebra.product(front, &self.back),
            None => self.back.clone(),
        }
    }
}
