//! Words read backwards.

use super::simd::Number;
use super::tree::Tree;

/// Moves each term of every signature to the word that its own is when read backwards.
///
/// `(A ⊗ B)` read backwards is `B` read backwards `⊗ A` read backwards, and `exp(z)` is the same
/// either way, so that `exp(−z) ⊗ S` becomes `S ⊗ exp(−z)`: the inverse is computed as any signature.
pub(super) fn reverse_words<T: Number>(tree: &Tree, signatures: &mut [T]) {
    if tree.depth < 2 {
        return;
    }
    let mut reversed: Vec<usize> = Vec::with_capacity(tree.terms());
    for level in 1..=tree.depth {
        for word in 0..tree.words(level) {
            let back = (0..level).fold((word, 0), |(word, back), _| {
                (
                    word / tree.channels,
                    back * tree.channels + word % tree.channels,
                )
            });
            reversed.push(tree.offset(level) + back.1);
        }
    }
    let mut row = vec![T::zeroed(); tree.terms()];
    for signature in signatures.chunks_exact_mut(tree.terms()) {
        row.copy_from_slice(signature);
        for (term, &from) in signature.iter_mut().zip(&reversed) {
            *term = row[from];
        }
    }
}
