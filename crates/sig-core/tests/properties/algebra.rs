//! What the theory of signatures says.

use proptest::prelude::*;
use sig_core::signatures::SignatureSpec;

use super::random::{agree, calls, for_all};
use crate::support::compare::close;
use crate::support::engines::{smallest_normal, tolerance};
use crate::support::naive::{self, Call};
use crate::support::run::Engine;
use crate::support::scale;
use crate::support::tensors::Array;

/// A call, and a place to cut its path in two.
fn cut_calls() -> impl Strategy<Value = (Call, usize)> {
    calls(3).prop_flat_map(|call| {
        let length = call.path.shape[1];
        (Just(call), 1..length - 1)
    })
}

fn parts(call: &Call, cut: usize) -> (Call, Call) {
    let length = call.path.shape[1];
    let part = |path| Call::new(path, call.depth);
    (
        part(call.path.points(0..cut + 1)),
        part(call.path.points(cut..length)),
    )
}

#[test]
fn chen_identity() {
    for_all(cut_calls(), |engine, (call, cut)| {
        let (first, second) = parts(call, *cut);
        let whole = engine.evaluate(call);
        let continued = Call {
            initial: Some(engine.evaluate(&first)),
            ..second.clone()
        };
        agree(engine, call, &engine.evaluate(&continued), &whole)?;
        let (first, second) = (engine.evaluate(&first), engine.evaluate(&second));
        let product = naive::multiply(&first, &second, call.channels(), call.depth);
        agree(engine, call, &product, &whole)
    });
}

#[test]
fn inverse_times_signature_is_one() {
    for_all(calls(2), |engine, call| {
        let inverse = Call {
            inverse: true,
            ..call.clone()
        };
        let (signature, inverse) = (engine.evaluate(call), engine.evaluate(&inverse));
        let product = naive::multiply(&signature, &inverse, call.channels(), call.depth);
        // The product is the signature of the path run forth and back.
        let there_and_back = Call {
            path: with_reverse(&call.path),
            ..call.clone()
        };
        let one = Array::zeros(product.shape.clone());
        agree(engine, &there_and_back, &product, &one)
    });
}

fn with_reverse(path: &Array) -> Array {
    let length = path.shape[1];
    select(path, (0..length).chain((0..length - 1).rev()))
}

/// The points at the given times.
fn select(path: &Array, times: impl Iterator<Item = usize> + Clone) -> Array {
    let rows: Vec<Array> = (0..path.shape[0])
        .map(|row| {
            let row = path.row(row);
            let points: Vec<Array> = times.clone().map(|t| row.row(t)).collect();
            Array::stack(&points)
        })
        .collect();
    Array::stack(&rows)
}

#[test]
fn reversed_path_has_the_inverse() {
    for_all(calls(2), |engine, call| {
        let inverse = Call {
            inverse: true,
            ..call.clone()
        };
        let reversed = Call {
            path: select(&call.path, (0..call.path.shape[1]).rev()),
            ..call.clone()
        };
        let (got, want) = (engine.evaluate(&inverse), engine.evaluate(&reversed));
        agree(engine, &reversed, &got, &want)
    });
}

#[test]
fn translation_changes_nothing() {
    let shifted = (calls(2), -4i32..=4);
    for_all(shifted, |engine, (call, shift)| {
        let moved = call.map(|path| {
            let values = path.values.iter().map(|x| x + f64::from(*shift)).collect();
            Array::new(path.shape.clone(), values)
        });
        agree(
            engine,
            call,
            &engine.evaluate(&moved),
            &engine.evaluate(call),
        )
    });
}

/// Points put in between, or twice, change nothing.
#[test]
fn reparametrisation_changes_nothing() {
    for_all(calls(2), |engine, call| {
        let length = call.path.shape[1];
        let doubled = select(&call.path, (0..2 * length).map(|t| t / 2));
        let later = doubled.points(1..2 * length);
        let halves = doubled.points(0..2 * length - 1).values;
        let halves = halves.iter().zip(&later.values).map(|(a, b)| (a + b) / 2.0);
        let halfway = Array::new(later.shape.clone(), halves.collect());
        for path in [doubled, halfway] {
            let other = Call::new(path, call.depth);
            agree(
                engine,
                call,
                &engine.evaluate(&other),
                &engine.evaluate(call),
            )?;
        }
        Ok(())
    });
}

