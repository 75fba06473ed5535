//! One file a backend: where it computes signatures in its own way, or takes the portable bodies.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cubecl-backend")]
mod cubecl;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "fusion-backend")]
mod fusion;
#[cfg(feature = "host-backend")]
mod host;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(any(feature = "fusion-backend", feature = "router"))]
mod recorded;
#[cfg(feature = "router")]
mod router;
