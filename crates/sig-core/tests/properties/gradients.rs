//! Gradients against finite differences of the crate's own values.

use super::random::{calls_with_options, for_all_dtypes};
use crate::support::compare::close;
use crate::support::engines::Target;
use crate::support::naive::{Call, Input};
use crate::support::run::Engine;
use crate::support::tensors::Array;
use burn::tensor::DType;

/// Central differences of step 1e-4: off by 1e-8 times a third derivative, and by 1e-12 of rounding.
const STEP: f64 = 1e-4;
const TOLERANCE: f64 = 1e-6;

/// Where a device has f64; in f32 finite differences would say nothing.
fn double(target: &Target) -> Vec<DType> {
    let dtypes = target.dtypes().into_iter();
    dtypes.filter(|&dtype| dtype == DType::F64).collect()
}

#[test]
fn finite_differences_with_any_options() {
    for_all_dtypes(calls_with_options(), double, |engine, (call, cotangent)| {
        let steps = call.path.shape[1] - usize::from(call.basepoint.is_none());
        if steps == 0 {
            return Ok(());
        }
        let given = [
            Some(Input::Path),
            call.basepoint.as_ref().map(|_| Input::Basepoint),
            call.initial.as_ref().map(|_| Input::Initial),
        ];
        for of in given.into_iter().flatten() {
            along(engine, call, of, cotangent)
                .map_err(|problem| format!("in {of:?}: {problem}"))?;
        }
        Ok(())
    });
}

/// The derivative along a direction that has a part in every entry.
fn along(engine: &Engine, call: &Call, of: Input, cotangent: &Array) -> Result<(), String> {
    let count = call.input(of).values.len();
    let direction: Vec<f64> = (0..count).map(|i| (1.0 + i as f64).sin()).collect();
    let value = |step: f64| {
        let moved = call
            .input(of)
            .values
            .iter()
            .zip(&direction)
            .map(|(x, d)| x + step * d);
        let moved = Array::new(call.input(of).shape.clone(), moved.collect());
        dot(
            &engine.evaluate(&call.with_input(of, moved)).values,
            &cotangent.values,
        )
    };
    let difference = (value(STEP) - value(-STEP)) / (2.0 * STEP);
    let gradient = engine.gradient(call, of, cotangent);
    close(
        &[dot(&gradient.values, &direction)],
        &[difference],
        1.0,
        TOLERANCE,
    )
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
