//! Coordinates of Lie elements: from all terms of the tensor algebra, and back.

use burn::tensor::{DType, Device, Tensor};

use super::{constants, places};
use crate::{LogSignatureBasis, SignatureSpec};
use sig_kernels::lyndon::{Block, blocks};

/// Coordinates `[rows, n]` in a basis from the terms at the Lyndon words, `[rows, n]`.
pub(crate) fn to_coordinates(
    at_lyndon: Tensor<2>,
    spec: SignatureSpec,
    basis: LogSignatureBasis,
) -> Tensor<2> {
    if basis == LogSignatureBasis::Words {
        return at_lyndon;
    }
    let device = at_lyndon.device();
    let target = (&device, at_lyndon.dtype());
    let blocks = blocks(spec, basis);
    let lyndon = blocks.iter().flat_map(|block| block.lyndon.iter().copied());
    let values = at_lyndon.select(1, places(lyndon, &device));
    let coordinates = by_block(&blocks, values, |block, values| match block.is_identity() {
        true => values,
        false => values.matmul(transposed(&block.to_basis, block.size, target)),
    });
    let order = order(blocks.iter().flat_map(|block| &block.elements));
    coordinates.select(1, places(order, &device))
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
    let device = coordinates.device();
    let target = (&device, coordinates.dtype());
    if coordinates.dims()[0] == 0 {
        return Tensor::zeros([0, spec.terms()], target);
    }
    let blocks = blocks(spec, basis);
    let elements = blocks
        .iter()
        .flat_map(|block| block.elements.iter().copied());
    let values = coordinates.select(1, places(elements, &device));
    let terms = by_block(&blocks, values, |block, values| {
        values.matmul(transposed(&block.to_words, block.size, target))
    });
    // Words of one letter repeated are in no block: their terms are 0, put behind all others.
    let [rows, found] = terms.dims();
    let terms = Tensor::cat(vec![terms, Tensor::zeros([rows, 1], target)], 1);
    let mut order = vec![found; spec.terms()];
    let words = blocks.iter().flat_map(|block| &block.words);
    words
        .enumerate()
        .for_each(|(place, &word)| order[word] = place);
    terms.select(1, places(order, &device))
}

/// Applies a function to the values of each block, `[rows · classes, values of a class]`.
fn by_block(
    blocks: &[Block],
    values: Tensor<2>,
    function: impl Fn(&Block, Tensor<2>) -> Tensor<2>,
) -> Tensor<2> {
    let rows = values.dims()[0];
    let mut start = 0;
    let results = blocks.iter().map(|block| {
        let (width, classes) = (block.elements.len(), block.elements.len() / block.size);
        let part = values.clone().slice([0..rows, start..start + width]);
        start += width;
        let result = function(block, part.reshape([rows * classes, block.size]));
        let width = result.dims()[1] * classes;
        result.reshape([rows, width])
    });
    Tensor::cat(results.collect(), 1)
}

/// Where each place is found in a list of places.
fn order<'a>(places: impl Iterator<Item = &'a usize>) -> Vec<usize> {
    let mut found: Vec<(usize, usize)> = places.copied().zip(0..).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, found)| found).collect()
}

/// A matrix of `width` columns, as the right factor of a product with rows.
fn transposed(matrix: &[i64], width: usize, target: (&Device, DType)) -> Tensor<2> {
    let height = matrix.len() / width;
    let column = |j: usize| (0..height).map(move |i| matrix[i * width + j] as f64);
    constants(
        (0..width).flat_map(column).collect(),
        [width, height],
        target,
    )
}
