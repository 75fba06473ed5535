//! The states on `Backend` primitives.

use std::ops::Range;

use burn::backend::{Backend, TensorMetadata, tensor::FloatTensor};
use burn::tensor::Shape;
use sig_core::backend::narrow;

use crate::matrices::{identity_of, prefix_products};

/// Windows whose matrices are multiplied at once.
const CHUNK: usize = 128;

/// A window at a time.
pub(super) fn sequential<B: Backend>(
    [changes, initial]: [FloatTensor<B>; 2],
    size: usize,
) -> FloatTensor<B> {
    in_chunks::<B>(changes, initial, size, 1)
}

/// Products of prefixes in chunks of windows.
pub(super) fn parallel<B: Backend>(
    [changes, initial]: [FloatTensor<B>; 2],
    size: usize,
) -> FloatTensor<B> {
    in_chunks::<B>(changes, initial, size, CHUNK)
}

fn in_chunks<B: Backend>(
    changes: FloatTensor<B>,
    initial: FloatTensor<B>,
    size: usize,
    chunk: usize,
) -> FloatTensor<B> {
    let [rows, windows, blocks, _] = changes.shape().dims();
    let width = blocks * size;
    let mut states = vec![B::float_reshape(initial, Shape::from([rows, 1, width]))];
    let chunks: Vec<Range<usize>> = (0..windows)
        .step_by(chunk)
        .map(|start| start..windows.min(start + chunk))
        .collect();
    for windows in chunks {
        let count = windows.len();
        let last = states.last().expect("the first state is there").clone();
        let [_, before, _] = last.shape().dims();
        let last = narrow::<B>(last, 1, before - 1..before);
        let last = B::float_reshape(last, Shape::from([rows, 1, blocks, size, 1]));
        let changes = narrow::<B>(changes.clone(), 1, windows);
        let changes = B::float_reshape(changes, Shape::from([rows, count, blocks, size, size]));
        let identity = identity_of::<B>(&changes);
        let factors = B::float_add(changes, identity);
        let products =
            prefix_products::<B>(factors, |earlier, later| B::float_matmul(later, earlier));
        let last = B::float_expand(last, Shape::from([rows, count, blocks, size, 1]));
        let chunk = B::float_matmul(products, last);
        states.push(B::float_reshape(chunk, Shape::from([rows, count, width])));
    }
    B::float_cat(states, 1)
}
