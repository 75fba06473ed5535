use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn_cubecl::CubeBackend;

use super::call::Call;
use crate::limits::fits_cube;
use crate::{SignatureMethod, SignatureOps, SignatureParams, SignatureStates, portable};

impl SignatureOps for CubeBackend {
    fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
        let params = params.within(fits_cube, &path.shape());
        match params.method {
            SignatureMethod::Fused => Call::new(path, params).signature(),
            _ => portable::signature::<Self>(path, None, params),
        }
    }

    fn signature_backward(
        path: FloatTensor<Self>,
        output_gradient: FloatTensor<Self>,
        params: SignatureParams,
    ) -> FloatTensor<Self> {
        let params = params.within(fits_cube, &path.shape());
        match params.method {
            SignatureMethod::Fused => Call::new(path, params).gradient(output_gradient),
            _ => portable::gradient::<Self>(path, None, output_gradient, params).0,
        }
    }
}

impl SignatureStates for CubeBackend {}
