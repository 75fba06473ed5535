//! Brackets of letters, and those of Lyndon words.

use core::fmt;

use super::words::lyndon_words;

/// An element of the free Lie algebra, made of letters by brackets `[a, b] = a ⊗ b − b ⊗ a`.
///
/// As text it is `[0,[0,1]]`, with letters counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bracket {
    /// A letter: a channel of the path.
    Letter(usize),
    /// The bracket of two elements.
    Pair(Box<Bracket>, Box<Bracket>),
}

impl Bracket {
    pub(super) fn pair(left: Bracket, right: Bracket) -> Self {
        Self::Pair(Box::new(left), Box::new(right))
    }

    /// The letters from left to right; for the bracket of a Lyndon word that word.
    pub fn letters(&self) -> Vec<usize> {
        match self {
            Self::Letter(letter) => vec![*letter],
            Self::Pair(left, right) => [left.letters(), right.letters()].concat(),
        }
    }
}

impl fmt::Display for Bracket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter(letter) => write!(f, "{letter}"),
            Self::Pair(left, right) => write!(f, "[{left},{right}]"),
        }
    }
}

/// The Lyndon basis: the standard brackets of all Lyndon words of 1 to `depth` letters, in the
/// order of [`lyndon_words`]. The bracket of a word `w = uv`, with `v` the longest proper suffix
/// that is a Lyndon word, is that of `u` and of `v` ([Chen, Fox & Lyndon
/// 1958](https://doi.org/10.2307/1970044)).
///
/// ```
/// # use sig_kernels::lyndon_brackets;
/// let labels: Vec<_> = lyndon_brackets(2, 3).iter().map(|b| b.to_string()).collect();
/// assert_eq!(labels, ["0", "1", "[0,1]", "[0,[0,1]]", "[[0,1],1]"]);
/// ```
///
/// # Panics
///
/// As [`SignatureSpec::new`](crate::SignatureSpec::new).
#[track_caller]
pub fn lyndon_brackets(channels: usize, depth: usize) -> Vec<Bracket> {
    let words = lyndon_words(channels, depth);
    words.iter().map(|word| standard(word)).collect()
}

fn standard(word: &[usize]) -> Bracket {
    if let [letter] = word {
        return Bracket::Letter(*letter);
    }
    // The smallest proper suffix is the longest one that is a Lyndon word.
    let cut = (1..word.len()).min_by_key(|&cut| &word[cut..]);
    let (left, right) = word.split_at(cut.expect("a word of two letters has a proper suffix"));
    Bracket::pair(standard(left), standard(right))
}
