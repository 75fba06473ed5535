//! What a case says, read off the fields it has, whatever its file is called.

use sig_core::logsignatures::LogSignatureBasis;
use sig_core::windows::Windows;

use super::algebra::Algebra;
use super::checks::{Check, Expected, Sampled};
use super::fields::Fields;
use super::kernels::KernelCheck;
use super::{chen, kernels, logarithms, rotations, transforms};
use crate::support::naive::{Call, Input};
use crate::support::tensors::Array;

/// What a case comes to: checks to make, and names of the things in it that are not supported yet.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) checks: Vec<Check>,
    pub(crate) algebra: Vec<Algebra>,
    pub(crate) kernels: Vec<KernelCheck>,
    pub(crate) skipped: Vec<&'static str>,
}

/// Fields of operations that are not tested here, and the name of what is skipped.
const SKIPPED: [(&str, &str); 6] = [
    (
        "libraries",
        "edge behaviour of other libraries, not a specification",
    ),
    ("weights", "layer"),
    ("trajectory", "inversion"),
    ("blocks", "layer"),
    ("hidden_size", "layer"),
    ("matrices", "layer"),
];

/// Reads a case, or says what is missing.
pub(crate) fn read(fields: Fields<'_>) -> Result<Case, String> {
    fields.text("name")?;
    let mut case = Case::default();
    if fields.has("of") {
        gradient(fields, &mut case)?;
    } else if let Some((_, what)) = SKIPPED.iter().find(|(field, _)| fields.has(field)) {
        case.skipped.push(what);
    } else if kernels::is_one(fields) {
        kernels::read(fields, &mut case)?;
    } else if fields.has("words") {
        logarithms::logsignature(fields, &mut case)?;
    } else if fields.has("rate") {
        transforms::fading(fields, &mut case)?;
    } else if fields.has("transformed") {
        transforms::transformed(fields, &mut case)?;
    } else if fields.has("combined") {
        chen::combined(fields, &mut case)?;
    } else if fields.has("rotation_invariants") {
        rotations::invariants(fields, &mut case)?;
    } else if fields.has("joined") {
        chen::joined(fields, &mut case)?;
    } else if fields.has("signature_with_zero_basepoint") {
        let mut call = plain(fields, "path")?;
        call.basepoint = Some(Array::zeros([call.path.shape[0], call.channels()]));
        case.push("basepoint", call, fields, "signature_with_zero_basepoint")?;
    } else if fields.has("level_norms") {
        sampled(fields, &mut case)?;
    } else if fields.has("signature") {
        signature(fields, &mut case)?;
    } else {
        return Err(
            "no field names an operation: expected one of \"signature\", \
                    \"level_norms\", \"of\", \"combined\", \"joined\", \
                    \"signature_with_zero_basepoint\", or \"static_kernel\" beside one of \
                    \"kernel\", \"gram\", \"grid\", \"exact\", \"mmd2\", \"mmd2_unbiased\""
                .into(),
        );
    }
    Ok(case)
}

impl Case {
    /// A check of a result that stands in a field, in the shape the call gives.
    pub(super) fn push(
        &mut self,
        label: &str,
        call: Call,
        fields: Fields<'_>,
        field: &str,
    ) -> Result<(), String> {
        let want = fields.array_like(field, &call.output_shape())?;
        self.add(label, call, Expected::Terms(want));
        Ok(())
    }

    pub(super) fn add(&mut self, label: &str, call: Call, expected: Expected) {
        let label = label.to_owned();
        self.checks.push(Check {
            label,
            call,
            expected,
        });
    }
}

/// The plain signature of the paths in a field.
pub(super) fn plain(fields: Fields<'_>, path: &str) -> Result<Call, String> {
    let path_field = path;
    let path = fields.array_of(path, 3)?;
    if path.shape[1] < 2 {
        return Err(format!(
            "field \"{path_field}\" has paths of fewer than 2 points"
        ));
    }
    for (field, axis) in [("batch", 0), ("length", 1), ("dim", 2)] {
        if path_field == "path" && fields.has(field) && fields.count(field)? != path.shape[axis] {
            return Err(format!(
                "field \"{field}\" does not agree with the shape {:?} of \"path\"",
                path.shape
            ));
        }
    }
    Ok(Call::new(path, fields.count("depth")?))
}

