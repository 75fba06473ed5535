//! Brackets multiplied out into words.

use std::collections::{BTreeMap, HashMap};

use super::bracket::Bracket;

/// Coefficients of the words of one length, each known by its place in the level:
/// `Σ i_j · d^(k−j)`.
pub(super) type Polynomial = BTreeMap<usize, i64>;

/// Multiplies brackets out, keeping what it found for those inside others.
pub(super) struct Expansions {
    channels: usize,
    known: HashMap<Bracket, Polynomial>,
}

impl Expansions {
    pub(super) fn new(channels: usize) -> Self {
        Self {
            channels,
            known: HashMap::new(),
        }
    }

    /// `[a, b] = ab − ba`, down to the letters.
    pub(super) fn of(&mut self, bracket: &Bracket) -> Polynomial {
        if let Some(known) = self.known.get(bracket) {
            return known.clone();
        }
        let polynomial = match bracket {
            Bracket::Letter(letter) => Polynomial::from([(*letter, 1)]),
            Bracket::Pair(left, right) => {
                let (left_shift, right_shift) = (self.words(left), self.words(right));
                let (left, right) = (self.of(left), self.of(right));
                let mut sum = Polynomial::new();
                for (&u, &a) in &left {
                    for (&v, &b) in &right {
                        *sum.entry(u * right_shift + v).or_default() += a * b;
                        *sum.entry(v * left_shift + u).or_default() -= a * b;
                    }
                }
                sum.retain(|_, coefficient| *coefficient != 0);
                sum
            }
        };
        self.known.insert(bracket.clone(), polynomial.clone());
        polynomial
    }

    /// How many words have as many letters as a bracket.
    fn words(&self, bracket: &Bracket) -> usize {
        self.channels.pow(bracket.letters().len() as u32)
    }
}
