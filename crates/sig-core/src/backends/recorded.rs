//! Backends that describe operations instead of executing them.

/// The methods of [`SignatureOps`](crate::SignatureOps): a fused signature is one operation; of the
/// portable methods each primitive is, as of any chain of tensor operations.
macro_rules! recorded {
    () => {
        fn signature(path: FloatTensor<Self>, params: SignatureParams) -> FloatTensor<Self> {
            if params.method != crate::SignatureMethod::Fused {
                return crate::portable::signature::<Self>(path, None, params);
            }
            let [terms] = record::<Self, Signature, _, _>([path], params);
            terms
        }

        fn signature_from(
            path: FloatTensor<Self>,
            initial: FloatTensor<Self>,
            params: SignatureParams,
        ) -> FloatTensor<Self> {
            if params.method != crate::SignatureMethod::Fused {
                return crate::portable::signature::<Self>(path, Some(initial), params);
            }
            let [terms] = record::<Self, SignatureFrom, _, _>([path, initial], params);
            terms
        }

        fn signature_backward(
            path: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            params: SignatureParams,
        ) -> FloatTensor<Self> {
            if params.method != crate::SignatureMethod::Fused {
                return crate::portable::gradient::<Self>(path, None, output_gradient, params).0;
            }
            let inputs = [path, output_gradient];
            let [path] = record::<Self, SignatureBackward, _, _>(inputs, params);
            path
        }

        fn signature_from_backward(
            path: FloatTensor<Self>,
            initial: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            params: SignatureParams,
        ) -> (FloatTensor<Self>, FloatTensor<Self>) {
            if params.method != crate::SignatureMethod::Fused {
                let (path, initial) =
                    crate::portable::gradient::<Self>(path, Some(initial), output_gradient, params);
                return (path, initial.expect("the gradient of what was given"));
            }
            let inputs = [path, initial, output_gradient];
            let [path, initial] = record::<Self, SignatureFromBackward, _, _>(inputs, params);
            (path, initial)
        }
    };
}
pub(super) use recorded;
