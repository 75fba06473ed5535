//! Tests of the format itself: a case that is not one is refused with what is wrong in it, and the
//! smallest case of each kind is read, whatever its file is called.

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::cases;
use super::fields::Fields;

/// One test for each case refused, and one for those read.
pub(crate) fn trials() -> Vec<Trial> {
    let path = json!([[[0, 0], [1, 0], [1, 1]]]);
    let terms = json!([[1, 1, 0.5, 1, 0, 0.5]]);
    let good = json!({"name": "x", "depth": 2, "path": path, "signature": terms});
    let with = |field: &str, value: Value| {
        let mut case = good.clone();
        case[field] = value;
        case
    };
    let without = |field: &str| {
        let mut case = good.clone();
        case.as_object_mut().and_then(|case| case.remove(field));
        case
    };
    let gradient = |field: &str, value: Value| {
        let mut case = without("signature");
        case["of"] = json!("signature");
        case["cotangent"] = json!([[1, 2, 3, 4, 5, 6]]);
        case["grad"] = path.clone();
        case[field] = value;
        case
    };
    let windows = |window: usize| {
        let mut case = with("signature", json!([[terms[0]]]));
        case["window"] = json!(window);
        case["hop"] = json!(1);
        case
    };
    let intervals = |start: usize, end: usize| {
        let mut case = good.clone();
        case["intervals"] = json!([[start, end]]);
        case
    };
    let refused = [
        ("no_name", without("name"), "field \"name\" is missing"),
        ("no_depth", without("depth"), "field \"depth\" is missing"),
        ("no_path", without("path"), "field \"path\" is missing"),
        (
            "no_operation",
            without("signature"),
            "no field names an operation",
        ),
        (
            "depth_0",
            with("depth", json!(0)),
            "\"depth\" is not a whole number of at least 1",
        ),
        (
            "text",
            with("path", json!("x")),
            "path is \"x\", expected a number or a list",
        ),
        (
            "axes",
            with("path", json!([[0, 0], [1, 1]])),
            "\"path\" has 2 axes [2, 2], expected 3",
        ),
        (
            "null",
            with("path", json!([[[0, null], [1, 1]]])),
            "path[0][0][1] is null",
        ),
        (
            "ragged",
            with("path", json!([[[0, 0], [1]]])),
            "path[0][1] has 1 entries, expected 2",
        ),
        (
            "one_point",
            with("path", json!([[[0, 0]]])),
            "fewer than 2 points",
        ),
        (
            "dim",
            with("dim", json!(3)),
            "\"dim\" does not agree with the shape [1, 3, 2]",
        ),
        (
            "terms",
            with("signature", json!([[1, 1]])),
            "shape [1, 2], expected [1, 6]",
        ),
        (
            "steps",
            with("signature", json!([terms])),
            "shape [1, 1, 6], expected [1, 2, 6]",
        ),
        (
            "flag",
            with("cancels", json!(1)),
            "\"cancels\" is not true or false",
        ),
        (
            "window",
            windows(4),
            "\"window\" is 4, the paths have 3 points",
        ),
        (
            "interval",
            intervals(1, 4),
            "is 1..4, the path has 3 points",
        ),
        (
            "of",
            gradient("of", json!("sinature")),
            "\"of\" is \"sinature\", which is no operation",
        ),
        (
            "cotangent",
            gradient("cotangent", json!([[1]])),
            "shape [1, 1], expected [1, 6]",
        ),
        (
            "grad",
            gradient("grad", json!([[[0, 0]]])),
            "shape [1, 1, 2], expected [1, 3, 2]",
        ),
    ];
    let mut trials: Vec<Trial> = refused
        .into_iter()
        .map(|(name, case, part)| {
            Trial::test(format!("format::refused::{name}"), move || {
                match problem(&case) {
                    Some(problem) if problem.contains(part) => Ok(()),
                    Some(problem) => Err(format!("{problem:?} does not say {part:?}").into()),
                    None => Err("the case was taken".into()),
                }
            })
        })
        .collect();
    let read = [
        good.clone(),
        windows(3),
        intervals(0, 3),
        gradient("name", json!("y")),
    ];
    trials.push(Trial::test("format::read", move || {
        read.iter().try_for_each(|case| match problem(case) {
            None => Ok(()),
            Some(problem) => Err(Failed::from(problem)),
        })
    }));
    trials
}

/// What is wrong with a case, or nothing if it comes to checks.
fn problem(case: &Value) -> Option<String> {
    let fields = Fields(case.as_object().expect("a case is an object"));
    let read = cases::read(fields)
        .and_then(|case| super::exceptions::of("format", "x", fields).map(|_| case));
    match read {
        Ok(case) => case.checks.is_empty().then(|| "no checks".into()),
        Err(problem) => Some(problem),
    }
}
