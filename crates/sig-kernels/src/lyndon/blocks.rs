//! The changes of basis, in blocks.
//!
//! Multiplied out, a bracket holds only words that have each letter as often as the bracket does. So
//! a change of basis acts on the words with the same letters alone: a *class*. Classes whose letters
//! occur as often in the same order, such as those of `(0,0,2)` and of `(1,1,4)`, have the same
//! matrices, since nothing depends on the letters but their order. They are one *block*: at level
//! `k` there are at most `2^(k−1)`, however many channels there are.

use std::collections::BTreeMap;

use super::polynomial::{Expansions, Polynomial};
use super::{Bracket, LogSignatureBasis, hall_brackets, lyndon_brackets};
use crate::SignatureSpec;
use crate::modular::{inverse, product};

/// Classes that have the same matrices. Places are listed class by class.
pub(super) struct Block {
    /// Elements of the basis in a class, as many as Lyndon words.
    pub(super) size: usize,
    /// Where the elements lie among the coordinates.
    pub(super) elements: Vec<usize>,
    /// Where the Lyndon words lie among all Lyndon words.
    pub(super) lyndon: Vec<usize>,
    /// Where all words lie among the terms of a signature.
    pub(super) words: Vec<usize>,
    /// `[size, size]`: the coordinates from the terms at the Lyndon words.
    pub(super) to_basis: Vec<i64>,
    /// `[words of a class, size]`: the terms at all words from the coordinates.
    pub(super) to_words: Vec<i64>,
}

/// The members of one class, with their places in the lists of all.
#[derive(Default)]
struct Class {
    lyndon: Vec<(usize, Bracket)>,
    elements: Vec<(usize, Bracket)>,
}

/// Classes that have the same matrices, by the letters of each.
type Classes = BTreeMap<Vec<usize>, Class>;

/// All blocks of a basis of the free Lie algebra.
pub(super) fn blocks(spec: SignatureSpec, basis: LogSignatureBasis) -> Vec<Block> {
    let (channels, depth) = (spec.channels(), spec.depth());
    let lyndon = lyndon_brackets(channels, depth);
    let elements = match basis {
        LogSignatureBasis::Hall => hall_brackets(channels, depth),
        _ => lyndon.clone(),
    };
    let mut groups: BTreeMap<Vec<usize>, Classes> = BTreeMap::new();
    for (place, bracket) in lyndon.into_iter().enumerate() {
        let (letters, counts) = content(&bracket);
        let class = groups.entry(counts).or_default().entry(letters);
        class.or_default().lyndon.push((place, bracket));
    }
    for (place, bracket) in elements.into_iter().enumerate() {
        let (letters, counts) = content(&bracket);
        let class = groups.entry(counts).or_default().entry(letters);
        class.or_default().elements.push((place, bracket));
    }
    let mut expansions = Expansions::new(channels);
    let mut blocks = Vec::with_capacity(groups.len());
    for (counts, classes) in &groups {
        blocks.push(Block::new(spec, basis, counts, classes, &mut expansions));
    }
    blocks
}

impl Block {
    fn new(
        spec: SignatureSpec,
        basis: LogSignatureBasis,
        counts: &[usize],
        classes: &Classes,
        expansions: &mut Expansions,
    ) -> Self {
        let patterns = arrangements(counts);
        let mut words = Vec::with_capacity(classes.len() * patterns.len());
        for letters in classes.keys() {
            for pattern in &patterns {
                let word: Vec<usize> = pattern.iter().map(|&i| letters[i]).collect();
                words.push(spec.word_index(&word));
            }
        }
        // One class speaks for all; its words come first.
        let class = classes.values().next().expect("a block has a class");
        let size = class.elements.len();
        let start = spec.level_range(counts.iter().sum()).start;
        let elements = class
            .elements
            .iter()
            .map(|(_, bracket)| expansions.of(bracket));
        let elements: Vec<Polynomial> = elements.collect();
        let row = |word: usize| {
            let coefficient = move |element: &Polynomial| element.get(&(word - start)).copied();
            let row = elements.iter().map(coefficient);
            row.map(Option::unwrap_or_default).collect::<Vec<i64>>()
        };
        let all: Vec<i64> = words[..patterns.len()]
            .iter()
            .flat_map(|&word| row(word))
            .collect();
        let lyndon = class.lyndon.iter().map(|(_, bracket)| bracket.letters());
        let lyndon: Vec<i64> = lyndon
            .flat_map(|word| row(spec.word_index(&word)))
            .collect();
        let inverse = inverse(&lyndon, size);
        let (to_basis, to_words) = match basis {
            LogSignatureBasis::Brackets | LogSignatureBasis::Hall => (inverse, all),
            LogSignatureBasis::Expand | LogSignatureBasis::Words => {
                let one = (0..size * size).map(|i| i64::from(i % (size + 1) == 0));
                (one.collect(), product(&all, &inverse, size, size))
            }
        };
        let classes = || classes.values();
        let elements = classes().flat_map(|class| class.elements.iter().map(|(place, _)| *place));
        let lyndon = classes().flat_map(|class| class.lyndon.iter().map(|(place, _)| *place));
        Self {
            size,
            elements: elements.collect(),
            lyndon: lyndon.collect(),
            words,
            to_basis,
            to_words,
        }
    }
}

/// The letters of a bracket, ascending, and how often each occurs.
fn content(bracket: &Bracket) -> (Vec<usize>, Vec<usize>) {
    let mut occurs = BTreeMap::<usize, usize>::new();
    for letter in bracket.letters() {
        *occurs.entry(letter).or_default() += 1;
    }
    occurs.into_iter().unzip()
}

/// All words in which letter `i` occurs `counts[i]` times, in lexicographic order.
fn arrangements(counts: &[usize]) -> Vec<Vec<usize>> {
    let letters = || counts.iter().enumerate().filter(|(_, count)| **count > 0);
    if letters().next().is_none() {
        return vec![Vec::new()];
    }
    let starting_with = |(letter, _)| {
        let mut rest = counts.to_vec();
        rest[letter] -= 1;
        let words = arrangements(&rest).into_iter();
        words.map(move |word| [vec![letter], word].concat())
    };
    letters().flat_map(starting_with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use LogSignatureBasis::{Brackets, Hall, Words};

    #[test]
    fn every_coordinate_and_every_lyndon_word_is_in_one_block() {
        for basis in [Words, Brackets, Hall] {
            let spec = SignatureSpec::new(3, 5);
            let blocks = blocks(spec, basis);
            let mut elements: Vec<_> = blocks.iter().flat_map(|b| b.elements.clone()).collect();
            elements.sort_unstable();
            assert!(elements.iter().copied().eq(0..basis.terms(3, 5)));
            let mut lyndon: Vec<_> = blocks.iter().flat_map(|b| b.lyndon.clone()).collect();
            lyndon.sort_unstable();
            assert!(lyndon.into_iter().eq(0..basis.terms(3, 5)));
        }
    }
}
