//! Brackets of matrices.

use std::collections::HashMap;

use burn::tensor::Tensor;
use sig_core::words::{Bracket, lyndon_brackets};

use crate::ragged::places;

/// The matrices of all Lyndon brackets up to a depth, `[n, blocks, k, k]`, from those of the channels,
/// `[channels, blocks, k, k]`: `[u, v] ↦ A_v A_u − A_u A_v`.
///
/// The order turns round since the field of a letter is applied to the state: along a word the last
/// letter comes leftmost. A level takes two products, whatever its size.
pub(crate) fn bracket_matrices(matrices: Tensor<4>, depth: usize) -> Tensor<4> {
    let channels = matrices.dims()[0];
    let brackets = lyndon_brackets(channels, depth);
    let mut place = HashMap::new();
    let mut all = matrices;
    let mut of_level: Vec<[usize; 2]> = Vec::new();
    let mut level = 1;
    for (index, bracket) in brackets.iter().enumerate() {
        let length = bracket.letters().len();
        if length > level {
            all = with_level(all, &of_level);
            (level, of_level) = (length, Vec::new());
        }
        if let Bracket::Pair(left, right) = bracket {
            of_level.push([place[&**left], place[&**right]]);
        }
        place.insert(bracket.clone(), index);
    }
    with_level(all, &of_level)
}

/// The matrices with the brackets of pairs among them behind.
fn with_level(all: Tensor<4>, pairs: &[[usize; 2]]) -> Tensor<4> {
    if pairs.is_empty() {
        return all;
    }
    let side = |side: usize| {
        let chosen = places(pairs.iter().map(|pair| pair[side]).collect(), &all.device());
        all.clone().select(0, chosen)
    };
    let (left, right) = (side(0), side(1));
    let brackets = right.clone().matmul(left.clone()) - left.matmul(right);
    Tensor::cat(vec![all, brackets], 0)
}
