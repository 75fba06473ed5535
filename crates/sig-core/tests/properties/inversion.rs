//! From signatures back to paths.

use burn::tensor::{DType, Tensor};
use sig_core::inversion::invert_signature;
use sig_core::signatures::{SignatureSpec, signature};
use sig_core::transforms::{TreeLikeReduction, tree_like_reduction};

use super::random::{for_all_devices, numbers};
use crate::support::compare::close;
use crate::support::engines::{host, targets, tolerance};
use crate::support::tensors::Array;

/// A straight line is found exactly, at every depth and from every start, and the first step of the
/// formula is that of its definition.
#[test]
fn lines_are_found_exactly() {
    for_all_devices(numbers(vec![3, 2, 2]), |device, dtype, ends| {
        let path = ends.tensor::<3>(device, dtype);
        let start = path.clone().narrow(1, 0, 1).reshape([3, 2]);
        for depth in 1..=5 {
            let terms = signature(path.clone(), depth);
            let got: Array =
                invert_signature(terms, SignatureSpec::new(2, depth), Some(start.clone())).into();
            assert_eq!(got.shape, [3, depth + 1, 2]);
            for row in 0..3 {
                let [a, b] = [0, 1].map(|point| ends.row(row).row(point).values);
                let line = (0..=depth).flat_map(|t| {
                    let share = t as f64 / depth as f64;
                    [0, 1].map(|i| a[i] + (b[i] - a[i]) * share)
                });
                let line: Vec<f64> = line.collect();
                close(&got.row(row).values, &line, 1.0, 10.0 * tolerance(dtype))?;
            }
        }
        Ok(())
    });
}

/// A curve is found the better the deeper its signature is.
#[test]
fn curves_are_found_in_the_limit() {
    for target in targets() {
        let steps = 400;
        let curve = |share: f64| [share.sin(), 1.0 - share.cos()];
        let points = (0..=steps).flat_map(|t| curve(t as f64 / steps as f64));
        let path = Array::new([1, steps + 1, 2], points.collect());
        let path = path.tensor::<3>(&target.device, target.widest());
        let error = |depth: usize| {
            let terms = signature(path.clone(), depth);
            let got: Array = invert_signature(terms, SignatureSpec::new(2, depth), None).into();
            let points = got.values.chunks(2).enumerate();
            let off = points.map(|(t, point)| {
                let want = curve(t as f64 / depth as f64);
                (point[0] - want[0]).hypot(point[1] - want[1])
            });
            off.fold(0.0, f64::max)
        };
        let errors = [2, 5, 10].map(error);
        assert!(errors[2] < 0.02, "{errors:?}");
        assert!(errors[2] < errors[1] && errors[1] < errors[0], "{errors:?}");
    }
}

/// Paths whose last level but one vanishes rest; the others have gradients that are numbers.
#[test]
fn nothing_to_insert_into() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        let terms = Tensor::<2>::zeros([2, 14], (&device, DType::F32));
        let terms = terms.slice_assign([0..1, 0..2], Tensor::ones([1, 2], &device));
        let terms = terms.require_grad();
        let path = invert_signature(terms.clone(), SignatureSpec::new(2, 3), None);
        let values: Array = path.clone().into();
        assert_eq!(values.values, vec![0.0; 16]);
        let gradient: Array = terms.grad(&path.sum().backward()).unwrap().into();
        assert!(gradient.values.iter().all(|x| x.is_finite()));
        let none = Tensor::<2>::zeros([0, 14], &target.device);
        assert_eq!(
            invert_signature(none, SignatureSpec::new(2, 3), None).dims(),
            [0, 4, 2]
        );
    }
}

fn reduced(points: &[[f64; 2]], reduction: &TreeLikeReduction) -> Vec<Vec<f64>> {
    let target = host();
    let path = Array::new([points.len(), 2], points.concat());
    let path = path.tensor::<2>(&target.device, target.widest());
    let reduced: Array = tree_like_reduction(path, reduction).into();
    (0..reduced.shape[0])
        .map(|i| reduced.row(i).values)
        .collect()
}

#[test]
fn what_goes_out_and_back_is_left_out() {
    let default = TreeLikeReduction::default();
    let near = |got: Vec<Vec<f64>>, want: &[[f64; 2]]| {
        assert_eq!(got.len(), want.len(), "{got:?}");
        for (got, want) in got.iter().zip(want) {
            let off = (got[0] - want[0]).hypot(got[1] - want[1]);
            assert!(off < 0.02, "{got:?}, {want:?}");
        }
    };
    // A branch with a branch of its own, and a way back of half its length.
    let path = [
        [0., 0.],
        [1., 0.],
        [1., 1.],
        [2., 1.],
        [1., 1.],
        [1., 2.],
        [1., 1.],
        [1., 0.],
        [3., 0.],
        [2., 0.],
        [2., 1.],
    ];
    near(reduced(&path, &default), &[[0., 0.], [2., 0.], [2., 1.]]);
    // All of it goes out and back: what is left is a point.
    near(
        reduced(&[[0., 0.], [1., 1.], [0., 0.]], &default),
        &[[0., 0.]],
    );
    // A closed path is none that goes back, unless only its ends are looked at.
    let square = [[0., 0.], [1., 0.], [1., 1.], [0., 1.], [0., 0.]];
    near(reduced(&square, &default), &square);
    let ends = TreeLikeReduction {
        order: 1,
        ..default
    };
    near(reduced(&square, &ends), &[[0., 0.]]);
    near(reduced(&[[2., 3.]], &default), &[[2., 3.]]);
}

/// The signature stays what it was.
#[test]
fn reduction_keeps_the_signature() {
    let path = [
        [0., 0.],
        [1., 0.5],
        [1., 1.5],
        [1., 0.5],
        [2., 0.],
        [2.5, 1.],
    ];
    let terms = |points: Vec<f64>| -> Array {
        let target = host();
        let path = Array::new([1, points.len() / 2, 2], points);
        signature(path.tensor(&target.device, target.widest()), 4).into()
    };
    let short = reduced(&path, &TreeLikeReduction::default());
    assert_eq!(short.len(), 4, "{short:?}");
    close(
        &terms(short.concat()).values,
        &terms(path.concat()).values,
        1.0,
        1e-2,
    )
    .unwrap();
}
