//! Rotational invariants of plane paths.

use std::sync::Arc;

use burn::tensor::Tensor;
use sig_core::signatures::{RotationBasis, RotationInvariants, rotation_invariants};

use super::algebra::Algebra;
use super::cases::{Case, plain};
use super::fields::Fields;
use crate::support::tensors::Array;

/// All invariants, those that are products of others, and how many there are of each kind.
pub(super) fn invariants(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    use RotationBasis::{All, Independent, Products};
    let call = plain(fields, "path")?;
    let (batch, length) = (call.path.shape[0], call.path.shape[1]);
    let of = |basis| RotationInvariants::new(call.depth, basis);
    let counts = fields.indices("counts", 1)?;
    let got = [All, Independent, Products].map(|basis| of(basis).len());
    if counts != got {
        return Err(format!(
            "there are {got:?} invariants, \"counts\" has {counts:?}"
        ));
    }
    let numbers = Array::new([batch, 2 * length], call.path.values.clone());
    for (basis, field) in [
        (All, "rotation_invariants"),
        (Products, "rotation_products"),
    ] {
        let invariants = of(basis);
        let mut levels: Vec<_> = Vec::new();
        for level in (2..=call.depth).step_by(2) {
            let start = levels
                .last()
                .map_or(0, |(_, last): &(_, std::ops::Range<usize>)| last.end);
            levels.push((level, start..start + invariants.coefficients(level).len()));
        }
        case.algebra.push(Algebra {
            label: field.into(),
            inputs: vec![numbers.clone(), numbers.clone()],
            pieces: None,
            levels,
            want: fields.array_like(field, &[batch, invariants.len()])?,
            gradients: None,
            operation: Arc::new(move |[path, _]: [Tensor<2>; 2]| {
                rotation_invariants(path.reshape([batch, length, 2]), &invariants)
            }),
        });
    }
    Ok(())
}
