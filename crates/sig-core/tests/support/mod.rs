//! What the test targets of this crate share: the engines under test, tensors from plain numbers, a
//! reference on the host, and how far two results may be apart.
//!
//! Each target uses a part of it, hence the allowance for code that one of them leaves unused.
#![allow(dead_code)]

pub(crate) mod compare;
pub(crate) mod dual;
pub(crate) mod engines;
pub(crate) mod lie;
pub(crate) mod naive;
pub(crate) mod run;
pub(crate) mod scale;
#[cfg(all(feature = "remote", feature = "flex"))]
pub(crate) mod server;
pub(crate) mod tensors;
pub(crate) mod transform;
