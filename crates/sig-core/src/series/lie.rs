//! Coordinates of Lie elements: from the terms at words, and back.

use burn::tensor::Tensor;
use sig_kernels::lyndon::{LieMap, lyndon_places};

use super::{nothing, places};
use crate::operation::{ChangeBasis, Operation};
use crate::ops::forward;
use crate::{LogSignatureBasis, SignatureSpec};

/// Coordinates `[rows, n]` in a basis from the terms at the Lyndon words, `[rows, n]`.
pub(crate) fn to_coordinates(
    at_lyndon: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    mapped(at_lyndon, spec, basis, LieMap::ToBasis)
}

/// The terms at the Lyndon words, `[rows, n]`, of a Lie element from its coordinates `[rows, n]`.
pub(crate) fn at_lyndon(
    coordinates: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    if basis == LogSignatureBasis::Expand {
        let words = lyndon_places(spec).words.clone();
        let words = places(words, &coordinates.device());
        return coordinates.select(1, words);
    }
    mapped(coordinates, spec, basis, LieMap::ToLyndon)
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
    mapped(coordinates, spec, basis, LieMap::ToWords)
}

fn mapped(
    element: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
    map: LieMap,
) -> Tensor<2> {
    // Known without the matrices, which take seconds to make at great depth.
    if basis == LogSignatureBasis::Words && map != LieMap::ToWords {
        return element;
    }
    let operation = ChangeBasis { spec, basis, map };
    if element.dims()[0] == 0 {
        let shape = operation.output(&element.shape());
        return nothing(element, shape);
    }
    if operation.change().matrix(map).is_identity() {
        return element;
    }
    Tensor::from_dispatch(forward(operation, [element.into_dispatch()]))
}
