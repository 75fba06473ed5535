//! The Lyndon words by their places among the terms of a signature, whole and cut in two.

use super::lyndon_words;
use crate::SignatureSpec;

/// Where Lyndon words and their parts lie among the terms of a signature. Words are by length, so
/// that those longer than some length come last.
pub struct LyndonPlaces {
    /// The words.
    pub words: Vec<usize>,
    /// At `i − 1` the cuts after `i` letters, of all words that are longer.
    pub splits: Vec<Split>,
}

/// Both parts of each word that is longer than a number of letters, cut after these.
pub struct Split {
    /// The first letters of each, so many.
    pub prefixes: Vec<usize>,
    /// The rest of each.
    pub suffixes: Vec<usize>,
}

impl LyndonPlaces {
    pub(super) fn new(spec: SignatureSpec) -> Self {
        let words = lyndon_words(spec.channels(), spec.depth());
        let longest = words.iter().map(Vec::len).max().unwrap_or_default();
        let split = |letters: usize| {
            let longer = words.iter().filter(move |word| word.len() > letters);
            let parts = longer.map(|word| {
                let (prefix, suffix) = word.split_at(letters);
                (spec.word_index(prefix), spec.word_index(suffix))
            });
            let (prefixes, suffixes) = parts.unzip();
            Split { prefixes, suffixes }
        };
        Self {
            splits: (1..longest).map(split).collect(),
            words: words.iter().map(|word| spec.word_index(word)).collect(),
        }
    }
}
