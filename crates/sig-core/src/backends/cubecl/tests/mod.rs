//! On a device that computes, and on one that need not be there.

#[cfg(feature = "flex")]
mod cuts;
pub(super) mod paper;
#[cfg(all(feature = "flex", feature = "autodiff"))]
mod refused;
#[cfg(feature = "kernel-sources")]
mod sources;
#[cfg(all(feature = "wgpu", feature = "flex", feature = "autodiff"))]
mod waves;
