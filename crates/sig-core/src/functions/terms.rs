//! Parts of signatures.

use burn::tensor::Tensor;

use super::operand::spec_of;

/// The term of one word, `∫ dx^{i1} … dx^{ik}`.
///
/// # Arguments
///
/// - `signature`: a signature or a stream, without scalar term.
/// - `word`: the letters of the term, counted from 0.
/// - `channels`, `depth`: those of the signature.
///
/// # Shapes
///
/// - signature: `[.., terms]`
/// - output: `[.., 1]`
///
/// # Panics
///
/// If the last axis is not that of a signature of so many channels and that depth, or the word is
/// not one of its words.
#[track_caller]
pub fn extract_signature_term<const D: usize>(
    signature: Tensor<D>,
    word: &[usize],
    channels: usize,
    depth: usize,
) -> Tensor<D> {
    const OPERATION: &str = "extract_signature_term";
    let spec = spec_of(OPERATION, ("signature", &signature), channels, depth);
    let is_one = (1..=depth).contains(&word.len()) && word.iter().all(|&letter| letter < channels);
    assert!(
        is_one,
        "{OPERATION}: a word has 1 to {depth} letters (the depth), each less than {channels} (the \
         channels), got {word:?}"
    );
    signature.narrow(D as i64 - 1, spec.word_index(word), 1)
}

/// One level: the terms of all words of so many letters.
///
/// # Arguments
///
/// - `signature`: a signature or a stream, without scalar term.
/// - `level`: from 1 to the depth.
/// - `channels`, `depth`: those of the signature.
///
/// # Shapes
///
/// - signature: `[.., terms]`
/// - output: `[.., channels^level]`
///
/// # Panics
///
/// If the last axis is not that of a signature of so many channels and that depth, or there is no
/// such level.
#[track_caller]
pub fn extract_signature_level<const D: usize>(
    signature: Tensor<D>,
    level: usize,
    channels: usize,
    depth: usize,
) -> Tensor<D> {
    const OPERATION: &str = "extract_signature_level";
    let spec = spec_of(OPERATION, ("signature", &signature), channels, depth);
    assert!(
        (1..=depth).contains(&level),
        "{OPERATION}: level must be in 1..={depth} (the depth), got {level}"
    );
    let range = spec.level_range(level);
    signature.narrow(D as i64 - 1, range.start, range.len())
}
