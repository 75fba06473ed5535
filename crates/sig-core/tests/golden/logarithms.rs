//! Cases of log-signatures.

use std::sync::Arc;

use sig_core::logsignatures::{LogSignatureBasis, logsignature_combine};
use sig_core::signatures::SignatureSpec;

use super::algebra::Algebra;
use super::cases::{Case, plain};
use super::fields::Fields;
use crate::support::naive::Call;
use LogSignatureBasis::{Brackets, Expand, Hall, Words};

/// A log-signature or its stream in every basis that the case has.
pub(super) fn logsignature(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let call = plain(fields, "path")?;
    let (channels, depth) = (call.channels(), call.depth);
    let stream = fields.array("words")?.shape.len() == 3;
    let in_basis = |basis| Call {
        log: Some(basis),
        stream,
        ..call.clone()
    };
    if fields.has("lyndon_words") {
        let words = fields.lists("lyndon_words")?;
        if words != sig_core::words::lyndon_words(channels, depth) {
            return Err("field \"lyndon_words\" has other words".into());
        }
    }
    case.push("words", in_basis(Words), fields, "words")?;
    if fields.has("expanded") {
        case.push("expand", in_basis(Expand), fields, "expanded")?;
    }
    // A basis of other brackets has the same name, so that what is compared goes by the labels.
    let known = [
        (Brackets, "lyndon_brackets", "bracket_labels"),
        (Hall, "hall", "hall_labels"),
        (Hall, "hall_esig", "hall_esig_labels"),
    ];
    for (basis, field, labels) in known {
        if fields.has(field) && from_one(basis, channels, depth) == fields.texts(labels)? {
            case.push(field, in_basis(basis), fields, field)?;
        }
    }
    let labels = ["bracket_labels", "hall_labels"];
    let labels = labels.iter().filter(|labels| fields.has(labels)).count();
    match case.checks.len() >= 1 + usize::from(fields.has("expanded")) + labels {
        true => Ok(()),
        false => Err("the labels of brackets are those of no basis known here".into()),
    }
}

/// The labels of a basis with letters counted from 1.
fn from_one(basis: LogSignatureBasis, channels: usize, depth: usize) -> Vec<String> {
    let labels = basis.labels(channels, depth).into_iter();
    let raised = |label: String| {
        let parts = label.split_inclusive(|c: char| !c.is_ascii_digit());
        let part = |part: &str| {
            let letter = part.trim_end_matches(|c: char| !c.is_ascii_digit());
            match letter.parse::<usize>() {
                Ok(number) => format!("{}{}", number + 1, &part[letter.len()..]),
                Err(_) => part.to_owned(),
            }
        };
        parts.map(part).collect()
    };
    labels.map(raised).collect()
}

/// The log-signatures of two paths and of one followed by the other.
pub(super) fn combined(
    fields: Fields<'_>,
    [a, b]: [Call; 2],
    case: &mut Case,
) -> Result<(), String> {
    if !fields.has("logsig_brackets_combined") {
        return Ok(());
    }
    let spec = SignatureSpec::new(a.channels(), a.depth);
    let in_brackets = |call: Call| Call {
        log: Some(Brackets),
        ..call
    };
    let (a, b) = (in_brackets(a), in_brackets(b));
    let array = |field| fields.array_like(field, &a.output_shape());
    case.algebra.push(Algebra {
        label: "logsignature_product".into(),
        inputs: vec![array("logsig_brackets_a")?, array("logsig_brackets_b")?],
        pieces: None,
        levels: a.levels(),
        want: array("logsig_brackets_combined")?,
        gradients: None,
        operation: Arc::new(move |[a, b]| logsignature_combine(a, b, spec, Brackets)),
    });
    case.push("first_logsignature", a, fields, "logsig_brackets_a")?;
    case.push("second_logsignature", b, fields, "logsig_brackets_b")
}
