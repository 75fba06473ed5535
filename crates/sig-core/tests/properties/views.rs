//! Inputs that are views of other tensors: sliced, flipped, transposed, expanded. Values, and
//! gradients in the tensor viewed, are those of a copy.

use burn::tensor::Tensor;
use sig_core::signatures::{SignatureOptions, signature_stream_with, signature_with};

use super::random::{calls, for_all};
use crate::support::compare::close;
use crate::support::engines::tolerance;
use crate::support::naive::Call;
use crate::support::run::Engine;
use crate::support::tensors::Array;

type View = fn(Tensor<3>) -> Tensor<3>;

const VIEWS: [(&str, View); 6] = [
    ("sliced in time", |x| x.slice_dim(1, 1..)),
    ("every other point", |x| {
        x.slice_dim(1, burn::tensor::s![..;2])
    }),
    ("one channel of several", |x| x.slice_dim(2, 0..1)),
    ("flipped in time", |x| x.flip([1])),
    ("batch and time swapped", |x| x.swap_dims(0, 1)),
    ("time and channels swapped", |x| x.swap_dims(1, 2)),
];

#[test]
fn views_are_as_copies() {
    for_all(calls(3), |engine, call| {
        for (name, view) in VIEWS {
            compare(engine, call, view).map_err(|problem| format!("{name}: {problem}"))?;
        }
        Ok(())
    });
}

#[test]
fn expanded_paths_are_as_copies() {
    for_all(calls(2), |engine, call| {
        let one = call.map(|path| Array::stack(&[path.row(0)]));
        compare(engine, &one, |x| {
            let [_, length, channels] = x.dims();
            x.expand([3, length, channels])
        })?;
        // The same value at each time and in each channel.
        let point = call.map(|path| path.points(0..1));
        compare(engine, &point, |x| {
            let [batch, _, channels] = x.dims();
            x.expand([batch, 4, channels])
        })
    });
}

/// Compares the signature of a view with that of a copy of it, and the gradient in the tensor viewed
/// with that of the view taken back by Burn.
fn compare(engine: &Engine, call: &Call, view: View) -> Result<(), String> {
    let device = engine.target.device.clone().autodiff();
    let source = call.path.tensor::<3>(&device, engine.dtype).require_grad();
    let copy = Array::from(view(source.clone()));
    let copy = copy.tensor::<3>(&device, engine.dtype).require_grad();

    let options = SignatureOptions::new().with_method(engine.method);
    let tolerance = tolerance(engine.dtype);
    let [of_view, of_copy] = [view(source.clone()), copy.clone()].map(|path| {
        let signature = signature_with(path.clone(), call.depth, &options);
        (signature, signature_stream_with(path, call.depth, &options))
    });
    for (got, want) in [
        (
            Array::from(of_view.0.clone()),
            Array::from(of_copy.0.clone()),
        ),
        (
            Array::from(of_view.1.clone()),
            Array::from(of_copy.1.clone()),
        ),
    ] {
        assert_eq!(got.shape, want.shape);
        close(&got.values, &want.values, 1.0, tolerance)?;
    }

    // A path of one point has zeros, which come from no tensor.
    if copy.dims()[1] < 2 {
        return Ok(());
    }
    // A different weight for each term, so that no two entries of a gradient can be exchanged.
    let weights: Vec<f64> = (0..of_copy.0.dims().iter().product::<usize>())
        .map(|i| (0.7 * i as f64).cos())
        .collect();
    let weights = Array::new(of_copy.0.dims(), weights).tensor::<2>(&device, engine.dtype);
    let gradients = (of_view.0 * weights.clone()).sum().backward();
    let got = Array::from(source.grad(&gradients).unwrap());
    let gradients = (of_copy.0 * weights).sum().backward();
    let of_copy = copy.grad(&gradients).unwrap();
    // The view is linear, so its own gradient takes that of the copy to the source.
    let again = call.path.tensor::<3>(&device, engine.dtype).require_grad();
    let pulled = (view(again.clone()) * Tensor::from_inner(of_copy))
        .sum()
        .backward();
    let want = Array::from(again.grad(&pulled).unwrap());
    close(&got.values, &want.values, 1.0, tolerance)
        .map_err(|problem| format!("gradient: {problem}"))
}
