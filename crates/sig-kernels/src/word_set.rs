//! Sets of words: which terms of a signature are wanted.

use std::collections::{BTreeMap, BTreeSet};

/// Some words over the channels of a path: the terms that `sub_signature`
/// computes, so that many channels and great depths stay affordable.
///
/// ```
/// # use sig_kernels::WordSet;
///
/// // The second channel counts double: words up to the weight 3.
/// let words = WordSet::anisotropic(&[1.0, 2.0], 3.0);
/// let expected: [&[usize]; 6] = [&[0], &[1], &[0, 0], &[0, 1], &[1, 0], &[0, 0, 0]];
/// assert_eq!(words.words(), expected);
/// assert_eq!(words.index(&[1, 0]), Some(4));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordSet {
    channels: usize,
    words: Vec<Vec<usize>>,
    /// The words and all their beginnings, by length, each level in order.
    closure: Vec<Vec<Vec<usize>>>,
    /// Where each word is in the closure.
    found: Vec<usize>,
}

impl WordSet {
    /// The given words, in their order. Their beginnings, which they are computed from, are added
    /// within.
    ///
    /// # Panics
    ///
    /// If there are no channels or no words, or a word is empty, is there twice or has a letter
    /// that is not a channel.
    #[track_caller]
    pub fn new(channels: usize, words: Vec<Vec<usize>>) -> Self {
        assert!(
            channels > 0,
            "WordSet: a path has at least 1 channel, got 0"
        );
        assert!(!words.is_empty(), "WordSet: at least 1 word is needed");
        let mut seen = BTreeSet::new();
        let mut levels: BTreeMap<usize, BTreeSet<Vec<usize>>> = BTreeMap::new();
        for (i, word) in words.iter().enumerate() {
            assert!(!word.is_empty(), "WordSet: word {i} is empty");
            for &letter in word {
                assert!(
                    letter < channels,
                    "WordSet: word {i}, {word:?}, has the letter {letter}, which is not one of the \
                     {channels} channels"
                );
            }
            assert!(
                seen.insert(word),
                "WordSet: word {i}, {word:?}, is there twice"
            );
            for length in 1..=word.len() {
                let level = levels.entry(length).or_default();
                level.insert(word[..length].to_vec());
            }
        }
        let closure: Vec<Vec<Vec<usize>>> = levels
            .into_values()
            .map(|level| level.into_iter().collect())
            .collect();
        let place: BTreeMap<&[usize], usize> = closure
            .iter()
            .flatten()
            .map(Vec::as_slice)
            .zip(0..)
            .collect();
        let found = words.iter().map(|word| place[word.as_slice()]).collect();
        Self {
            channels,
            words,
            closure,
            found,
        }
    }

    /// All words whose letters weigh no more than `budget` together, by length, each length in
    /// order. A channel of weight `2` is looked at half as deep as one of weight 1, as when its
    /// variation is of a higher order ([Lyons 1998](https://doi.org/10.4171/rmi/240), on
    /// inhomogeneous rough paths).
    ///
    /// # Panics
    ///
    /// If there are no weights, one is not positive, or the budget allows no word or more than
    /// 2^24.
    #[track_caller]
    pub fn anisotropic(weights: &[f64], budget: f64) -> Self {
        for (channel, &weight) in weights.iter().enumerate() {
            assert!(
                weight > 0.0 && weight.is_finite(),
                "WordSet::anisotropic: the weight of channel {channel} must be positive, got {weight}"
            );
        }
        // Sums of weights such as 0.1 are not exact.
        let budget_rounded = budget * (1.0 + 1e-12);
        let mut words = Vec::new();
        let mut level = vec![(Vec::new(), 0.0)];
        while !level.is_empty() {
            let mut longer = Vec::new();
            for (word, weight) in &level {
                for (letter, own) in weights.iter().enumerate() {
                    if weight + own <= budget_rounded {
                        let word: Vec<usize> = [word.as_slice(), &[letter]].concat();
                        longer.push((word, weight + own));
                    }
                }
                assert!(
                    words.len() + longer.len() <= MOST_WORDS,
                    "WordSet::anisotropic: the budget {budget} allows more than {MOST_WORDS} words"
                );
            }
            words.extend(longer.iter().map(|(word, _)| word.clone()));
            level = longer;
        }
        assert!(
            !words.is_empty(),
            "WordSet::anisotropic: the budget {budget} allows no word of the weights {weights:?}"
        );
        Self::new(weights.len(), words)
    }

    /// Channels of the path.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The words, in the order of the terms.
    pub fn words(&self) -> &[Vec<usize>] {
        &self.words
    }

    /// How many words there are.
    #[allow(clippy::len_without_is_empty, reason = "there is no empty set")]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The place of a word among the terms.
    pub fn index(&self, word: &[usize]) -> Option<usize> {
        self.words.iter().position(|own| own == word)
    }

    /// The length of the longest word.
    pub fn depth(&self) -> usize {
        self.closure.len()
    }

    /// Words and beginnings of one length, in order.
    ///
    /// # Panics
    ///
    /// If `length` is not in `1..=depth`.
    pub fn level(&self, length: usize) -> &[Vec<usize>] {
        &self.closure[length - 1]
    }

    /// Where each word is in the levels one after another.
    pub fn found(&self) -> &[usize] {
        &self.found
    }
}

/// The most words of an anisotropic set.
const MOST_WORDS: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_give_all_words() {
        let set = WordSet::anisotropic(&[0.1, 0.1], 0.3);
        assert_eq!(set.words(), crate::all_words(2, 3));
        assert_eq!((set.len(), set.depth()), (14, 3));
    }

    #[test]
    fn beginnings_are_added_within() {
        let set = WordSet::new(3, vec![vec![2, 0, 1], vec![1]]);
        assert_eq!(set.level(1), [vec![1], vec![2]]);
        assert_eq!(set.level(2), [vec![2, 0]]);
        assert_eq!(set.found(), [3, 0]);
        assert_eq!(set.len(), 2);
    }

    #[test]
    #[should_panic(
        expected = "word 1, [0, 3], has the letter 3, which is not one of the 3 channels"
    )]
    fn letters_that_are_no_channels() {
        WordSet::new(3, vec![vec![0], vec![0, 3]]);
    }

    #[test]
    #[should_panic(expected = "word 1, [0], is there twice")]
    fn words_that_are_there_twice() {
        WordSet::new(3, vec![vec![0], vec![0]]);
    }

    #[test]
    #[should_panic(expected = "the weight of channel 1 must be positive, got 0")]
    fn weights_of_nothing() {
        WordSet::anisotropic(&[1.0, 0.0], 2.0);
    }

    #[test]
    #[should_panic(expected = "the budget 0.5 allows no word")]
    fn budgets_for_nothing() {
        WordSet::anisotropic(&[1.0], 0.5);
    }
}
