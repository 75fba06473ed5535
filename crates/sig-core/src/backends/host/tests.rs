//! The kernels give what the portable bodies give, values and gradients.

use burn::backend::{Flex, tensor::FloatTensor};
use burn::tensor::TensorData;

use crate::{
    AlgebraParams, PowerSeries, SignatureMethod, SignatureOps, SignatureWindowsParams, portable,
};

type Plain = FloatTensor<Flex>;

fn numbers(shape: &[usize], seed: usize) -> Plain {
    let count: usize = shape.iter().product();
    let number = |i: usize| ((i * 7 + seed * 13) as f64 * 0.37).sin() * 0.6;
    let data = TensorData::new((0..count).map(number).collect::<Vec<f64>>(), shape.to_vec());
    <Flex as burn::backend::ops::FloatTensorOps<Flex>>::float_from_data(data, &Default::default())
}

#[track_caller]
fn assert_close(got: Plain, want: Plain, place: &str) {
    let read = |tensor: Plain| -> (Vec<usize>, Vec<f64>) {
        let shape = burn::backend::TensorMetadata::shape(&tensor).to_vec();
        let numbers = tensor.to_contiguous();
        (
            shape,
            numbers.as_slice::<f64>().expect("contiguous").to_vec(),
        )
    };
    let ((shape, got), (expected_shape, want)) = (read(got), read(want));
    assert_eq!(shape, expected_shape, "{place}");
    for (i, (a, b)) in got.iter().zip(&want).enumerate() {
        let off = (a - b).abs();
        assert!(
            off <= 1e-12 * b.abs().max(1.0),
            "{place}, {i}: {a}, expected {b}"
        );
    }
}

/// Rows, channels, depth: more and fewer rows than lanes, channels in one block and in more.
const SIZES: [(usize, usize, usize); 8] = [
    (1, 1, 1),
    (3, 1, 5),
    (9, 2, 1),
    (5, 2, 6),
    (17, 3, 4),
    (2, 5, 3),
    (3, 11, 2),
    (70, 4, 3),
];

fn terms(channels: usize, depth: usize) -> usize {
    crate::signature_channels(channels, depth)
}

#[test]
fn power_series() {
    for (rows, channels, depth) in SIZES {
        let params = AlgebraParams { channels, depth };
        let element = numbers(&[rows, terms(channels, depth)], 1);
        for series in [
            PowerSeries::Exp,
            PowerSeries::Log,
            PowerSeries::LogAtLyndon,
            PowerSeries::Inverse,
        ] {
            let place = format!("{series:?} of {rows}, {channels}, {depth}");
            let got = Flex::power_series(element.clone(), series, params);
            let want = portable::power_series::<Flex>(element.clone(), series, params);
            assert_close(got, want, &place);
            let output = numbers(&[rows, series.terms(params.spec())], 2);
            let operands = || (element.clone(), output.clone());
            let (x, g) = operands();
            let got = Flex::power_series_backward(x, g, series, params);
            let (x, g) = operands();
            let want = portable::power_series_gradient::<Flex>(x, g, series, params);
            assert_close(got, want, &format!("the gradient of {place}"));
        }
    }
}

/// Narrow and wide paths, a channel for each or one for all.
#[test]
fn channels() {
    for (batch, length, channels) in [(3, 4, 0), (1, 1, 1), (5, 7, 3), (2, 6, 10), (2, 3, 23)] {
        for rows in [1, batch] {
            let path = || numbers(&[batch, length, channels], 1);
            let channel = || numbers(&[rows, length], 2);
            let got = Flex::append_channel(path(), channel());
            let want = portable::append_channel::<Flex>(path(), channel());
            let shape = burn::backend::TensorMetadata::shape(&got).to_vec();
            assert_eq!(shape, [batch, length, channels + 1]);
            assert_close(got, want, &format!("{batch}, {length}, {channels}, {rows}"));
        }
    }
}

#[test]
fn products() {
    for (rows, channels, depth) in SIZES {
        let params = AlgebraParams { channels, depth };
        let place = format!("{rows}, {channels}, {depth}");
        let [a, b, output] = [1, 2, 3].map(|seed| numbers(&[rows, terms(channels, depth)], seed));
        let got = Flex::tensor_product(a.clone(), b.clone(), params);
        let want = portable::product::<Flex>(a.clone(), b.clone(), params);
        assert_close(got, want, &place);
        let (a, b, output) = (&a, &b, &output);
        let got = Flex::tensor_product_backward(a.clone(), b.clone(), output.clone(), params);
        let want = portable::product_gradient::<Flex>(a.clone(), b.clone(), output.clone(), params);
        assert_close(got.0, want.0, &format!("the gradient of a of {place}"));
        assert_close(got.1, want.1, &format!("the gradient of b of {place}"));
    }
}

#[test]
#[allow(clippy::single_range_in_vec_init, reason = "windows are ranges")]
fn windows() {
    let sliding = |window: usize, hop: usize, length: usize| {
        let starts = (0..=length - window).step_by(hop);
        starts
            .map(|start| start..start + window)
            .collect::<Vec<_>>()
    };
    for (rows, length, windows) in [
        (1, 2, vec![0..2]),
        (3, 40, sliding(7, 3, 40)),
        (20, 12, vec![3..5, 0..12, 2..9, 1..3, 0..12, 7..8]),
        // Few and long: cut into segments.
        (1, 700, vec![0..700, 5..600, 640..700, 13..400]),
    ] {
        for inverse in [false, true] {
            let (channels, depth) = (2, 3);
            let place = format!("{rows}, {length}, {} windows", windows.len());
            let params = SignatureWindowsParams {
                depth,
                inverse,
                method: SignatureMethod::Fused,
                windows: windows.clone(),
            };
            let path = numbers(&[rows, length, channels], 1);
            let got = Flex::signature_windows(path.clone(), params.clone());
            let want = portable::signature_windows::<Flex>(path.clone(), params.clone());
            assert_close(got, want, &place);
            let output = numbers(&[rows, windows.len(), terms(channels, depth)], 2);
            let (p, g) = (path.clone(), output.clone());
            let got = Flex::signature_windows_backward(p, g, params.clone());
            let want = portable::signature_windows_gradient::<Flex>(path, output, params);
            assert_close(got, want, &format!("the gradient of {place}"));
        }
    }
}

/// The same bits, whatever the number of threads.
#[test]
fn threads() {
    let params = SignatureWindowsParams {
        depth: 4,
        inverse: false,
        method: SignatureMethod::Fused,
        windows: (0..60).map(|start| start..start + 40).collect(),
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().expect("a pool").install(|| {
            let path = numbers(&[9, 100, 3], 1);
            let output = numbers(&[9, 60, terms(3, 4)], 2);
            let gradient = Flex::signature_windows_backward(path, output, params.clone());
            gradient.as_slice::<f64>().expect("contiguous").to_vec()
        })
    };
    assert_eq!(with(1), with(3));
}
