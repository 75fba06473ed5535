//! Parts of signatures.

use burn::tensor::Tensor;

use crate::check::check_signature;
use crate::signatures::SignatureSpec;

/// The term of one word, `∫ dx^{i1} … dx^{ik}`.
///
/// # Arguments
///
/// - `signature`: a signature or a stream, without scalar term.
/// - `word`: the letters of the term, counted from 0.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[.., terms]`
/// - output: `[.., 1]`
///
/// # Panics
///
/// If the last axis is not that of such a signature, or the word is not one of its words.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::{SignatureSpec, extract_signature_term, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let terms = signature(path, 2);
/// let term = extract_signature_term(terms, &[0, 1], SignatureSpec::new(2, 2)).into_data();
/// assert_eq!(term.try_to_vec::<f32>().unwrap(), [1.]);
/// ```
#[track_caller]
pub fn extract_signature_term<const D: usize>(
    signature: Tensor<D>,
    word: &[usize],
    spec: SignatureSpec,
) -> Tensor<D> {
    const OPERATION: &str = "extract_signature_term";
    check_signature(OPERATION, "signature", &signature, spec);
    let (channels, depth) = (spec.channels(), spec.depth());
    let is_one = (1..=depth).contains(&word.len()) && word.iter().all(|&letter| letter < channels);
    assert!(
        is_one,
        "{OPERATION}: a word has 1 to {depth} letters (the depth), each less than {channels} (the \
         channels), got {word:?}"
    );
    signature.narrow(D as i64 - 1, spec.word_index(word), 1)
}

/// One level: the terms of all words with `level` letters.
///
/// # Arguments
///
/// - `signature`: a signature or a stream, without scalar term.
/// - `level`: from 1 to the depth.
/// - `spec`: the channels and the depth of the signature.
///
/// # Shapes
///
/// - signature: `[.., terms]`
/// - output: `[.., channels^level]`
///
/// # Panics
///
/// If the last axis is not that of such a signature, or there is no such level.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::{SignatureSpec, extract_signature_level, signature};
///
/// let device = Device::flex();
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &device);
/// let terms = signature(path, 2);
/// let level = extract_signature_level(terms, 2, SignatureSpec::new(2, 2)).into_data();
/// assert_eq!(level.try_to_vec::<f32>().unwrap(), [0.5, 1., 0., 0.5]);
/// ```
#[track_caller]
pub fn extract_signature_level<const D: usize>(
    signature: Tensor<D>,
    level: usize,
    spec: SignatureSpec,
) -> Tensor<D> {
    const OPERATION: &str = "extract_signature_level";
    check_signature(OPERATION, "signature", &signature, spec);
    let depth = spec.depth();
    assert!(
        (1..=depth).contains(&level),
        "{OPERATION}: level must be in 1..={depth} (the depth), got {level}"
    );
    let range = spec.level_range(level);
    signature.narrow(D as i64 - 1, range.start, range.len())
}
