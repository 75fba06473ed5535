//! Paths of one point and of two, no points, no rows; depth 1 and 0, one channel and none.

use burn::tensor::Tensor;
use sig_core::signatures::{Basepoint, SignatureOptions, signature, signature_stream};

use super::panics::assert_panics;
use crate::support::compare::close;
use crate::support::engines::{targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::run::{Engine, engines};
use crate::support::tensors::Array;

fn each_engine(test: impl Fn(&Engine)) {
    for target in targets() {
        for dtype in target.dtypes() {
            engines(&target, dtype).iter().for_each(&test);
        }
    }
}

#[track_caller]
fn assert_close(engine: &Engine, call: &Call, shape: &[usize], want: &[f64]) {
    let got = engine.evaluate(call);
    assert_eq!(got.shape, shape, "{engine}");
    assert_eq!(got.values.len(), want.len(), "{engine}");
    close(&got.values, want, 1.0, tolerance(engine.dtype))
        .unwrap_or_else(|problem| panic!("{engine}: {problem}"));
}

fn stream(call: &Call) -> Call {
    Call {
        stream: true,
        ..call.clone()
    }
}

#[test]
fn one_point() {
    let path = Array::new([2, 1, 2], vec![1.0, 2.0, 3.0, -4.0]);
    let call = Call::new(path, 2);
    let initial = Array::new([2, 6], (0..12).map(|i| f64::from(i) / 8.0).collect());
    let from_initial = Call {
        initial: Some(initial.clone()),
        ..call.clone()
    };
    let scalar = Call {
        scalar_term: true,
        ..call.clone()
    };
    let from_origin = Call {
        basepoint: Some(Array::zeros([2, 2])),
        ..call.clone()
    };
    let exp = [
        1.0, 2.0, 0.5, 1.0, 1.0, 2.0, 3.0, -4.0, 4.5, -6.0, -6.0, 8.0,
    ];
    each_engine(|engine| {
        assert_close(engine, &call, &[2, 6], &[0.0; 12]);
        assert_close(engine, &stream(&call), &[2, 0, 6], &[]);
        assert_close(engine, &from_initial, &[2, 6], &initial.values);
        assert_close(engine, &stream(&from_initial), &[2, 0, 6], &[]);
        let one = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].repeat(2);
        assert_close(engine, &scalar, &[2, 7], &one);
        assert_close(engine, &stream(&scalar), &[2, 0, 7], &[]);
        assert_close(engine, &from_origin, &[2, 6], &exp);
        assert_close(engine, &stream(&from_origin), &[2, 1, 6], &exp);
    });
}

/// A path of one point has a gradient: nothing depends on the point.
#[test]
fn one_point_has_a_gradient() {
    let call = Call::new(Array::new([1, 1, 2], vec![1.0, f64::NAN]), 2);
    each_engine(|engine| {
        let cotangent = Array::new([1, 6], vec![1.0; 6]);
        let gradient = engine.gradient(&call, Input::Path, &cotangent);
        assert_eq!(gradient, Array::zeros([1, 1, 2]), "{engine}");
    });
}

#[test]
fn empty_batch() {
    let call = Call::new(Array::zeros([0, 5, 2]), 2);
    let options = Call {
        basepoint: Some(Array::zeros([0, 2])),
        initial: Some(Array::zeros([0, 7])),
        inverse: true,
        scalar_term: true,
        ..call.clone()
    };
    each_engine(|engine| {
        assert_close(engine, &call, &[0, 6], &[]);
        assert_close(engine, &stream(&call), &[0, 4, 6], &[]);
        assert_close(engine, &options, &[0, 7], &[]);
        assert_close(engine, &stream(&options), &[0, 5, 7], &[]);
    });
}

#[test]
fn depth_one_is_the_increment() {
    let call = Call::new(
        Array::new([1, 3, 2], vec![1.0, 2.0, 0.5, 4.0, 2.0, -1.0]),
        1,
    );
    each_engine(|engine| {
        assert_close(engine, &call, &[1, 2], &[1.0, -3.0]);
        assert_close(engine, &stream(&call), &[1, 2, 2], &[-0.5, 2.0, 1.0, -3.0]);
    });
}

#[test]
fn one_channel() {
    let call = Call::new(Array::new([1, 3, 1], vec![0.0, 1.0, 3.0]), 3);
    each_engine(|engine| {
        assert_close(engine, &call, &[1, 3], &[3.0, 4.5, 4.5]);
        let prefixes = [1.0, 0.5, 1.0 / 6.0, 3.0, 4.5, 4.5];
        assert_close(engine, &stream(&call), &[1, 2, 3], &prefixes);
    });
}

#[test]
fn two_points_are_the_exponential() {
    let call = Call::new(Array::new([1, 2, 2], vec![1.0, 1.0, 3.0, 0.0]), 3);
    let want = [2.0, -1.0, 2.0, -1.0, -1.0, 0.5];
    let cubes = [8.0, -4.0, -4.0, 2.0, -4.0, 2.0, 2.0, -1.0].map(|cube| cube / 6.0);
    let want: Vec<f64> = want.into_iter().chain(cubes).collect();
    each_engine(|engine| {
        assert_close(engine, &call, &[1, 14], &want);
        assert_close(engine, &stream(&call), &[1, 1, 14], &want);
    });
}

#[test]
fn nothing_to_compute_with() {
    for target in targets() {
        let zeros = |shape: [usize; 3]| Tensor::<3>::zeros(shape, &target.device);
        let no_points = ["at least 1 point", "length = 0", "[2, 0, 3]"];
        let of = |parts: &[&'static str], name| [&[name], parts].concat();
        assert_panics(&of(&no_points, "signature:"), || {
            signature(zeros([2, 0, 3]), 2)
        });
        assert_panics(&of(&no_points, "signature_stream:"), || {
            signature_stream(zeros([2, 0, 3]), 2)
        });
        // A basepoint does not stand in for the missing points.
        let origin = SignatureOptions::new().with_basepoint(Basepoint::Zero);
        assert_panics(&no_points, || {
            sig_core::signatures::signature_with(zeros([2, 0, 3]), 2, &origin)
        });
        let no_depth = ["depth of at least 1", "depth = 0"];
        assert_panics(&of(&no_depth, "signature:"), || {
            signature(zeros([2, 3, 3]), 0)
        });
        assert_panics(&of(&no_depth, "signature_stream:"), || {
            signature_stream(zeros([2, 3, 3]), 0)
        });
        let no_channels = ["signature:", "at least 1 channel", "channels = 0"];
        assert_panics(&no_channels, || signature(zeros([2, 3, 0]), 2));
    }
}
