//! The bases a log-signature can be asked for in.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{hall_brackets, logsignature_channels, lyndon_brackets, lyndon_words};
use crate::{SignatureSpec, all_words, signature_channels};

/// What the numbers of a log-signature are coordinates of.
///
/// `Words` and `Brackets` are the same up to depth 4 for two channels and up to depth 2 for more.
///
/// Coordinates in `Brackets` and `Hall` are whole-number combinations of those in `Words`, with
/// factors that grow with the depth: up to 6 for three channels at depth 6, up to 7560 for two
/// channels at depth 10, where about 4 of the 7 digits of an f32 are lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LogSignatureBasis {
    /// All terms of the logarithm in the tensor algebra, in the layout of a signature.
    Expand,
    /// The terms of [`Expand`](Self::Expand) at the Lyndon words alone, which determine the others.
    /// Order of [`lyndon_words`].
    #[default]
    Words,
    /// Coordinates in the brackets of the Lyndon words. Order of [`lyndon_brackets`].
    Brackets,
    /// Coordinates in the Hall basis. Order of [`hall_brackets`].
    Hall,
}

impl LogSignatureBasis {
    /// The number of coordinates of a log-signature.
    ///
    /// # Panics
    ///
    /// As [`SignatureSpec::new`](crate::SignatureSpec::new).
    #[track_caller]
    pub fn terms(self, channels: usize, depth: usize) -> usize {
        match self {
            Self::Expand => signature_channels(channels, depth),
            Self::Words | Self::Brackets | Self::Hall => logsignature_channels(channels, depth),
        }
    }

    /// Where each level lies among the coordinates, ascending: in every basis they are ordered by
    /// level.
    pub fn level_ranges(self, spec: SignatureSpec) -> impl Iterator<Item = Range<usize>> {
        let until = move |level: usize| match level {
            0 => 0,
            _ => self.terms(spec.channels(), level),
        };
        (1..=spec.depth()).map(move |level| until(level - 1)..until(level))
    }

    /// What each coordinate belongs to, as text: words such as `(0,1)`, or brackets such as
    /// `[0,[0,1]]`.
    ///
    /// # Panics
    ///
    /// As [`SignatureSpec::new`](crate::SignatureSpec::new).
    #[track_caller]
    pub fn labels(self, channels: usize, depth: usize) -> Vec<String> {
        let brackets = match self {
            Self::Expand => return word_labels(&all_words(channels, depth)),
            Self::Words => return word_labels(&lyndon_words(channels, depth)),
            Self::Brackets => lyndon_brackets(channels, depth),
            Self::Hall => hall_brackets(channels, depth),
        };
        brackets.iter().map(ToString::to_string).collect()
    }
}

fn word_labels(words: &[Vec<usize>]) -> Vec<String> {
    let label = |word: &Vec<usize>| {
        let letters: Vec<String> = word.iter().map(ToString::to_string).collect();
        format!("({})", letters.join(","))
    };
    words.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_every_basis() {
        use LogSignatureBasis::{Brackets, Expand, Hall, Words};
        assert_eq!(Expand.labels(2, 1), ["(0)", "(1)"]);
        assert_eq!(Words.labels(2, 3)[3..], ["(0,0,1)", "(0,1,1)"]);
        assert_eq!(Brackets.labels(2, 3)[3..], ["[0,[0,1]]", "[[0,1],1]"]);
        assert_eq!(Hall.labels(2, 3)[3..], ["[0,[0,1]]", "[1,[0,1]]"]);
        for basis in [Expand, Words, Brackets, Hall] {
            assert_eq!(basis.labels(3, 4).len(), basis.terms(3, 4));
        }
    }

    #[test]
    fn levels_of_every_basis() {
        use LogSignatureBasis::{Brackets, Expand, Hall, Words};
        for basis in [Expand, Words, Brackets, Hall] {
            let labels = basis.labels(3, 4);
            let letters = |label: &String| label.matches(char::is_numeric).count();
            for (level, range) in (1..).zip(basis.level_ranges(SignatureSpec::new(3, 4))) {
                assert!(labels[range].iter().all(|label| letters(label) == level));
            }
        }
        let words = Words.level_ranges(SignatureSpec::new(2, 4));
        assert_eq!(words.collect::<Vec<_>>(), [0..2, 2..3, 3..5, 5..8]);
    }
}
