//! Options that do not match the path: messages that name the option, and both sizes or dtypes.

use burn::tensor::{DType, Tensor};
use sig_core::signatures::{Basepoint, SignatureOptions, signature_stream_with, signature_with};

use super::panics::assert_panics;
use crate::support::engines::{Target, targets};

/// Checks both functions on a path `[2, 4, 3]` of f32 at depth 2.
fn refused(target: &Target, options: &SignatureOptions, parts: &[&str]) {
    let path = Tensor::<3>::zeros([2, 4, 3], (&target.device, DType::F32));
    let named = |name| [&[name], parts].concat();
    assert_panics(&named("signature:"), || {
        signature_with(path.clone(), 2, options)
    });
    assert_panics(&named("signature_stream:"), || {
        signature_stream_with(path, 2, options)
    });
}

fn matrix(target: &Target, shape: [usize; 2], dtype: DType) -> Tensor<2> {
    Tensor::zeros(shape, (&target.device, dtype))
}

#[test]
fn basepoint_of_another_shape_or_dtype() {
    for target in targets() {
        let with = |shape, dtype| {
            let point = matrix(&target, shape, dtype);
            SignatureOptions::new().with_basepoint(Basepoint::Point(point))
        };
        let expected = "basepoint must have the shape [batch, channels] = [2, 3]";
        refused(
            &target,
            &with([2, 2], DType::F32),
            &[expected, "got [2, 2]"],
        );
        refused(
            &target,
            &with([1, 3], DType::F32),
            &[expected, "got [1, 3]"],
        );
        for dtype in target
            .dtypes()
            .into_iter()
            .filter(|&dtype| dtype != DType::F32)
        {
            let got = format!("F32, got {dtype:?}");
            refused(
                &target,
                &with([2, 3], dtype),
                &["basepoint must have the dtype", &got],
            );
        }
    }
}

#[test]
fn initial_of_another_shape_or_dtype() {
    for target in targets() {
        let with =
            |shape, dtype| SignatureOptions::new().with_initial(matrix(&target, shape, dtype));
        let expected = "initial must have the shape [batch, terms] = [2, 12]";
        let sizes = "3 channels at depth 2";
        refused(
            &target,
            &with([2, 13], DType::F32),
            &[expected, sizes, "got [2, 13]"],
        );
        refused(
            &target,
            &with([3, 12], DType::F32),
            &[expected, sizes, "got [3, 12]"],
        );
        let scalar = with([2, 12], DType::F32).with_scalar_term(true);
        refused(
            &target,
            &scalar,
            &["[2, 13]", "with the scalar term", "got [2, 12]"],
        );
        for dtype in target
            .dtypes()
            .into_iter()
            .filter(|&dtype| dtype != DType::F32)
        {
            let got = format!("F32, got {dtype:?}");
            refused(
                &target,
                &with([2, 12], dtype),
                &["initial must have the dtype", &got],
            );
        }
    }
}
