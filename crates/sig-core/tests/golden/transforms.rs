//! Cases of paths that are transformed before their signature is taken.

use std::sync::Arc;

use sig_core::transforms::LeadLagOrder;

use super::algebra::Algebra;
use super::cases::{Case, plain};
use super::fields::Fields;
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
