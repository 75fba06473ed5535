//! Coordinates of Lie elements: from the terms at words, and back.

use burn::tensor::{IndexingUpdateOp, Tensor};
use sig_kernels::lyndon::{Entries, SparseMatrix, change_of_basis, lyndon_places};

use super::{constants, nothing, places};
use crate::{LogSignatureBasis, SignatureSpec};

/// Coordinates `[rows, n]` in a basis from the terms at the Lyndon words, `[rows, n]`.
pub(crate) fn to_coordinates(
    at_lyndon: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    // Known without the matrices, which take seconds to make at great depth.
    if basis == LogSignatureBasis::Words {
        return at_lyndon;
    }
    times(&change_of_basis(spec, basis).to_basis, at_lyndon)
}

/// The terms at the Lyndon words, `[rows, n]`, of a Lie element from its coordinates `[rows, n]`.
pub(crate) fn at_lyndon(
    coordinates: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    match basis {
        LogSignatureBasis::Words => coordinates,
        LogSignatureBasis::Expand => {
            let words = lyndon_places(spec).words.clone();
            let words = places(words, &coordinates.device());
            coordinates.select(1, words)
        }
        _ => times(&change_of_basis(spec, basis).to_lyndon, coordinates),
    }
}

/// All terms `[rows, terms]` of a Lie element from its coordinates `[rows, n]` in a basis.
pub(crate) fn from_coordinates(
    coordinates: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    if basis == LogSignatureBasis::Expand {
        return coordinates;
    }
    times(&change_of_basis(spec, basis).to_words, coordinates)
}

/// The product of a sparse matrix with each row.
fn times(matrix: &SparseMatrix, input: Tensor<2>) -> Tensor<2> {
    let [rows, _] = input.dims();
    let (device, dtype) = (input.device(), input.dtype());
    if rows == 0 {
        return nothing(input, [0, matrix.rows]);
    }
    if matrix.is_identity() {
        return input;
    }
    // What is chosen and added up are numbers of all rows, which lie side by side.
    let input = input.transpose();
    let products = |sources: &[usize], values: &[i64]| {
        let chosen = input
            .clone()
            .select(0, places(sources.iter().copied(), &device));
        if values.iter().all(|&value| value == 1) {
            return chosen;
        }
        let values: Vec<f64> = values.iter().map(|&value| value as f64).collect();
        let shape = [values.len(), 1];
        chosen * constants(values, shape, (&device, dtype))
    };
    let Entries {
        sources, values, ..
    } = &matrix.first;
    let mut output = match sources.is_empty() {
        true => Tensor::zeros([matrix.rows, rows], (&device, dtype)),
        false => products(sources, values),
    };
    // In parts, so that the products never take more memory than the output does.
    let Entries {
        targets,
        sources,
        values,
    } = &matrix.rest;
    let part = matrix.rows;
    let parts = targets.chunks(part).zip(sources.chunks(part));
    for ((targets, sources), values) in parts.zip(values.chunks(part)) {
        let targets = places(targets.iter().copied(), &device);
        let products = products(sources, values);
        output = output.select_assign(0, targets, products, IndexingUpdateOp::Add);
    }
    output.transpose()
}
