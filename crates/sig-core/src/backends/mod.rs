//! One file a backend: where it computes operations in its own way.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cubecl-backend")]
pub(crate) mod cubecl;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "fusion-backend")]
mod fusion;
#[cfg(feature = "host-backend")]
pub(crate) mod host;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "router")]
mod router;
