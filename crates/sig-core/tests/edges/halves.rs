//! Halves are computed in f32: the result is that of f32 at the same numbers, rounded once.

use burn::tensor::{DType, Tensor};
use sig_core::algebra::{
    multi_signature_combine, shuffle_product, signature_combine, signature_inner_product,
    signature_inverse, signature_scale, tensor_exp, tensor_log,
};
use sig_core::logsignatures::LogSignatureBasis::{Brackets, Hall, Words};
use sig_core::logsignatures::{
    logsignature_combine, logsignature_to_signature, signature_to_logsignature,
};
use sig_core::signatures::SignatureSpec;

use crate::support::engines::targets;
use crate::support::tensors::Array;

/// A function of two tensors, applied to halves and to the same numbers in f32.
fn same(terms: usize, function: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<2>) {
    for target in targets() {
        let halves = target.dtypes().into_iter();
        for dtype in halves.filter(|dtype| matches!(dtype, DType::F16 | DType::BF16)) {
            let numbers = |seed: f64| {
                let values = (0..2 * terms).map(|i| (seed * (i + 1) as f64).sin() / 2.0);
                Array::new([2, terms], values.collect()).rounded(dtype)
            };
            let in_dtype = |dtype| {
                let tensor = |seed| numbers(seed).tensor::<2>(&target.device, dtype);
                let result = function(tensor(0.7), tensor(1.3));
                assert_eq!(result.dtype(), dtype);
                Array::from(result)
            };
            assert_eq!(in_dtype(dtype), in_dtype(DType::F32).rounded(dtype));
        }
    }
}

#[test]
fn products_and_functions_of_signatures() {
    // Three channels at depth 3.
    let spec = SignatureSpec::new(3, 3);
    same(39, |a, b| signature_combine(a, b, spec));
    same(39, |a, b| {
        multi_signature_combine(vec![a.clone(), b, a], spec)
    });
    same(39, |a, _| signature_inverse(a, spec));
    same(39, |a, _| signature_scale(a, 1.7, spec));
    same(39, |a, _| tensor_exp(a, spec));
    same(39, |a, _| tensor_log(a, spec));
    same(39, |a, b| shuffle_product(a, b, spec));
    same(39, |a, b| signature_inner_product(a, b).reshape([2, 1]));
}

#[test]
fn log_signatures() {
    let spec = SignatureSpec::new(3, 3);
    for basis in [Words, Brackets, Hall] {
        same(39, |a, _| signature_to_logsignature(a, spec, basis));
        same(14, |a, _| logsignature_to_signature(a, spec, basis));
        same(14, |a, b| logsignature_combine(a, b, spec, basis));
    }
}