/// A signature, its stream, of windows or of intervals.
fn signature(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let call = plain(fields, "path")?;
    if fields.has("window") {
        return windows(fields, call, case);
    }
    if fields.has("intervals") {
        return intervals(fields, call, case);
    }
    let stream = fields.array("signature")?.shape.len() == 3;
    let label = if stream { "stream" } else { "signature" };
    case.push(label, Call { stream, ..call }, fields, "signature")
}

/// Windows of as many points.
fn windows(fields: Fields<'_>, call: Call, case: &mut Case) -> Result<(), String> {
    let (window, hop) = (fields.count("window")?, fields.count("hop")?);
    let length = call.path.shape[1];
    if !(2..=length).contains(&window) {
        return Err(format!(
            "field \"window\" is {window}, the paths have {length} points"
        ));
    }
    let windows = Some(Windows::Sliding { window, hop });
    case.push("windows", Call { windows, ..call }, fields, "signature")
}

/// Points `start..end` of the first path.
fn intervals(fields: Fields<'_>, call: Call, case: &mut Case) -> Result<(), String> {
    let ends = fields.indices("intervals", 2)?;
    let length = call.path.shape[1];
    let mut ranges = Vec::new();
    for (i, pair) in ends.chunks(2).enumerate() {
        let &[start, end] = pair else {
            return Err(format!("field \"intervals\"[{i}] has no two ends"));
        };
        if start + 2 > end || end > length {
            return Err(format!(
                "field \"intervals\"[{i}] is {start}..{end}, the path has {length} points"
            ));
        }
        ranges.push(start..end);
    }
    let path = Array::stack(&[call.path.row(0)]);
    let call = Call {
        windows: Some(Windows::Intervals(ranges)),
        ..Call::new(path, call.depth)
    };
    let [_, count, terms] = call.output_shape()[..] else {
        unreachable!("windows have 3 axes")
    };
    let want = fields.array_like("signature", &[count, terms])?;
    let want = Array::new([1, count, terms], want.values);
    case.add("intervals", call, Expected::Terms(want));
    Ok(())
}

fn sampled(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let call = plain(fields, "path")?;
    let batch = call.path.shape[0];
    let index = fields.indices("index", 1)?;
    let terms = call.output_shape()[1];
    if let Some(beyond) = index.iter().find(|&&index| index >= terms) {
        return Err(format!(
            "field \"index\" has {beyond}, the signature {terms} terms"
        ));
    }
    let sampled = Sampled {
        level_norms: fields.array_like("level_norms", &[call.depth, batch])?,
        value: fields.array_like("value", &[batch, index.len()])?,
        dot_cos: fields.array_like("dot_cos", &[batch])?,
        index,
    };
    case.add("signature", call, Expected::Sampled(sampled));
    Ok(())
}

fn gradient(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    use LogSignatureBasis::{Brackets, Expand, Words};
    let (stream, log) = match fields.text("of")? {
        "signature" => (false, None),
        "signature_stream" => (true, None),
        "logsignature_words" => (false, Some(Words)),
        "logsignature_lyndon_brackets" => (false, Some(Brackets)),
        "logsignature_expanded" => (false, Some(Expand)),
        other => {
            return Err(format!(
                "field \"of\" is {other:?}, which is no operation known here"
            ));
        }
    };
    let call = Call {
        stream,
        log,
        ..plain(fields, "path")?
    };
    case.gradient(call, fields)
}

impl Case {
    /// A check of the gradient in the path that stands beside its cotangent.
    pub(super) fn gradient(&mut self, call: Call, fields: Fields<'_>) -> Result<(), String> {
        let cotangent = fields.array_like("cotangent", &call.output_shape())?;
        let want = fields.array_like("grad", &call.path.shape)?;
        let of = Input::Path;
        let expected = Expected::Gradient {
            of,
            cotangent,
            want,
        };
        self.add("gradient", call, expected);
        Ok(())
    }
}
