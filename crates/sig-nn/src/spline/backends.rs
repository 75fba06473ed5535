//! Where a backend evaluates splines in its own way, or takes the portable bodies.

#[cfg(feature = "cubecl-backend")]
impl super::SplineOps for burn_cubecl::CubeBackend {}

/// Fuses as any chain of tensor operations does.
#[cfg(feature = "fusion-backend")]
impl<B: burn_fusion::FusionBackend + super::SplineOps> super::SplineOps for burn_fusion::Fusion<B> {}

#[cfg(feature = "ndarray")]
impl super::SplineOps for burn::backend::NdArray {}

#[cfg(feature = "remote")]
impl<C: burn_router::RouterChannel> super::SplineOps for burn_router::BackendRouter<C> {}
