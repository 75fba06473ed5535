//! The edges of the functions on signatures, log-signatures and transforms: sizes that do not match,
//! and batches of nothing.

use burn::tensor::{DType, Tensor};
use sig_core::algebra::{
    multi_signature_combine, segment_signature, shuffle_product, signature_append,
    signature_combine, signature_inner_product, signature_inverse, signature_prepend,
    signature_scale, signature_scale_levels, tensor_exp, tensor_log,
};
use sig_core::logsignatures::LogSignatureBasis::{self, Brackets, Expand, Hall, Words};
use sig_core::logsignatures::{
    LogSignatureOptions, logsignature, logsignature_combine, logsignature_ragged,
    logsignature_scale_levels, logsignature_stream, logsignature_to_signature, logsignature_with,
    signature_to_logsignature,
};
use sig_core::signatures::{
    Basepoint, SignatureOptions, SignatureSpec, extract_signature_level, extract_signature_term,
    signature_ragged,
};
use sig_core::transforms::{
    LeadLagOrder, LeadingMissing, PathTransform, basepoint, cumulative_sum, forward_fill,
    hold_last, invisibility_reset, lead_lag, scale, time_augment, time_augment_at,
    time_augment_ragged,
};
use sig_core::windows::{Windows, logsignature_windows, signature_windows, signature_windows_with};

use super::panics::assert_panics;
use crate::support::engines::targets;
use crate::support::tensors::Array;

fn for_all(test: impl Fn(&dyn Fn([usize; 2]) -> Tensor<2>, &dyn Fn([usize; 3]) -> Tensor<3>)) {
    for target in targets() {
        let options = (&target.device, DType::F32);
        test(&|shape| Tensor::zeros(shape, options), &|shape| {
            Tensor::zeros(shape, options)
        });
    }
}

#[test]
fn terms_that_are_those_of_other_sizes() {
    // Two channels at depth 3 have 14 terms and 5 coordinates.
    for_all(|matrix, _| {
        let spec = SignatureSpec::new(2, 3);
        let wrong = || matrix([2, 13]);
        let right = || matrix([2, 14]);
        let sizes = "2 channels at depth 3";
        let unary: [(&str, &dyn Fn() -> Tensor<2>); 7] = [
            ("signature_inverse: signature", &|| {
                signature_inverse(wrong(), spec)
            }),
            ("signature_scale: signature", &|| {
                signature_scale(wrong(), 2.0, spec)
            }),
            ("tensor_exp: element", &|| tensor_exp(wrong(), spec)),
            ("tensor_log: signature", &|| tensor_log(wrong(), spec)),
            ("signature_to_logsignature: signature", &|| {
                signature_to_logsignature(wrong(), spec, Words)
            }),
            ("extract_signature_term: signature", &|| {
                extract_signature_term(wrong(), &[0], spec)
            }),
            ("extract_signature_level: signature", &|| {
                extract_signature_level(wrong(), 1, spec)
            }),
        ];
        for (named, call) in unary {
            assert_panics(
                &[named, "14 terms", sizes, "got 13 (axis 1 of [2, 13])"],
                call,
            );
        }
        let term = |word: &'static [usize]| move || extract_signature_term(right(), word, spec);
        let named = "extract_signature_term: a word has 1 to 3 letters";
        assert_panics(&[named, "less than 2", "got [0, 2]"], term(&[0, 2]));
        assert_panics(&[named, "got []"], term(&[]));
        assert_panics(&[named, "got [0, 0, 0, 0]"], term(&[0; 4]));
        let named = "extract_signature_level: level must be in 1..=3";
        for level in [0, 4] {
            let got = format!("got {level}");
            assert_panics(&[named, &got], || {
                extract_signature_level(right(), level, spec)
            });
        }
        let combine = |a, b| signature_combine(a, b, spec);
        assert_panics(&["signature_combine: a ", "14 terms"], || {
            combine(wrong(), right())
        });
        assert_panics(&["signature_combine: b ", "14 terms"], || {
            combine(right(), wrong())
        });
        let other = || matrix([3, 14]);
        let batch = [
            "signature_combine: a and b",
            "same batch (axis 0), got 2 and 3",
        ];
        assert_panics(&batch, || combine(right(), other()));
        let double = || right().cast(DType::F64);
        let dtype = ["signature_combine: a and b", "same dtype, got F32 and F64"];
        if right().device().supports_dtype(DType::F64) {
            assert_panics(&dtype, || combine(right(), double()));
        }
        let multi = |all| multi_signature_combine(all, spec);
        assert_panics(&["multi_signature_combine: at least 1 signature"], || {
            multi(vec![])
        });
        let named = ["multi_signature_combine: signatures[1]", "14 terms"];
        assert_panics(&named, || multi(vec![right(), wrong()]));
        assert_panics(&["shuffle_product: b"], || {
            shuffle_product(right(), wrong(), spec)
        });
        let terms = ["signature_inner_product", "got 14 and 13"];
        assert_panics(&terms, || signature_inner_product(right(), wrong()));
        let increment = || matrix([2, 2]);
        let append = ["signature_append: signature", "14 terms", sizes];
        assert_panics(&append, || signature_append(wrong(), increment(), 3));
        let prepend = ["signature_prepend: signature and increment", "got 2 and 1"];
        assert_panics(&prepend, || signature_prepend(right(), matrix([1, 2]), 3));
        assert_panics(&["segment_signature", "depth = 0"], || {
            segment_signature(increment(), 0)
        });
        assert_panics(
            &["SignatureSpec: a signature needs at least 1 channel"],
            || tensor_log(right(), SignatureSpec::new(0, 3)),
        );
    });
}

