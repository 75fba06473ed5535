//! One path at a time, with words in the lanes, for paths that do not fill vectors.
//!
//! The signature is made from the end of the path to its beginning, `S ← exp(z) ⊗ S`, by the
//! mirrored Horner step. With `i` the first letter of a word, and `h_k(w)` the partial sum of `w`
//! on the way to level `k`,
//!
//! ```text
//! h_k(iw) = S(iw) + h_k(w) z[i] / (k − j)      w of j letters, k = j+2 … N
//! S(iw)  += h_{j+1}(w) z[i]
//! ```
//!
//! In C order the words `iw` of one `i` lie one after another, and so do the `w`: a vector holds
//! words that follow each other, whatever the number of channels, and what a step multiplies them
//! with is one number. A chunk of steps goes through a level before it goes through the next. The
//! terms of a level stay in registers over the chunk; the top level, where most of the work is, is
//! a matrix product over its steps.
//!
//! A row of a level, the words with one first letter, mostly ends within a vector. The rest of that
//! vector is of no use, and is written over the next row before that is written.
//!
//! The gradient goes over the steps in the other order, from the beginning of the path to its end.

mod adjoint;
mod backward;
mod extend;
mod forward;
mod increments;
mod levels;
mod paths;
mod stream;

#[cfg(test)]
mod tests;

pub(crate) use paths::{Paths, step_cost, stream_gradient_step_cost, stream_step_cost};
