//! Paths whose past fades, against their definition and their recursion.

use burn::tensor::{DType, Device, Tensor};
use sig_core::signatures::signature;
use sig_core::streaming::FadingSignature;
use sig_core::transforms::{fade, fade_channels};

use super::streaming::Random;
use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::tensors::Array;

const RATE: f64 = 0.75;

/// Irregular times that f32 holds exactly, two of them equal.
fn times(length: usize) -> Vec<f64> {
    let step = |i: usize| [0.25, 0.5, 0.0, 1.25][i % 4];
    let next = |time: &mut f64, i| {
        *time += step(i);
        Some(*time)
    };
    (0..length).scan(2.0, next).collect()
}

fn constants<const D: usize>(shape: [usize; D], values: Vec<f64>, like: &Tensor<3>) -> Tensor<D> {
    Array::new(shape, values).tensor(&like.device(), like.dtype())
}

/// The fading signature of a path `[1, length, channels]` at its last time.
fn fading(path: Tensor<3>, rate: Tensor<1>, depth: usize) -> Tensor<2> {
    let length = path.dims()[1];
    let times = constants([1, length], times(length), &path);
    signature(fade(path, times, rate), depth)
}

fn f64_path(shape: [usize; 3]) -> Tensor<3> {
    Random(11).walk(shape).tensor(&Device::flex(), DType::F64)
}

/// After every point of a stream the state is the signature of the faded prefix.
#[test]
fn a_fading_stream_is_the_faded_prefix() {
    for target in targets() {
        for dtype in target.dtypes() {
            for (channels, depth) in [(1, 4), (2, 3), (3, 2)] {
                let length = 9;
                let walk = Random(5).walk([1, length, channels]);
                let mut stream = FadingSignature::<f64>::new(channels, depth, RATE);
                for (t, time) in times(length).into_iter().enumerate() {
                    stream.push(&walk.values[t * channels..][..channels], time);
                    let path = walk.points(0..t + 1).tensor::<3>(&target.device, dtype);
                    let rate = constants([1], vec![RATE], &path);
                    let got = Array::from(fading(path, rate, depth));
                    let want = Array::new(got.shape.clone(), stream.signature().to_vec());
                    // Halves are rounded after the path was faded, as after any transform.
                    let (smallest, tolerance) = match dtype {
                        DType::F64 | DType::F32 => (1e-2, tolerance(dtype)),
                        _ => (1.0, 4.0 * tolerance(dtype)),
                    };
                    let floor = Floor {
                        smallest,
                        of_pieces: None,
                    };
                    compare::signatures(&got, &want, channels, &floor, tolerance).unwrap();
                }
            }
        }
    }
}

/// The derivative in the rate at 0, where the weight is a series, against differences.
#[test]
fn slope_of_fading_at_rate_0() {
    let device = Device::flex();
    let path = f64_path([1, 6, 2]);
    let value = |rate: f64| {
        let rate = Tensor::<1>::from_data([rate], (&device, DType::F64));
        fading(path.clone(), rate, 3).sum().into_scalar::<f64>()
    };
    let step = 1e-3;
    let difference = |step: f64| (value(step) - value(-step)) / (2.0 * step);
    let want = (4.0 * difference(step) - difference(2.0 * step)) / 3.0;
    let rate = Tensor::<1>::from_data([0.0], (&device.clone().autodiff(), DType::F64));
    let rate = rate.require_grad();
    let gradients = fading(path.clone(), rate.clone(), 3).sum().backward();
    let got = rate.grad(&gradients).unwrap().into_scalar::<f64>();
    assert!(want.abs() > 0.1, "{want}");
    assert!((got - want).abs() < 1e-9 * want.abs(), "{got}, {want}");
}

/// Equal rates of all channels are one rate, whatever the chords.
#[test]
fn equal_rates_are_one_rate() {
    let path = f64_path([1, 7, 3]);
    let want = fading(path.clone(), constants([1], vec![RATE], &path), 3);
    for substeps in [1, 2, 5] {
        let times = constants([1, 7], times(7), &path);
        let rates = constants([3], vec![RATE; 3], &path);
        let got = signature(fade_channels(path.clone(), times, rates, substeps), 3);
        let floor = Floor::of_dtype(DType::F64);
        compare::signatures(&got.into(), &want.clone().into(), 3, &floor, 1e-12).unwrap();
    }
}

/// Rates that differ: the error falls like `substeps^−2`, and level 1 is exact.
#[test]
fn chords_of_different_rates_converge() {
    let path = f64_path([1, 5, 2]);
    let of = |substeps| {
        let times = constants([1, 5], times(5), &path);
        let rates = constants([2], vec![0.5, 3.0], &path);
        let faded = fade_channels(path.clone(), times, rates, substeps);
        Array::from(signature(faded, 2)).values
    };
    // Two orders are gained by extrapolation, so this is far closer than 8 chords.
    let (fine, finer) = (of(256), of(512));
    let exact = |i: usize| (4.0 * finer[i] - fine[i]) / 3.0;
    let error = |substeps| {
        let values = of(substeps);
        let off = |i: usize| (values[i] - exact(i)).abs();
        assert!((0..2).all(|i| off(i) < 1e-14), "level 1");
        (2..6).map(off).fold(0.0, f64::max)
    };
    for substeps in [2, 4, 8] {
        let ratio = error(substeps) / error(2 * substeps);
        assert!((3.7..4.3).contains(&ratio), "{substeps}: {ratio}");
    }
}

#[test]
#[should_panic(expected = "fade: times must have the shape [batch, length] = [1, 4], got [1, 3]")]
fn times_of_another_length() {
    let path = f64_path([1, 4, 2]);
    let times = constants([1, 3], times(3), &path);
    fade(path.clone(), times, constants([1], vec![1.0], &path));
}
