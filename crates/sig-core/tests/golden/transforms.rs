//! Cases of paths that are transformed before their signature is taken.

use std::sync::Arc;

use sig_core::signatures::signature;
use sig_core::transforms::{LeadLagOrder, fade};

use super::algebra::Algebra;
use super::cases::{Case, plain};
use super::fields::Fields;
use crate::support::compare::levels;
use crate::support::naive::Call;
use crate::support::tensors::Array;
use crate::support::transform::Transform;

/// The transformed path, its signature and the gradient in the path before, if the case has one.
pub(super) fn transformed(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let call = plain(fields, "transformed")?;
    case.push("signature", call, fields, "signature")?;
    if !fields.has("path") {
        return Ok(());
    }
    let end_time = match fields.flag("time_aug")? {
        true => Some(
            fields
                .get("end_time")?
                .as_f64()
                .ok_or("\"end_time\" is no number")?,
        ),
        false => None,
    };
    let transform = Transform {
        lead_lag: fields.flag("lead_lag")?.then_some(LeadLagOrder::LagLead),
        end_time,
    };
    let call = Call {
        transform,
        ..plain(fields, "path")?
    };
    let [batch, length, channels] = call.path.shape[..] else {
        unreachable!("a path has 3 axes")
    };
    let shape = [
        batch,
        transform.length(length),
        transform.channels(channels),
    ];
    let numbers = shape[1] * shape[2];
    let path = Array::new([batch, length * channels], call.path.values.clone());
    let want = fields.array_like("transformed", &shape)?.values;
    case.algebra.push(Algebra {
        label: "transform".into(),
        inputs: vec![path.clone(), path],
        pieces: None,
        levels: vec![(1, 0..numbers)],
        want: Array::new([batch, numbers], want),
        gradients: None,
        operation: Arc::new(move |[path, _]| {
            let path = path.reshape([batch, length, channels]);
            transform.on(path).reshape([batch, numbers])
        }),
    });
    case.push("signature_of_transform", call.clone(), fields, "signature")?;
    match fields.has("grad") {
        true => case.gradient(call, fields),
        false => Ok(()),
    }
}

/// The signature of the faded path, and its gradients in the path and the rate.
pub(super) fn fading(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let call = plain(fields, "path")?;
    let [batch, length, channels] = call.path.shape[..] else {
        unreachable!("a path has 3 axes")
    };
    let rate = fields.array_like("rate", &[])?.values;
    let times = fields.array_like("times", &[length])?;
    let want = fields.array_like("signature", &call.output_shape())?;
    let cotangent = fields.array_like("cotangent", &want.shape)?;
    let grad = fields.array_like("grad", &call.path.shape)?.values;
    let grad_rate = fields.array_like("grad_rate", &[])?.values;
    let numbers = [batch, length * channels];
    // At the rate 0 the files hold 0 for the gradient of the rate, by a branch of their program:
    // `slope_of_fading_at_rate_0` has the true one.
    let constant = rate == [0.0];
    let depth = call.depth;
    case.algebra.push(Algebra {
        label: "fading".into(),
        inputs: vec![
            Array::new(numbers, call.path.values.clone()),
            Array::new([1, 1], rate),
        ],
        pieces: None,
        levels: levels(want.shape[1], channels),
        want,
        gradients: Some((
            cotangent,
            vec![Array::new(numbers, grad), Array::new([1, 1], grad_rate)],
        )),
        operation: Arc::new(move |[path, rate]| {
            let path = path.reshape([batch, length, channels]);
            let times = times.tensor::<1>(&path.device(), path.dtype());
            let rate = match constant {
                true => rate.clone().detach() + rate * 0.0,
                false => rate,
            };
            let times = times.unsqueeze_dim::<2>(0).repeat_dim(0, batch);
            signature(fade(path, times, rate.reshape([1])), depth)
        }),
    });
    Ok(())
}
