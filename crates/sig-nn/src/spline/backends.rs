//! Where a backend evaluates splines in its own way, or takes the portable bodies.

#[cfg(any(feature = "fusion-backend", feature = "router"))]
use {
    super::custom::{Basis, BasisBackward},
    super::{SplineOps, SplineParams, portable},
    burn::backend::tensor::FloatTensor,
    sig_core::custom::record,
};

#[cfg(feature = "cubecl-backend")]
impl super::SplineOps for burn_cubecl::CubeBackend {}

#[cfg(feature = "ndarray")]
impl super::SplineOps for burn::backend::NdArray {}

/// A remote device, or one that captures a graph: the basis is one operation.
#[cfg(feature = "router")]
impl<C: burn_router::RouterChannel> SplineOps for burn_router::BackendRouter<C> {
    fn spline_basis(positions: FloatTensor<Self>, params: SplineParams) -> FloatTensor<Self> {
        let [basis] = record::<Self, Basis, _, _>([positions], params);
        basis
    }

    fn spline_basis_backward(
        positions: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SplineParams,
    ) -> FloatTensor<Self> {
        let [positions] = record::<Self, BasisBackward, _, _>([positions, output_gradient], params);
        positions
    }
}

/// On the way to a server one operation; else primitives, which fuse as any chain of tensor operations
/// does.
#[cfg(feature = "fusion-backend")]
impl<B: burn_fusion::FusionBackend + SplineOps + sig_core::custom::SendsOn> SplineOps
    for burn_fusion::Fusion<B>
{
    fn spline_basis(positions: FloatTensor<Self>, params: SplineParams) -> FloatTensor<Self> {
        if !B::SENDS_ON {
            return portable::basis::<Self>(positions, params);
        }
        let [basis] = record::<Self, Basis, _, _>([positions], params);
        basis
    }

    fn spline_basis_backward(
        positions: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SplineParams,
    ) -> FloatTensor<Self> {
        if !B::SENDS_ON {
            return portable::gradient::<Self>(positions, output_gradient, params);
        }
        let [positions] = record::<Self, BasisBackward, _, _>([positions, output_gradient], params);
        positions
    }
}
