use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn_cubecl::CubeBackend;

use super::call::Call;
use crate::limits::fits_cube;
use crate::{SignatureMethod, SignatureOps, SignatureParams, SignatureStates, portable};

impl SignatureOps for CubeBackend {
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        let params = params.within(fits_cube, &path.shape());
        match params.method {
            SignatureMethod::Fused => Call::new(path, None, params).signature(),
            _ => portable::signature::<Self>(path, None, params),
        }
    }

    fn signature_from(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        let params = params.within(fits_cube, &path.shape());
        match params.method {
            SignatureMethod::Fused => Call::new(path, Some(initial), params).signature(),
            _ => portable::signature::<Self>(path, Some(initial), params),
        }
    }

    fn signature_backward(
        path: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        let params = params.within(fits_cube, &path.shape());
        match params.method {
            SignatureMethod::Fused => Call::new(path, None, params).gradient(output_gradient).0,
            _ => portable::gradient::<Self>(path, None, output_gradient, params).0,
        }
    }

    fn signature_from_backward(
        path: FloatTensor<Self>,
        initial: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let params = params.within(fits_cube, &path.shape());
        let (path, initial) = match params.method {
            SignatureMethod::Fused => {
                Call::new(path, Some(initial), params).gradient(output_gradient)
            }
            _ => portable::gradient::<Self>(path, Some(initial), output_gradient, params),
        };
        (path, initial.expect("the gradient of what was given"))
    }
}

impl SignatureStates for CubeBackend {}
