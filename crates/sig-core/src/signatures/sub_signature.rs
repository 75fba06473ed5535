//! Signatures at chosen words.

use std::collections::BTreeMap;

use burn::tensor::{Int, Tensor};

use crate::check::assert_fits;
use crate::devices::assert_enabled;
use crate::series::{in_f32, in_graph_of, nothing, places, running_sum};
use crate::words::WordSet;

/// The terms of a signature at chosen words only.
///
/// The words come from a list, or from weighted channels ([`WordSet::anisotropic`]). Time and memory
/// are those of the words and their beginnings, whatever the number of channels and the depth.
///
/// Each word is taken for all steps at once, by the Horner form along its own letters:
/// `Σ_t h(t) z_t`, with `h` from the prefixes of its beginnings. It is a chain of tensor operations
/// on every backend.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `words`: see [`WordSet`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, words]`
///
/// # Returns
///
/// The terms in the order of [`words`](WordSet::words). f16 and bf16 are computed in f32.
///
/// # Panics
///
/// If the path has no points, or not as many channels as the words are over.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signatures::sub_signature;
/// use burn_sig::words::WordSet;
///
/// let path = Tensor::<3>::from_floats([[[0., 0.], [1., 0.], [1., 1.]]], &Device::flex());
/// let words = WordSet::new(2, vec![vec![0, 1], vec![1, 0]]);
/// let terms = sub_signature(path, &words).into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 0.]);
/// ```
#[track_caller]
pub fn sub_signature(path: Tensor<3>, words: &WordSet) -> Tensor<2> {
    let [batch, length, _] = check("sub_signature", &path, words);
    if batch == 0 {
        return nothing(path, [0, words.len()]);
    }
    if length == 1 {
        let zeros = Tensor::zeros([batch, words.len()], (&path.device(), path.dtype()));
        return in_graph_of(path, zeros);
    }
    in_f32([path], |[path]| {
        let gains = gains(path, words);
        let sums = gains.into_iter().map(|gain| {
            let [batch, _, words] = gain.dims();
            gain.sum_dim(1).reshape([batch, words])
        });
        let terms = Tensor::cat(sums.collect(), 1);
        let device = terms.device();
        terms.select(1, places(words.found().iter().copied(), &device))
    })
}

/// [`sub_signature`] of all prefixes of a batch of paths.
///
/// # Arguments
///
/// As for [`sub_signature`].
///
/// # Shapes
///
/// - path: `[batch, length, channels]`
/// - output: `[batch, length − 1, words]`
///
/// # Panics
///
/// As [`sub_signature`].
#[track_caller]
pub fn sub_signature_stream(path: Tensor<3>, words: &WordSet) -> Tensor<3> {
    let [batch, length, _] = check("sub_signature_stream", &path, words);
    if batch == 0 || length == 1 {
        return nothing(path, [batch, length - 1, words.len()]);
    }
    let shape = [batch, length - 1, words.len()];
    assert_fits(
        "sub_signature_stream",
        shape,
        (&path.device(), path.dtype()),
    );
    in_f32([path], |[path]| {
        let prefixes = gains(path, words).into_iter().map(running_sum);
        let terms = Tensor::cat(prefixes.collect(), 2);
        let device = terms.device();
        terms.select(2, places(words.found().iter().copied(), &device))
    })
}

#[track_caller]
fn check(operation: &str, path: &Tensor<3>, words: &WordSet) -> [usize; 3] {
    assert_enabled(operation, &path.device());
    let dims = path.dims();
    assert!(
        dims[1] > 0,
        "{operation}: a path needs at least 1 point, got length = 0 (axis 1 of the path {dims:?})"
    );
    assert!(
        dims[2] == words.channels(),
        "{operation}: the words are over {} channels, the path has {} (axis 2)",
        words.channels(),
        dims[2]
    );
    dims
}

/// What each step adds to each word and beginning, a tensor `[batch, steps, words]` a level.
fn gains(path: Tensor<3>, words: &WordSet) -> Vec<Tensor<3>> {
    let device = path.device();
    let [_, length, _] = path.dims();
    let steps = length - 1;
    let z = path.clone().narrow(1, 1, steps) - path.narrow(1, 0, steps);
    let at = |tensor: &Tensor<3>, places_of: Vec<usize>| -> Tensor<3> {
        let places_of: Tensor<1, Int> = places(places_of, &device);
        tensor.clone().select(2, places_of)
    };
    let letters = |words: &[&[usize]]| words.iter().map(|word| word[word.len() - 1]).collect();
    // Each level before each step.
    let mut before: Vec<Tensor<3>> = Vec::new();
    let mut gains = Vec::new();
    for k in 1..=words.depth() {
        let level: Vec<&[usize]> = words.level(k).iter().map(Vec::as_slice).collect();
        let mut gain = at(&z, letters(&beginnings(&level, 1)));
        if k > 1 {
            let mut shorter = beginnings(&level, 1);
            let start = places_in(words.level(1), &shorter);
            let mut h = at(&before[0], start) + gain * (1.0 / k as f64);
            for j in 2..=k {
                let longer = beginnings(&level, j);
                let parents = parents(&longer, &shorter);
                let factor = at(&z, letters(&longer)) * (1.0 / (k + 1 - j) as f64);
                h = at(&h, parents) * factor;
                if j < k {
                    h = h + at(&before[j - 1], places_in(words.level(j), &longer));
                }
                shorter = longer;
            }
            gain = h;
        }
        if k < words.depth() {
            let first = gain.clone().narrow(1, 0, 1).zeros_like();
            before.push(match steps {
                1 => first,
                _ => {
                    let later = running_sum(gain.clone().narrow(1, 0, steps - 1));
                    Tensor::cat(vec![first, later], 1)
                }
            });
        }
        gains.push(gain);
    }
    gains
}

/// The different beginnings of a length, in order.
fn beginnings<'a>(words: &[&'a [usize]], length: usize) -> Vec<&'a [usize]> {
    let mut beginnings: Vec<&[usize]> = words.iter().map(|word| &word[..length]).collect();
    beginnings.dedup();
    beginnings
}

/// Where each word is in a level.
fn places_in(level: &[Vec<usize>], words: &[&[usize]]) -> Vec<usize> {
    let places: BTreeMap<&[usize], usize> = level.iter().map(Vec::as_slice).zip(0..).collect();
    words.iter().map(|word| places[word]).collect()
}

/// Where the beginning of each word, one letter shorter, is among others.
fn parents(words: &[&[usize]], shorter: &[&[usize]]) -> Vec<usize> {
    let places: BTreeMap<&[usize], usize> = shorter.iter().copied().zip(0..).collect();
    let parent = |word: &&[usize]| places[&word[..word.len() - 1]];
    words.iter().map(parent).collect()
}