#[test]
fn level_k_scales_by_the_kth_power() {
    let scaled = (
        calls(2),
        prop_oneof![Just(-2.0), Just(-1.0), Just(0.5), Just(3.0)],
    );
    for_all(scaled, |engine, (call, factor)| {
        let scaled = call.map(|path| {
            let values = path.values.iter().map(|x| x * factor).collect();
            Array::new(path.shape.clone(), values)
        });
        let spec = SignatureSpec::new(call.channels(), call.depth);
        let mut want = engine.evaluate(call);
        for (index, value) in want.values.iter_mut().enumerate() {
            let level = spec.word(index % spec.terms()).len();
            *value *= factor.powi(level as i32);
        }
        agree(engine, &scaled, &engine.evaluate(&scaled), &want)
    });
}

/// `⟨S, u⟩ ⟨S, v⟩ = Σ ⟨S, w⟩` over the shuffles `w` of the words `u` and `v`.
#[test]
fn shuffle_identity() {
    for_all(calls(2), |engine, call| {
        let spec = SignatureSpec::new(call.channels(), call.depth);
        let scales = scale::of_pieces(call);
        let signature = engine.evaluate(call);
        for (row, scale) in scales.iter().enumerate() {
            let terms = signature.row(row).values;
            for u in 0..spec.terms() {
                for v in u..spec.terms() {
                    shuffle_of_two(engine, spec, (u, v), &terms, scale)
                        .map_err(|problem| format!("row {row}: {problem}"))?;
                }
            }
        }
        Ok(())
    });
}

fn shuffle_of_two(
    engine: &Engine,
    spec: SignatureSpec,
    (u, v): (usize, usize),
    terms: &[f64],
    scale: &[f64],
) -> Result<(), String> {
    let (first, second) = (spec.word(u), spec.word(v));
    let level = first.len() + second.len();
    if level > spec.depth() {
        return Ok(());
    }
    let shuffles = shuffles(&first, &second);
    let sum: f64 = shuffles
        .iter()
        .map(|word| terms[spec.word_index(word)])
        .sum();
    let floor = (scale[first.len() - 1] * scale[second.len() - 1])
        .max(scale[level - 1] * shuffles.len() as f64)
        .max(smallest_normal(engine.dtype));
    close(
        &[sum],
        &[terms[u] * terms[v]],
        floor,
        tolerance(engine.dtype),
    )
    .map_err(|problem| format!("words {first:?} and {second:?}: {problem}"))
}

/// Every way to merge two words that keeps the order of each, with repetitions.
fn shuffles(u: &[usize], v: &[usize]) -> Vec<Vec<usize>> {
    let (Some(&a), Some(&b)) = (u.last(), v.last()) else {
        return vec![[u, v].concat()];
    };
    let ending = |words: Vec<Vec<usize>>, letter| {
        words.into_iter().map(move |mut word| {
            word.push(letter);
            word
        })
    };
    let with_a = ending(shuffles(&u[..u.len() - 1], v), a);
    with_a
        .chain(ending(shuffles(u, &v[..v.len() - 1]), b))
        .collect()
}

#[test]
fn one_channel_is_a_power_over_a_factorial() {
    let one_channel =
        (1..=3usize, 2..=6usize, 1..=8usize).prop_flat_map(|(batch, length, depth)| {
            super::random::numbers(vec![batch, length, 1])
                .prop_map(move |path| Call::new(path, depth))
        });
    for_all(one_channel, |engine, call| {
        let length = call.path.shape[1];
        let rows = (0..call.path.shape[0]).flat_map(|row| {
            let points = call.path.row(row).values;
            let step = points[length - 1] - points[0];
            (1..=call.depth).scan(1.0, move |power, k| {
                *power *= step / k as f64;
                Some(*power)
            })
        });
        let want = Array::new(call.output_shape(), rows.collect());
        agree(engine, call, &engine.evaluate(call), &want)
    });
}
