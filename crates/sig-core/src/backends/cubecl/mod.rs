//! Kernels for every CubeCL runtime: one launch per signature, or two where few paths are cut into
//! segments, and two or four for its gradient.

mod call;
mod device;
mod kernels;
mod launch;
mod ops;
mod plan;
#[cfg(test)]
mod tests;
mod wave;

pub(crate) use call::Call;
pub(crate) use wave::WaveCall;
