//! The basis of Philip Hall.

use super::bracket::Bracket;
use crate::SignatureSpec;

/// An element by its parts, which come before it in the list; a letter has none.
type Parts = Option<(usize, usize)>;

/// The Hall basis: all letters, and the brackets `[a, b]` of elements `a < b` where `b` is a letter
/// or a bracket `[c, d]` with `c ≤ a`
/// ([Hall 1950](https://doi.org/10.1090/S0002-9939-1950-0038336-7)).
///
/// Elements are ordered by the number of letters, then by their left part, then by their right
/// part. This is the basis of esig and RoughPy; log-signatures-pytorch has some brackets of 5 and
/// more letters the other way round.
///
/// ```
/// # use sig_kernels::hall_brackets;
/// let labels: Vec<_> = hall_brackets(2, 3).iter().map(|b| b.to_string()).collect();
/// assert_eq!(labels, ["0", "1", "[0,1]", "[0,[0,1]]", "[1,[0,1]]"]);
/// ```
///
/// # Panics
///
/// As [`SignatureSpec::new`].
#[track_caller]
pub fn hall_brackets(channels: usize, depth: usize) -> Vec<Bracket> {
    // Of a single letter there are no brackets, however deep.
    let spec = SignatureSpec::new(channels, depth);
    let depth = if channels == 1 { 1 } else { spec.depth() };
    let mut elements: Vec<Parts> = vec![None; channels];
    // Where the elements of so many letters lie in the list.
    let mut levels = vec![0..0, 0..channels];
    for level in 2..=depth {
        let start = elements.len();
        for left in 0..start {
            let left_level = (1..level).find(|&k| levels[k].contains(&left));
            let rights = levels[level - left_level.expect("of a lower level")].clone();
            for right in rights.filter(|&right| left < right) {
                if elements[right].is_none_or(|(first, _)| first <= left) {
                    elements.push(Some((left, right)));
                }
            }
        }
        levels.push(start..elements.len());
    }

    let mut brackets: Vec<Bracket> = Vec::with_capacity(elements.len());
    for (index, parts) in elements.into_iter().enumerate() {
        brackets.push(match parts {
            None => Bracket::Letter(index),
            Some((left, right)) => Bracket::pair(brackets[left].clone(), brackets[right].clone()),
        });
    }
    brackets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logsignature_channels;

    #[test]
    fn as_many_as_lyndon_words() {
        for (channels, depth) in [(1, 5), (2, 8), (3, 5), (5, 4), (6, 2)] {
            let brackets = hall_brackets(channels, depth);
            assert_eq!(brackets.len(), logsignature_channels(channels, depth));
        }
    }
}