#[test]
fn coordinates_that_are_those_of_another_basis() {
    for_all(|matrix, _| {
        let spec = SignatureSpec::new(2, 3);
        let cases: [(LogSignatureBasis, usize, &str); 4] = [
            (Expand, 5, "14 coordinates in the basis Expand"),
            (Words, 14, "5 coordinates in the basis Words"),
            (Brackets, 4, "5 coordinates in the basis Brackets"),
            (Hall, 6, "5 coordinates in the basis Hall"),
        ];
        for (basis, given, expected) in cases {
            let given = || matrix([2, given]);
            assert_panics(
                &["logsignature_to_signature: logsignature", expected],
                || logsignature_to_signature(given(), spec, basis),
            );
            assert_panics(&["logsignature_combine: a", expected], || {
                logsignature_combine(given(), given(), spec, basis)
            });
        }
    });
}

#[test]
fn paths_that_have_no_logarithm() {
    for_all(|_, path| {
        assert_panics(&["logsignature: ", "length = 0"], || {
            logsignature(path([2, 0, 3]), 2)
        });
        assert_panics(&["logsignature_stream: ", "depth = 0"], || {
            logsignature_stream(path([2, 3, 3]), 0)
        });
        let signature = SignatureOptions::new().with_scalar_term(true);
        let options = LogSignatureOptions::new().with_signature(signature);
        assert_panics(&["logsignature: ", "no scalar term"], || {
            logsignature_with(path([2, 3, 3]), 2, &options)
        });
    });
}

#[test]
fn windows_that_are_not_within_the_path() {
    for_all(|matrix, path| {
        let refused = |windows: Windows, parts: &[&str]| {
            assert_panics(parts, || signature_windows(path([2, 5, 3]), 2, &windows));
        };
        let sliding = |window, hop| Windows::Sliding { window, hop };
        refused(sliding(6, 1), &["Sliding: window", "5 points", "got 6"]);
        refused(
            sliding(1, 1),
            &["Sliding: window", "from 2 points", "got 1"],
        );
        refused(sliding(2, 0), &["Sliding: hop must be at least 1, got 0"]);
        let expanding = Windows::Expanding { first: 0, hop: 1 };
        refused(expanding, &["Expanding: first", "got 0"]);
        let dyadic = Windows::Dyadic { levels: 3 };
        refused(dyadic, &["Dyadic", "levels = 3", "got 5"]);
        let dyadic = Windows::Dyadic { levels: 200 };
        refused(dyadic, &["Dyadic", "levels = 200"]);
        let intervals = |range| Windows::Intervals(vec![0..2, range]);
        refused(intervals(4..6), &["interval 1", "0..5", "got 4..6"]);
        refused(
            intervals(3..4),
            &["interval 1", "at least 2 points", "got 3..4"],
        );
        #[allow(clippy::reversed_empty_ranges)]
        refused(intervals(4..2), &["interval 1", "got 4..2"]);
        let options = SignatureOptions::new().with_initial(matrix([2, 12]));
        assert_panics(&["signature_windows: basepoint and initial"], || {
            signature_windows_with(path([2, 5, 3]), 2, &sliding(2, 1), &options)
        });
    });
}

