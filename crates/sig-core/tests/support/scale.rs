//! How large a signature is before its path cancels what it did.
//!
//! A path that comes back has levels far smaller than those of its pieces, and any method rounds on
//! the scale of the pieces: of one channel and the steps 1 and −0.9, level 8 is 0.1^8/8! but a
//! difference of numbers about 1/8!. A logarithm is a difference of products of levels.

use super::compare::levels;
use super::naive::Call;
use super::tensors::Array;

/// The largest entry that each level has in the signature of any piece of each path, or in
/// `initial`; of a log-signature, what the logarithm adds up then. Indexed by row and level.
pub(crate) fn of_pieces(call: &Call) -> Vec<Vec<f64>> {
    let whole = Call {
        stream: true,
        scalar_term: false,
        windows: None,
        log: None,
        initial: call
            .initial
            .as_ref()
            .map(|initial| without_scalar(initial, call)),
        ..call.clone()
    };
    let length = call.path.shape[1];
    let later = (0..length.saturating_sub(1)).map(|start| Call {
        path: call.path.points(start..length),
        initial: None,
        basepoint: None,
        ..whole.clone()
    });
    let mut results: Vec<Array> = later.map(|call| call.evaluate()).collect();
    results.push(whole.evaluate());
    results.extend(whole.initial.clone());

    let largest = |row: usize| {
        let mut scale = vec![0.0f64; call.depth];
        for result in &results {
            let terms = result.shape[result.shape.len() - 1];
            for signature in result.row(row).values.chunks(terms) {
                for (level, range) in levels(terms, call.channels()) {
                    let entries = signature[range].iter();
                    scale[level - 1] = entries.fold(scale[level - 1], |s, x| s.max(x.abs()));
                }
            }
        }
        match call.log {
            Some(_) => summed_by_logarithm(&scale),
            None => scale,
        }
    };
    (0..call.path.shape[0]).map(largest).collect()
}

/// How large what a logarithm adds up may be, from how large the levels of the signature are: the
/// coefficients of `m + m²/2 + m³/3 + …` where `m` is the power series of the levels.
fn summed_by_logarithm(levels: &[f64]) -> Vec<f64> {
    let (mut power, mut sum) = (levels.to_vec(), levels.to_vec());
    for n in 2..=levels.len() {
        let times = |k: usize| (0..k).map(|i| levels[i] * power[k - 1 - i]).sum();
        power = (0..levels.len()).map(times).collect();
        for (sum, power) in sum.iter_mut().zip(&power) {
            *sum += power / n as f64;
        }
    }
    sum
}

fn without_scalar(initial: &Array, call: &Call) -> Array {
    let scalar = usize::from(call.scalar_term);
    let [batch, terms] = initial.shape[..] else {
        panic!("an initial signature has 2 axes")
    };
    let rows = (0..batch).flat_map(|row| initial.row(row).values[scalar..].to_vec());
    Array::new([batch, terms - scalar], rows.collect())
}
