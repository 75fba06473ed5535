//! Backends that describe operations instead of executing them.

/// The methods of [`SignatureOps`](crate::SignatureOps): a fused signature is one operation; of the
/// portable methods each primitive is, as of any chain of tensor operations. `whole` says whether what
/// has kernels on the CPU alone, windows and the algebra, is one operation, too.
macro_rules! recorded {
    (whole: $whole:expr) => {
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

        fn signature_windows(
            path: FloatTensor<Self>,
            params: SignatureWindowsParams,
        ) -> FloatTensor<Self> {
            if params.method != crate::SignatureMethod::Fused || !$whole {
                return crate::portable::signature_windows::<Self>(path, params);
            }
            let [windows] = record::<Self, Windows, _, _>([path], params);
            windows
        }

        fn signature_windows_backward(
            path: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            params: SignatureWindowsParams,
        ) -> FloatTensor<Self> {
            if params.method != crate::SignatureMethod::Fused || !$whole {
                return crate::portable::signature_windows_gradient::<Self>(
                    path,
                    output_gradient,
                    params,
                );
            }
            let inputs = [path, output_gradient];
            let [path] = record::<Self, WindowsBackward, _, _>(inputs, params);
            path
        }

        fn tensor_product(
            a: FloatTensor<Self>,
            b: FloatTensor<Self>,
            params: AlgebraParams,
        ) -> FloatTensor<Self> {
            if !$whole {
                return crate::portable::product::<Self>(a, b, params);
            }
            let [product] = record::<Self, Product, _, _>([a, b], params);
            product
        }

        fn tensor_product_backward(
            a: FloatTensor<Self>,
            b: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            params: AlgebraParams,
        ) -> (FloatTensor<Self>, FloatTensor<Self>) {
            if !$whole {
                return crate::portable::product_gradient::<Self>(a, b, output_gradient, params);
            }
            let inputs = [a, b, output_gradient];
            let [a, b] = record::<Self, ProductBackward, _, _>(inputs, params);
            (a, b)
        }

        fn power_series(
            element: FloatTensor<Self>,
            series: PowerSeries,
            params: AlgebraParams,
        ) -> FloatTensor<Self> {
            if !$whole {
                return crate::portable::power_series::<Self>(element, series, params);
            }
            let [series] = record::<Self, Series, _, _>([element], Power(series, params));
            series
        }

        fn power_series_backward(
            element: FloatTensor<Self>,
            output_gradient: FloatTensor<Self>,
            series: PowerSeries,
            params: AlgebraParams,
        ) -> FloatTensor<Self> {
            if !$whole {
                return crate::portable::power_series_gradient::<Self>(
                    element,
                    output_gradient,
                    series,
                    params,
                );
            }
            let inputs = [element, output_gradient];
            let params = Power(series, params);
            let [element] = record::<Self, SeriesBackward, _, _>(inputs, params);
            element
        }
    };
}
pub(super) use recorded;
