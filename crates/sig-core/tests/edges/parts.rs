//! Parts of paths, chosen words, gradients without autodiff: what does not fit together.

use burn::tensor::{DType, Tensor};
use sig_core::gradients::{
    signature_backprop, signature_combine_backprop, signature_stream_backprop,
};
use sig_core::inversion::invert_signature;
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::{SignatureSpec, sub_signature};
use sig_core::streaming::SignatureQueue;
use sig_core::transforms::project;
use sig_core::transforms::{TreeLikeReduction, tree_like_reduction};
use sig_core::windows::IndexedPath;
use sig_core::words::WordSet;

use super::panics::assert_panics;
use crate::support::engines::targets;

#[test]
fn intervals_that_are_not_within_the_path() {
    for target in targets() {
        let path = IndexedPath::new(Tensor::zeros([2, 5, 3], (&target.device, DType::F32)), 2);
        assert_panics(&["interval 4..6, of index 1", "0..5 (axis 1"], || {
            path.signatures(&[0..2, 4..6])
        });
        assert_panics(&["interval 3..4", "at least 2 points"], || {
            path.signature(3..4)
        });
        let mut path = path;
        let other = Tensor::zeros([2, 1, 2], (&target.device, DType::F32));
        assert_panics(&["Path::update", "[2, count, 3]", "got [2, 1, 2]"], || {
            path.update(other)
        });
        let none = Tensor::zeros([2, 0, 3], (&target.device, DType::F32));
        assert_panics(&["Path: a path needs at least 1 point"], || {
            IndexedPath::new(none, 2)
        });
        let one = IndexedPath::new(Tensor::zeros([0, 80, 3], (&target.device, DType::F32)), 2);
        assert_eq!(one.signatures(&[0..80, 3..5]).dims(), [0, 2, 12]);
        let some = IndexedPath::new(Tensor::zeros([2, 80, 3], (&target.device, DType::F32)), 2);
        assert_eq!(some.signatures(&[]).dims(), [2, 0, 12]);
        let logarithms = some.logsignatures(&[], LogSignatureBasis::Words);
        assert_eq!(logarithms.dims(), [2, 0, 6]);
    }
}

#[test]
fn queues_of_other_points() {
    let mut queue = SignatureQueue::<f32>::new(2, 3);
    assert_eq!(queue.pop_front(), None);
    assert_panics(&["SignatureQueue::push:", "2 numbers", "got 3"], || {
        queue.push(&[1.0; 3])
    });
    assert_panics(&["SignatureQueue::push_batch:", "got 5 numbers"], || {
        queue.push_batch(&[1.0; 5])
    });
    queue.push_batch(&[1.0; 6]);
    assert_panics(&["signature_of", "0..3", "got 2..4"], || {
        queue.signature_of(2..4)
    });
    assert_panics(&["SignatureQueue:", "depth = 0"], || {
        SignatureQueue::<f64>::new(2, 0)
    });
}

#[test]
fn cotangents_of_another_shape() {
    for target in targets() {
        let zeros = |shape: [usize; 2]| Tensor::<2>::zeros(shape, (&target.device, DType::F32));
        let path = || Tensor::<3>::zeros([2, 4, 3], (&target.device, DType::F32));
        let expected = ["signature_backprop: the cotangent", "[2, 12], got [2, 11]"];
        assert_panics(&expected, || signature_backprop(path(), zeros([2, 11]), 2));
        let stream = Tensor::<3>::zeros([2, 4, 12], (&target.device, DType::F32));
        let expected = ["signature_stream_backprop", "[2, 3, 12], got [2, 4, 12]"];
        assert_panics(&expected, || signature_stream_backprop(path(), stream, 2));
        let expected = ["signature_combine_backprop: cotangent", "12 terms"];
        assert_panics(&expected, || {
            signature_combine_backprop(
                zeros([2, 12]),
                zeros([2, 12]),
                zeros([2, 9]),
                SignatureSpec::new(3, 2),
            )
        });
        // Nothing to differentiate: zeros of the right shape.
        let one_point = Tensor::<3>::zeros([2, 1, 3], (&target.device, DType::F32));
        let gradient = signature_backprop(one_point, zeros([2, 12]), 2);
        assert_eq!(gradient.dims(), [2, 1, 3]);
        let none = Tensor::<3>::zeros([0, 4, 3], (&target.device, DType::F32));
        let gradient = signature_backprop(none, zeros([0, 12]), 2);
        assert_eq!(gradient.dims(), [0, 4, 3]);
    }
}

#[test]
fn words_projections_and_inversions_of_other_channels() {
    for target in targets() {
        let path = |shape| Tensor::<3>::zeros(shape, (&target.device, DType::F32));
        let words = WordSet::new(2, vec![vec![0, 1]]);
        let expected = [
            "sub_signature: the words are over 2 channels",
            "has 3 (axis 2)",
        ];
        assert_panics(&expected, || sub_signature(path([1, 4, 3]), &words));
        assert_panics(&["sub_signature", "length = 0"], || {
            sub_signature(path([1, 0, 2]), &words)
        });
        assert_eq!(sub_signature(path([0, 4, 2]), &words).dims(), [0, 1]);
        let matrix = Tensor::<2>::zeros([2, 5], (&target.device, DType::F32));
        let expected = ["project: matrix", "[3, 5], got [2, 5]"];
        assert_panics(&expected, || project(path([1, 4, 3]), matrix));
        let zeros = |shape: [usize; 2]| Tensor::<2>::zeros(shape, (&target.device, DType::F32));
        let expected = ["invert_signature: signature", "6 terms"];
        assert_panics(&expected, || {
            invert_signature(zeros([1, 5]), SignatureSpec::new(2, 2), None)
        });
        let expected = ["invert_signature: start", "[1, 2]", "got [1, 3]"];
        assert_panics(&expected, || {
            invert_signature(zeros([1, 6]), SignatureSpec::new(2, 2), Some(zeros([1, 3])))
        });
        let steps = TreeLikeReduction {
            steps: 0,
            ..Default::default()
        };
        assert_panics(&["tree_like_reduction: steps"], || {
            tree_like_reduction(zeros([3, 2]), &steps)
        });
        let tolerance = TreeLikeReduction {
            tolerance: f64::NAN,
            ..Default::default()
        };
        assert_panics(&["tree_like_reduction: tolerance", "got NaN"], || {
            tree_like_reduction(zeros([3, 2]), &tolerance)
        });
    }
}
