//! A step of time at a time: `S ← S ⊗ exp(z)`, the form of signatory and signax.

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;

use super::algebra::{divided, horner, outer, restricted_exp};
use super::{Levels, concatenate, narrow};

/// Levels `[batch, d^k]`, or `[batch, steps, d^k]` with `stream`.
pub(super) fn levels<B: Backend>(
    increments: FloatTensor<B>,
    stream: bool,
    depth: usize,
) -> Levels<B> {
    let [batch, steps, channels] = increments.shape().dims();
    let mut state: Option<Levels<B>> = None;
    let mut prefixes: Vec<Vec<FloatTensor<B>>> = vec![Vec::new(); depth];

    for t in 0..steps {
        let z = narrow::<B>(increments.clone(), 1, t..t + 1);
        let z = B::float_reshape(z, Shape::from([batch, channels]));
        let divided = divided::<B>(&z, depth);
        let next = match state.take() {
            Some(levels) => step::<B>(levels, &divided),
            None => restricted_exp::<B>(&divided),
        };
        if stream {
            for (level, prefixes) in next.iter().zip(&mut prefixes) {
                let shape = Shape::from([batch, 1, level.shape()[1]]);
                prefixes.push(B::float_reshape(level.clone(), shape));
            }
        }
        state = Some(next);
    }

    if stream {
        let levels = prefixes.into_iter();
        levels.map(|level| concatenate::<B>(level, 1)).collect()
    } else {
        state.expect("a path of at least two points has an increment")
    }
}

/// `S ⊗ exp(z)`: top level first, so that those below are still the old ones.
fn step<B: Backend>(mut levels: Levels<B>, divided: &[FloatTensor<B>]) -> Levels<B> {
    for k in (2..=levels.len()).rev() {
        let h = horner::<B>(&levels[..k - 1], divided, k);
        let gain = outer::<B>(h, divided[0].clone());
        levels[k - 1] = B::float_add(levels[k - 1].clone(), gain);
    }
    levels[0] = B::float_add(levels[0].clone(), divided[0].clone());
    levels
}
