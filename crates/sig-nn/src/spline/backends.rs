//! Where a backend evaluates splines in its own way, or takes the portable bodies.

#[cfg(any(feature = "fusion-backend", feature = "router"))]
use {
    super::custom::{Linear, LinearBackward},
    super::{SplineOps, SplineParams, portable},
    burn::backend::tensor::FloatTensor,
    sig_core::custom::record,
};

#[cfg(feature = "cubecl-backend")]
impl super::SplineOps for burn_cubecl::CubeBackend {}

#[cfg(feature = "ndarray")]
impl super::SplineOps for burn::backend::NdArray {}

/// The methods of a backend that describes operations instead of executing them: one operation each if
/// `whole`, else primitives.
#[cfg(any(feature = "fusion-backend", feature = "router"))]
macro_rules! recorded {
    (whole: $whole:expr) => {
        fn spline_linear(
            positions: FloatTensor<Self>,
            base: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            params: SplineParams,
        ) -> FloatTensor<Self> {
            if !$whole {
                return portable::linear::<Self>(positions, base, weight, params);
            }
            let [output] = record::<Self, Linear, _, _>([positions, base, weight], params);
            output
        }

        fn spline_linear_backward(
            positions: FloatTensor<Self>,
            base: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            params: SplineParams,
        ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
            if !$whole {
                return portable::gradients::<Self>(
                    positions,
                    base,
                    weight,
                    output_gradient,
                    params,
                );
            }
            let inputs = [positions, base, weight, output_gradient];
            record::<Self, LinearBackward, _, _>(inputs, params).into()
        }
    };
}

/// A remote device, or one that captures a graph.
#[cfg(feature = "router")]
impl<C: burn_router::RouterChannel> SplineOps for burn_router::BackendRouter<C> {
    recorded!(whole: true);
}

/// On the way to a server one operation; else primitives, which fuse as any chain of tensor operations
/// does.
#[cfg(feature = "fusion-backend")]
impl<B: burn_fusion::FusionBackend + SplineOps + sig_core::custom::SendsOn> SplineOps
    for burn_fusion::Fusion<B>
{
    recorded!(whole: B::SENDS_ON);
}
