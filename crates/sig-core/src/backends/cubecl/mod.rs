//! Kernels for every CubeCL runtime: one launch a signature, or two where few paths are cut into
//! segments, and two or four for its gradient.

#[cfg(feature = "cubecl-backend")]
mod call;
mod cost;
#[cfg(feature = "cubecl-backend")]
mod device;
#[cfg(feature = "cubecl-backend")]
mod kernels;
#[cfg(feature = "cubecl-backend")]
mod launch;
#[cfg(feature = "cubecl-backend")]
mod ops;
#[cfg(all(test, feature = "cubecl-backend"))]
mod paper;
mod plan;
#[cfg(all(test, feature = "kernel-sources"))]
mod sources;
#[cfg(all(test, feature = "wgpu", feature = "flex"))]
mod tests;

pub use cost::FusedCost;
