//! Lyndon words, and how many there are.

use crate::SignatureSpec;

/// All Lyndon words of 1 to `depth` letters: those that come strictly before all their other
/// rotations in the order of dictionaries, such as `01` but not `10`. Found by the algorithm of
/// [Duval 1988](https://doi.org/10.1016/0304-3975(88)90113-2).
///
/// # Arguments
///
/// - `channels`: the number of letters.
/// - `depth`: the length of the longest word.
///
/// # Returns
///
/// The words by length, those of a length in lexicographic order; letters count from 0.
///
/// ```
/// # use sig_kernels::lyndon_words;
/// assert_eq!(lyndon_words(2, 3), [vec![0], vec![1], vec![0, 1], vec![0, 0, 1], vec![0, 1, 1]]);
/// ```
///
/// # Panics
///
/// As [`SignatureSpec::new`].
#[track_caller]
pub fn lyndon_words(channels: usize, depth: usize) -> Vec<Vec<usize>> {
    // The longest Lyndon word of a single letter is that letter.
    let spec = SignatureSpec::new(channels, depth);
    let depth = if channels == 1 { 1 } else { spec.depth() };
    let mut words = Vec::new();
    let mut word = vec![0];
    while let Some(&last) = word.last() {
        if last == channels {
            word.pop();
            if let Some(letter) = word.last_mut() {
                *letter += 1;
            }
            continue;
        }
        words.push(word.clone());
        // The next word starts as this one repeated, with its last letter raised.
        for i in word.len()..depth {
            word.push(word[i - words[words.len() - 1].len()]);
        }
        if let Some(letter) = word.last_mut() {
            *letter += 1;
        }
    }
    words.sort_by_key(Vec::len);
    words
}

/// The number of coordinates of a log-signature in a basis of the free Lie algebra, that is of
/// Lyndon words of 1 to `depth` letters: `Σ_k 1/k Σ_{e | k} μ(e) d^{k/e}`
/// ([Witt 1937](https://doi.org/10.1515/crll.1937.177.152)).
///
/// ```
/// # use sig_kernels::logsignature_channels;
/// assert_eq!(logsignature_channels(5, 4), 5 + 10 + 40 + 150);
/// ```
///
/// # Panics
///
/// As [`SignatureSpec::new`].
#[track_caller]
pub fn logsignature_channels(channels: usize, depth: usize) -> usize {
    let spec = SignatureSpec::new(channels, depth);
    match channels {
        1 => 1,
        _ => (1..=depth).map(|level| lyndon_count(spec, level)).sum(),
    }
}

/// The number of Lyndon words of one length. It is at most `d^level`, which the spec has found to
/// fit in half the numbers of a `usize`, and so does the sum of the positive terms.
fn lyndon_count(spec: SignatureSpec, level: usize) -> usize {
    let (mut added, mut subtracted) = (0, 0);
    for divisor in (1..=level).filter(|&divisor| level.is_multiple_of(divisor)) {
        let words = spec.level_terms(level / divisor);
        match moebius(divisor) {
            1 => added += words,
            -1 => subtracted += words,
            _ => {}
        }
    }
    (added - subtracted) / level
}

/// The Möbius function: 0 if a square divides `n`, else the sign by the number of prime factors.
fn moebius(mut n: usize) -> i32 {
    let mut sign = 1;
    let mut prime = 2;
    while n > 1 {
        if n.is_multiple_of(prime) {
            n /= prime;
            if n.is_multiple_of(prime) {
                return 0;
            }
            sign = -sign;
        }
        prime += 1;
    }
    sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_smaller_than_their_suffixes_and_none_is_missing() {
        for (channels, depth) in [(1, 4), (2, 9), (3, 5), (5, 3), (7, 1)] {
            let lyndon = |word: &[usize]| (1..word.len()).all(|i| word < &word[i..]);
            let mut all = crate::all_words(channels, depth);
            all.retain(|word| lyndon(word));
            assert_eq!(lyndon_words(channels, depth), all);
            assert_eq!(logsignature_channels(channels, depth), all.len());
        }
    }

    #[test]
    fn counts_need_no_words() {
        assert_eq!(logsignature_channels(2, 40), 56_466_147_791);
        assert_eq!(logsignature_channels(1, 1 << 40), 1);
        assert_eq!(
            logsignature_channels(1 << 28, 2),
            (1 << 28) + (1 << 27) * ((1 << 28) - 1)
        );
    }

    #[test]
    #[should_panic(expected = "a signature needs a depth of at least 1")]
    fn depth_zero() {
        lyndon_words(2, 0);
    }
}
