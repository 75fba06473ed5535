//! Where a backend evaluates splines in its own way, or takes the portable bodies.

#[cfg(feature = "cubecl-backend")]
impl super::SplineOps for burn_cubecl::CubeBackend {}

#[cfg(feature = "ndarray")]
impl super::SplineOps for burn::backend::NdArray {}

#[cfg(feature = "remote")]
impl<C: burn_router::RouterChannel> super::SplineOps for burn_router::BackendRouter<C> {}
