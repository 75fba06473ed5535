//! Chosen words are terms of the whole signature.

use burn::tensor::{DType, FloatDType, Tensor};
use proptest::prelude::*;
use sig_core::signatures::{signature, signature_stream, sub_signature, sub_signature_stream};
use sig_core::transforms::{project, random_projection};
use sig_core::words::WordSet;

use super::random::{calls, for_all_devices};
use super::streaming::Random;
use crate::support::compare::{self, Floor};
use crate::support::engines::{targets, tolerance};
use crate::support::naive::{Call, Input};
use crate::support::tensors::Array;

/// A set over so many channels: some words of the whole signature, or those of weighted channels.
fn set(call: &Call, chosen: &[usize], weighted: bool) -> (WordSet, Vec<usize>) {
    let channels = call.channels();
    let spec = sig_core::signatures::SignatureSpec::new(channels, call.depth);
    let set = match weighted {
        true => {
            let weights: Vec<f64> = (0..channels).map(|i| 1.0 + 0.5 * i as f64).collect();
            WordSet::anisotropic(&weights, call.depth as f64)
        }
        false => {
            let mut places: Vec<usize> = chosen.iter().map(|i| i % spec.terms()).collect();
            let mut seen = std::collections::BTreeSet::new();
            places.retain(|place| seen.insert(*place));
            WordSet::new(channels, places.into_iter().map(|i| spec.word(i)).collect())
        }
    };
    let places = set
        .words()
        .iter()
        .map(|word| spec.word_index(word))
        .collect();
    (set, places)
}

fn pick(terms: &Array, places: &[usize]) -> Array {
    let all = terms.shape[terms.shape.len() - 1];
    let mut shape = terms.shape.clone();
    *shape.last_mut().unwrap() = places.len();
    let rows = terms.values.chunks(all);
    let values = rows.flat_map(|row| places.iter().map(|&place| row[place]));
    Array::new(shape, values.collect())
}

#[test]
fn words_are_those_of_the_whole_signature() {
    let choices = (
        calls(1),
        prop::collection::vec(0..400usize, 1..8),
        any::<bool>(),
    );
    for_all_devices(choices, |device, dtype, (call, chosen, weighted)| {
        let (set, places) = set(call, chosen, *weighted);
        let path = call.path.tensor::<3>(device, dtype);
        let floor = Floor {
            smallest: 1.0,
            of_pieces: None,
        };
        let got = sub_signature(path.clone(), &set).into();
        let whole: Array = match call.path.shape[1] {
            1 => signature(path.clone(), call.depth).into(),
            _ => call.evaluate(),
        };
        compare::gradients(&got, &pick(&whole, &places), &floor, tolerance(dtype))?;
        let got: Array = sub_signature_stream(path.clone(), &set).into();
        let stream: Array = signature_stream(path.clone(), call.depth).into();
        compare::gradients(&got, &pick(&stream, &places), &floor, tolerance(dtype))?;
        if call.path.shape[1] == 1 {
            return Ok(());
        }
        let input = call
            .path
            .tensor::<3>(&device.clone().autodiff(), dtype)
            .require_grad();
        let loss = sub_signature(input.clone(), &set).sum();
        let got = input.grad(&loss.backward()).unwrap().into();
        let mut cotangent = Array::zeros(call.output_shape());
        let terms = cotangent.shape[1];
        let rows = cotangent.values.chunks_mut(terms);
        rows.for_each(|row| places.iter().for_each(|&place| row[place] = 1.0));
        let want = call.gradient(Input::Path, &cotangent);
        compare::gradients(&got, &want, &floor, tolerance(dtype))
    });
}

/// A word of 6 letters over 200 channels, whose whole signature could not be held.
#[test]
fn many_channels_are_affordable() {
    for target in targets() {
        let points = Random(2).walk([2, 9, 200]);
        let word = [7usize, 7, 150, 3, 150, 199];
        let words = WordSet::new(200, vec![word.to_vec()]);
        let got: Array = sub_signature(points.tensor(&target.device, DType::F32), &words).into();
        // The same word over its own four channels.
        let own = [3, 7, 150, 199];
        let few: Vec<f64> = points
            .values
            .chunks(200)
            .flat_map(|p| own.map(|i| p[i]))
            .collect();
        let few = Call::new(Array::new([2, 9, 4], few), 6);
        let spec = sig_core::signatures::SignatureSpec::new(4, 6);
        let want = pick(&few.evaluate(), &[spec.word_index(&[1, 1, 2, 0, 2, 3])]);
        let floor = Floor::of_dtype(DType::F32);
        compare::gradients(&got, &want, &floor, 1e-5).unwrap();
    }
}

/// A projection is linear in each point, keeps squares of lengths in the mean, and has gradients.
#[test]
fn projections() {
    for target in targets() {
        let device = target.device.clone().autodiff();
        device.seed(4);
        let matrix = random_projection(3, 20_000, FloatDType::F32, &device);
        assert_eq!(matrix.dims(), [3, 20_000]);
        let points = [[[0., 0., 0.], [1., -2., 0.5]]];
        let path = Tensor::<3>::from_floats(points, &device).require_grad();
        let projected = project(path.clone(), matrix);
        let square = (projected.clone() * projected).sum();
        let length = square.clone().into_scalar::<f32>();
        assert!((length / 5.25 - 1.0).abs() < 0.05, "{length}");
        let gradient: Array = path.grad(&square.backward()).unwrap().into();
        for (got, want) in gradient.values[3..].iter().zip([2.0, -4.0, 1.0]) {
            assert!((got - want).abs() < 0.2, "{got}, {want}");
        }
        let none = project(
            Tensor::zeros([0, 4, 3], &device),
            Tensor::zeros([3, 2], &device),
        );
        assert_eq!(none.dims(), [0, 4, 2]);
    }
}
