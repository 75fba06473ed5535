//! All options together, against the host reference.

use super::random::{agree, calls_with_options, for_all_dtypes};
use crate::support::compare;
use crate::support::compare::Floor;
use crate::support::engines::{Target, tolerance};
use crate::support::naive::Input;

#[test]
fn values_with_any_options() {
    for_all_dtypes(calls_with_options(), Target::dtypes, |engine, (call, _)| {
        let want = call.evaluate().rounded(engine.dtype);
        agree(engine, call, &engine.evaluate(call), &want)
    });
}

/// Reverse mode against the derivatives of the host reference in each direction. Differences are
/// relative to the largest entry of the gradient, or of the cotangent: the gradient of level 1.
#[test]
fn gradients_with_any_options() {
    let dtypes = |target: &Target| target.dtypes();
    for_all_dtypes(calls_with_options(), dtypes, |engine, (call, cotangent)| {
        let steps = call.path.shape[1] - usize::from(call.basepoint.is_none());
        let largest = cotangent
            .values
            .iter()
            .fold(0.0, |most, c| c.abs().max(most));
        let floor = Floor {
            smallest: f64::max(largest, Floor::of_dtype(engine.dtype).smallest),
            of_pieces: None,
        };
        let mut inputs = Vec::new();
        if steps > 0 {
            inputs.push(Input::Path);
            inputs.extend(call.basepoint.is_some().then_some(Input::Basepoint));
        }
        if steps > 0 || !call.stream {
            inputs.extend(call.initial.is_some().then_some(Input::Initial));
        }
        for of in inputs {
            let got = engine.gradient(call, of, cotangent);
            let want = call.gradient(of, cotangent).rounded(engine.dtype);
            compare::gradients(&got, &want, &floor, tolerance(engine.dtype))
                .map_err(|problem| format!("in {of:?}: {problem}"))?;
        }
        Ok(())
    });
}