#[test]
fn transforms_of_what_does_not_fit() {
    for_all(|matrix, path| {
        let none = || path([2, 0, 3]);
        let empty: [(&str, &dyn Fn() -> Tensor<3>); 4] = [
            ("time_augment", &|| time_augment(none(), 1.0)),
            ("lead_lag", &|| lead_lag(none(), LeadLagOrder::LeadLag)),
            ("invisibility_reset", &|| invisibility_reset(none())),
            ("forward_fill", &|| {
                forward_fill(none(), LeadingMissing::Keep)
            }),
        ];
        for (named, call) in empty {
            assert_panics(&[named, "length = 0 (axis 1 of the path [2, 0, 3])"], call);
        }
        let some = || path([2, 4, 3]);
        assert_panics(&["time_augment: end_time", "got NaN"], || {
            time_augment(some(), f64::NAN)
        });
        assert_panics(&["time_augment_at: times", "[2, 4], got [2, 3]"], || {
            time_augment_at(some(), matrix([2, 3]))
        });
        assert_panics(&["scale: factors", "[channels] = [3], got [2]"], || {
            scale(some(), matrix([1, 2]).reshape([2]))
        });
        assert_panics(&["basepoint: point", "[2, 3], got [2, 2]"], || {
            basepoint(some(), &Basepoint::Point(matrix([2, 2])))
        });
        assert_panics(&["signature_ragged: lengths", "batch = 2", "got 1"], || {
            signature_ragged(some(), &[4], 2)
        });
        assert_panics(&["signature_ragged: lengths[1]", "1..=4", "got 5"], || {
            signature_ragged(some(), &[4, 5], 2)
        });
        assert_panics(&["ragged paths: lengths[0]", "1..=4", "got 0"], || {
            hold_last(some(), &[0, 4])
        });
        assert_panics(
            &["logsignature_ragged: lengths", "batch = 2", "got 3"],
            || logsignature_ragged(some(), &[4, 4, 4], 2),
        );
        assert_panics(&["time_augment_ragged: lengths[1]", "got 5"], || {
            time_augment_ragged(some(), &[4, 5], 1.0)
        });
        assert_panics(&["time_augment_ragged: end_time", "got inf"], || {
            time_augment_ragged(some(), &[4, 4], f64::INFINITY)
        });
        assert_panics(&["PathTransform: lengths[0]", "axis 1", "got 0"], || {
            PathTransform::Basepoint.forward_ragged(some(), &[0, 4])
        });
        let spec = SignatureSpec::new(2, 2);
        let factors = |count| matrix([1, count]).reshape([count]);
        assert_panics(&["signature_scale_levels: factors", "[2], got [3]"], || {
            signature_scale_levels(matrix([1, 6]), factors(3), spec)
        });
        assert_panics(
            &["logsignature_scale_levels", "3 coordinates", "got 6"],
            || logsignature_scale_levels(matrix([1, 6]), factors(2), spec, Words),
        );
    });
}

