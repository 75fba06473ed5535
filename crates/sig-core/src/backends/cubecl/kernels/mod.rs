//! The kernels. `wave` and `cell` compute signature kernels, all other files signatures. In a kernel of
//! signatures work is shared out like this:
//!
//! A unit owns a block of the highest terms: the words `w r c` of a prefix `w` of `N − 2` letters,
//! `rows` letters `r` and `cols` letters `c`. Beside them it carries its own copy of the levels
//! below, the terms of the prefixes of `w` and of the words `w r`, so that no unit waits for
//! another within a step.

#![allow(
    clippy::collapsible_if,
    clippy::manual_is_multiple_of,
    reason = "branches of compile time and of run time stay apart, and kernels know `%` alone"
)]

mod adjoint;
mod backward;
mod cell;
mod chain;
mod finish;
mod forward;
mod products;
mod reduce;
mod state;
mod terms;
mod unit;
mod wave;
mod words;

pub(super) use backward::backward_kernel;
pub(super) use finish::finish_kernel;
pub(super) use forward::forward_kernel;
pub(super) use products::products_kernel;
pub(super) use wave::{wave_adjoint_kernel, wave_kernel};
