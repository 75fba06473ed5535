//! Signatures and log-signatures that are given as tensors `[batch, terms]`.

use burn::tensor::Tensor;

use crate::devices::assert_enabled;
use crate::logsignatures::LogSignatureBasis;
use crate::signatures::SignatureSpec;

/// Checks that the last axis of a tensor holds the terms of a signature.
#[track_caller]
pub(crate) fn check_signature<const D: usize>(
    operation: &str,
    name: &str,
    tensor: &Tensor<D>,
    spec: SignatureSpec,
) {
    check_terms(operation, name, tensor, spec.terms(), "terms", spec);
}

/// Checks that the last axis of a tensor holds the coordinates of a log-signature.
#[track_caller]
pub(crate) fn check_logsignature<const D: usize>(
    operation: &str,
    name: &str,
    tensor: &Tensor<D>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) {
    let terms = basis.terms(spec.channels(), spec.depth());
    let what = format!("coordinates in the basis {basis:?}");
    check_terms(operation, name, tensor, terms, &what, spec);
}

#[track_caller]
fn check_terms<const D: usize>(
    operation: &str,
    name: &str,
    tensor: &Tensor<D>,
    terms: usize,
    what: &str,
    spec: SignatureSpec,
) {
    assert_enabled(operation, &tensor.device());
    let dims = tensor.dims();
    let hint = match dims[D - 1] == terms + 1 && terms == spec.terms() {
        true => "; is the first the scalar term? narrow the axis to those behind it",
        false => "",
    };
    assert!(
        dims[D - 1] == terms,
        "{operation}: {name} must have {terms} {what} on its last axis ({} channels at depth {}), \
         got {} (axis {} of {dims:?}){hint}",
        spec.channels(),
        spec.depth(),
        dims[D - 1],
        D - 1,
    );
}

/// Checks that two operands have the same batch and dtype.
#[track_caller]
pub(crate) fn check_pair(
    operation: &str,
    (first_name, first): (&str, &Tensor<2>),
    (second_name, second): (&str, &Tensor<2>),
) {
    assert!(
        first.dims()[0] == second.dims()[0],
        "{operation}: {first_name} and {second_name} must have the same batch (axis 0), \
         got {} and {}",
        first.dims()[0],
        second.dims()[0]
    );
    assert!(
        first.dtype() == second.dtype(),
        "{operation}: {first_name} and {second_name} must have the same dtype, got {:?} and {:?}",
        first.dtype(),
        second.dtype()
    );
}
