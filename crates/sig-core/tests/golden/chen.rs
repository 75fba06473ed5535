//! Cases of Chen's product: signatures continued, inverted and extended by a segment.

use std::sync::Arc;

use burn::tensor::Tensor;
use sig_core::algebra::{signature_append, signature_combine, signature_inverse};
use sig_core::gradients::signature_combine_backprop;
use sig_core::signatures::SignatureSpec;

use super::algebra::Algebra;
use super::cases::{Case, plain};
use super::checks::Expected;
use super::fields::Fields;
use super::logarithms;
use crate::support::naive::{Call, Input};
use crate::support::scale;
use crate::support::tensors::Array;

/// Chen's product of two signatures: a path continued from the signature of another.
pub(super) fn combined(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let (a, b) = (plain(fields, "path_a")?, plain(fields, "path_b")?);
    case.push("first", a.clone(), fields, "sig_a")?;
    case.push("second", b.clone(), fields, "sig_b")?;

    let terms = a.output_shape();
    let from_a = Call {
        initial: Some(fields.array_like("sig_a", &terms)?),
        ..b.clone()
    };
    case.push("continued", from_a.clone(), fields, "combined")?;

    // The inverse so far, continued by the second path: again the inverse of the whole.
    let inverse = |call: Call| Call {
        inverse: true,
        ..call
    };
    let inverse_a = inverse(a.clone()).evaluate();
    let inverse_from_a = Call {
        initial: Some(inverse_a),
        ..inverse(b.clone())
    };
    case.push(
        "inverse_continued",
        inverse_from_a,
        fields,
        "inverse_of_combined",
    )?;
    let whole = Call::new(followed_by(&a.path, &b.path)?, a.depth);
    case.push("whole", whole.clone(), fields, "combined")?;
    case.push(
        "inverse",
        inverse(whole.clone()),
        fields,
        "inverse_of_combined",
    )?;

    if fields.has("cotangent") {
        let cotangent = fields.array_like("cotangent", &terms)?;
        let want = fields.array_like("grad_a", &terms)?;
        let of = Input::Initial;
        let expected = Expected::Gradient {
            of,
            cotangent: cotangent.clone(),
            want,
        };
        case.add("gradient_of_initial", from_a.clone(), expected);
        // The reference has the gradient in the second signature; pulled back to its path.
        let want = b.gradient(Input::Path, &fields.array_like("grad_b", &terms)?);
        let of = Input::Path;
        case.add(
            "gradient_of_path",
            from_a,
            Expected::Gradient {
                of,
                cotangent,
                want,
            },
        );
    }
    products(fields, &a, &whole, case)?;
    logarithms::combined(fields, [a, b], case)
}

/// The same by the functions on signatures alone.
fn products(fields: Fields<'_>, a: &Call, whole: &Call, case: &mut Case) -> Result<(), String> {
    let spec = SignatureSpec::new(a.channels(), a.depth);
    let array = |field| fields.array_like(field, &a.output_shape());
    let levels = a.levels();
    let gradients = match fields.has("cotangent") {
        false => None,
        true => Some((
            array("cotangent")?,
            vec![array("grad_a")?, array("grad_b")?],
        )),
    };
    if let Some((cotangent, want)) = &gradients {
        for (which, want) in want.iter().enumerate() {
            let cotangent = cotangent.clone();
            let explicit = move |[a, b]: [Tensor<2>; 2]| {
                let cotangent = cotangent.tensor(&a.device(), a.dtype());
                let both = signature_combine_backprop(a, b, cotangent, spec);
                [both.0, both.1][which].clone()
            };
            let terms = want.shape[1];
            case.algebra.push(Algebra {
                label: format!("product_backprop_{which}"),
                inputs: vec![array("sig_a")?, array("sig_b")?],
                pieces: None,
                levels: vec![(1, 0..terms)],
                want: want.clone(),
                gradients: None,
                operation: Arc::new(explicit),
            });
        }
    }
    // The signatures of the file are themselves rounded on the scale of the pieces.
    let pieces = scale::of_pieces(whole);
    case.algebra.push(Algebra {
        label: "product".into(),
        inputs: vec![array("sig_a")?, array("sig_b")?],
        pieces: Some(pieces.clone()),
        levels: levels.clone(),
        want: array("combined")?,
        gradients,
        operation: Arc::new(move |[a, b]| signature_combine(a, b, spec)),
    });
    case.algebra.push(Algebra {
        label: "inverse_of_product".into(),
        inputs: vec![array("combined")?, array("combined")?],
        pieces: Some(pieces),
        levels,
        want: array("inverse_of_combined")?,
        gradients: None,
        operation: Arc::new(move |[signature, _]| signature_inverse(signature, spec)),
    });
    Ok(())
}

/// One path after the other; the second starts where the first ends.
fn followed_by(a: &Array, b: &Array) -> Result<Array, String> {
    let [batch, first, channels] = a.shape[..] else {
        unreachable!("a path has 3 axes")
    };
    if b.shape[0] != batch || b.shape[2] != channels {
        return Err(format!(
            "\"path_a\" {:?} and \"path_b\" {:?} do not join",
            a.shape, b.shape
        ));
    }
    if a.points(first - 1..first) != b.points(0..1) {
        return Err("\"path_b\" does not start where \"path_a\" ends".into());
    }
    let rows: Vec<Array> = (0..batch)
        .map(|row| {
            let mut values = a.row(row).values;
            values.extend(&b.row(row).values[channels..]);
            Array::new([values.len() / channels, channels], values)
        })
        .collect();
    Ok(Array::stack(&rows))
}

/// A signature with one more segment: two points, and the last point with a basepoint.
pub(super) fn joined(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let before = plain(fields, "path")?;
    let depth = before.depth;
    let [batch, length, channels] = before.path.shape[..] else {
        unreachable!("a path has 3 axes")
    };
    case.push("before", before.clone(), fields, "sig")?;
    let step = fields.array_like("displacement", &[batch, channels])?;
    let rows: Vec<Array> = (0..batch)
        .map(|row| Array::stack(&[Array::zeros([channels]), step.row(row)]))
        .collect();
    let initial = Some(fields.array_like("sig", &before.output_shape())?);
    let segment = Call {
        initial,
        ..Call::new(Array::stack(&rows), before.depth)
    };
    case.push("segment", segment.clone(), fields, "joined")?;
    case.algebra.push(Algebra {
        label: "append".into(),
        inputs: vec![
            fields.array_like("sig", &before.output_shape())?,
            step.clone(),
        ],
        pieces: None,
        levels: before.levels(),
        want: fields.array_like("joined", &before.output_shape())?,
        gradients: None,
        operation: Arc::new(move |[a, step]| signature_append(a, step, depth)),
    });

    let last = before.path.points(length - 1..length);
    let next = last.values.iter().zip(&step.values).map(|(x, z)| x + z);
    let point = Call {
        path: Array::new([batch, 1, channels], next.collect()),
        basepoint: Some(Array::new([batch, channels], last.values.clone())),
        ..segment
    };
    case.push("point", point, fields, "joined")
}