/// A NaN or an infinity stays in its row, in every basis, values and gradients.
#[test]
fn numbers_that_are_none_stay_in_their_row() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        let values: Vec<f64> = (0..3 * 5 * 3).map(|i| (1.3 * f64::from(i)).sin()).collect();
        let good = Array::new([3, 5, 3], values);
        for basis in [Expand, Words, Brackets, Hall] {
            let of = |path: &Array| {
                let path = path.tensor::<3>(&device, DType::F32).require_grad();
                let options = LogSignatureOptions::new().with_basis(basis);
                let log = logsignature_with(path.clone(), 4, &options);
                let gradient = path.grad(&log.clone().sum().backward()).unwrap();
                [Array::from(log), Array::from(gradient)]
            };
            let want = of(&good);
            for bad in [f64::NAN, f64::INFINITY] {
                let mut path = good.clone();
                path.values[20] = bad;
                for (got, want) in of(&path).iter().zip(&want) {
                    assert_eq!(got.row(0), want.row(0), "{basis:?}");
                    assert_eq!(got.row(2), want.row(2), "{basis:?}");
                    assert!(got.row(1).values.iter().any(|x| !x.is_finite()));
                }
            }
        }
    }
}

/// Batches of no rows, and of paths of one point, give results of the right shape.
#[test]
fn nothing_to_compute() {
    for_all(|matrix, path| {
        let time = PathTransform::TimeAugment { end_time: 1.0 };
        let (timed, lengths) = time.forward_ragged(path([0, 4, 2]), &[]);
        assert_eq!((timed.dims(), lengths), ([0, 4, 3], vec![]));
        let reset = PathTransform::InvisibilityReset;
        let (hidden, _) = reset.forward_ragged(path([0, 4, 2]), &[]);
        assert_eq!(hidden.dims(), [0, 6, 3]);
        assert_eq!(logsignature_ragged(path([0, 4, 2]), &[], 3).dims(), [0, 5]);
        let spec = SignatureSpec::new(2, 3);
        let none = || matrix([0, 14]);
        assert_eq!(signature_combine(none(), none(), spec).dims(), [0, 14]);
        assert_eq!(signature_inverse(none(), spec).dims(), [0, 14]);
        assert_eq!(tensor_exp(none(), spec).dims(), [0, 14]);
        let three = vec![none(), none(), none()];
        assert_eq!(multi_signature_combine(three, spec).dims(), [0, 14]);
        let filled = forward_fill(path([0, 4, 2]), LeadingMissing::Value(0.0));
        assert_eq!(filled.dims(), [0, 4, 2]);
        for basis in [Expand, Words, Brackets, Hall] {
            let terms = basis.terms(2, 3);
            let log = signature_to_logsignature(none(), spec, basis);
            assert_eq!(log.dims(), [0, terms]);
            let back = logsignature_to_signature(log, spec, basis);
            assert_eq!(back.dims(), [0, 14]);
            let options = LogSignatureOptions::new().with_basis(basis);
            let log = |batch| logsignature_with(path([batch, 1, 2]), 3, &options);
            assert_eq!(log(0).dims(), [0, terms]);
            let of_a_point = log(2).into_data().try_to_vec::<f32>().unwrap();
            assert_eq!(of_a_point, vec![0.0; 2 * terms]);
        }
        assert_eq!(logsignature_stream(path([2, 1, 2]), 3).dims(), [2, 0, 5]);
        let windows = Windows::Sliding { window: 2, hop: 1 };
        assert_eq!(
            signature_windows(path([0, 4, 2]), 3, &windows).dims(),
            [0, 3, 14]
        );
        let log = logsignature_windows(path([0, 4, 2]), 3, &windows, Words);
        assert_eq!(log.dims(), [0, 3, 5]);
        let windows = Windows::Intervals(vec![]);
        assert_eq!(
            signature_windows(path([2, 4, 2]), 3, &windows).dims(),
            [2, 0, 14]
        );
        assert_eq!(signature_ragged(path([0, 4, 2]), &[], 3).dims(), [0, 14]);
        assert_eq!(cumulative_sum(path([2, 1, 2])).dims(), [2, 1, 2]);
        assert_eq!(time_augment(path([2, 1, 2]), 1.0).dims(), [2, 1, 3]);
        assert_eq!(time_augment(path([0, 4, 2]), 1.0).dims(), [0, 4, 3]);
    });
}
