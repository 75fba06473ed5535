//! Words: the multi-indices that name the terms of a signature.

use crate::SignatureSpec;

impl SignatureSpec {
    /// The flat index of a word among the terms: its level's offset plus `Σ i_j · d^(k−j)`.
    ///
    /// # Panics
    ///
    /// If the word is empty or longer than the depth, or has a letter that is not a channel.
    #[track_caller]
    pub fn word_index(&self, word: &[usize]) -> usize {
        let (channels, depth) = (self.channels(), self.depth());
        assert!(
            (1..=depth).contains(&word.len()),
            "word_index: a word has 1 to {depth} letters (the depth), got {}",
            word.len()
        );
        let mut in_level = 0;
        for &letter in word {
            assert!(
                letter < channels,
                "word_index: letter {letter} is not one of the {channels} channels"
            );
            in_level = in_level * channels + letter;
        }
        self.level_range(word.len()).start + in_level
    }

    /// The word of a flat index, the inverse of [`word_index`](Self::word_index).
    ///
    /// # Panics
    ///
    /// If `index` is not below [`terms`](Self::terms).
    #[track_caller]
    pub fn word(&self, index: usize) -> Vec<usize> {
        assert!(
            index < self.terms(),
            "word: index {index} is outside the {} terms",
            self.terms()
        );
        let mut in_level = index;
        let mut level = 1;
        while in_level >= self.level_terms(level) {
            in_level -= self.level_terms(level);
            level += 1;
        }
        let mut word = vec![0; level];
        for letter in word.iter_mut().rev() {
            *letter = in_level % self.channels();
            in_level /= self.channels();
        }
        word
    }

    /// The flat index of each word read backwards, in the order of the terms.
    pub fn reversed_words(&self) -> Vec<usize> {
        let mut reversed = Vec::with_capacity(self.terms());
        let mut shorter = vec![0];
        for range in self.level_ranges() {
            // The reverse of `wi` is `i`, then that of `w`.
            let first = range.len() / self.channels();
            let word = |w: &usize| {
                let w = *w;
                (0..self.channels()).map(move |letter| letter * first + w)
            };
            let level: Vec<usize> = shorter.iter().flat_map(word).collect();
            reversed.extend(level.iter().map(|index| range.start + index));
            shorter = level;
        }
        reversed
    }
}

/// All words of 1 to `depth` letters, in the order of the terms of a signature.
///
/// ```
/// # use sig_kernels::all_words;
/// assert_eq!(all_words(2, 2), [vec![0], vec![1], vec![0, 0], vec![0, 1], vec![1, 0], vec![1, 1]]);
/// ```
///
/// # Panics
///
/// As [`SignatureSpec::new`].
#[track_caller]
pub fn all_words(channels: usize, depth: usize) -> Vec<Vec<usize>> {
    let spec = SignatureSpec::new(channels, depth);
    (0..spec.terms()).map(|index| spec.word(index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_and_index_are_inverse() {
        for (channels, depth) in [(1, 5), (2, 6), (3, 4), (7, 2)] {
            let spec = SignatureSpec::new(channels, depth);
            for (index, word) in all_words(channels, depth).iter().enumerate() {
                assert_eq!(spec.word_index(word), index);
            }
        }
    }

    #[test]
    fn words_read_backwards() {
        for (channels, depth) in [(1, 5), (2, 6), (3, 4), (7, 2)] {
            let spec = SignatureSpec::new(channels, depth);
            let words = all_words(channels, depth);
            for (mut word, reversed) in words.into_iter().zip(spec.reversed_words()) {
                word.reverse();
                assert_eq!(spec.word(reversed), word);
            }
        }
    }

    #[test]
    #[should_panic(expected = "letter 2 is not one of the 2 channels")]
    fn letter_outside_the_channels() {
        SignatureSpec::new(2, 2).word_index(&[0, 2]);
    }

    #[test]
    #[should_panic(expected = "index 6 is outside the 6 terms")]
    fn index_outside_the_terms() {
        SignatureSpec::new(2, 2).word(6);
    }
}
