//! Path developments against PyTorch.

use burn::module::Param;
use burn::tensor::{DType, Device, Gradients, Tensor};
use serde_json::Value;
use sig_nn::{MatrixGroup, PathDevelopment, PathDevelopmentConfig};

use super::folder::{all_cases, count, precisions, word};
use super::weights::{Weights, assert_close};

fn group(case: &Value) -> MatrixGroup {
    match word(case, "group") {
        "so" => MatrixGroup::So,
        "sp" => MatrixGroup::Sp,
        "se" => MatrixGroup::Se,
        "hyperbolic" => MatrixGroup::Hyperbolic,
        "gl" => MatrixGroup::Gl,
        "unitary" => MatrixGroup::Unitary,
        other => panic!("{}: no group {other}", case["name"]),
    }
}

/// A development with the weights of a case.
fn development(case: &Value, weights: &Weights<'_>) -> PathDevelopment {
    let config = PathDevelopmentConfig::new(count(case, "dim"), count(case, "hidden_size"))
        .with_copies(count(case, "channels"))
        .with_group(group(case));
    let mut layer = config.init(&weights.device);
    let parts = &case["weight"];
    if layer.imaginary.is_some() {
        layer.weight = Param::from_tensor(weights.tensor(&parts["real"]));
        layer.imaginary = Some(Param::from_tensor(weights.tensor(&parts["imag"])));
    } else {
        layer.weight = Param::from_tensor(weights.tensor(parts));
    }
    layer
}

#[test]
fn path_development() {
    let device = Device::default().autodiff();
    for case in all_cases("development.json", "group") {
        for (dtype, tolerance) in precisions(&device) {
            check(&case, &device, dtype, tolerance);
        }
    }
}

fn check(case: &Value, device: &Device, dtype: DType, tolerance: f64) {
    let weights = Weights {
        case,
        prefix: "",
        device: device.clone(),
        dtype,
    };
    let layer = development(case, &weights);
    let path = weights.tensor::<3>(&case["path"]).require_grad();
    let gradients = match case["return_sequence"].as_bool().unwrap() {
        true => backward(&weights, layer.forward_stream(path.clone()), tolerance),
        false => backward(&weights, layer.forward(path.clone()), tolerance),
    };
    // A path of one point has no step: nothing is in the output, and no gradient is recorded.
    let Some(gradients) = gradients else {
        assert_eq!(path.dims()[1], 1);
        return;
    };
    let compare = |field: &str, got: Tensor<4>, want: &Value| {
        let what = format!("{}: {field}", case["name"]);
        assert_close(&what, got.into_data(), want, tolerance);
    };
    let gradient = path.grad(&gradients).unwrap().unsqueeze();
    compare("grad_path", gradient, &wrapped(&case["grad_path"]));
    let gradient = layer.weight.val().grad(&gradients).unwrap();
    match &layer.imaginary {
        None => compare("grad_weight", gradient, &case["grad_weight"]),
        Some(imaginary) => {
            compare("real", gradient, &case["grad_weight"]["real"]);
            let gradient = imaginary.val().grad(&gradients).unwrap();
            compare("imaginary", gradient, &case["grad_weight"]["imag"]);
        }
    }
}

/// With one more axis in front.
fn wrapped(value: &Value) -> Value {
    Value::Array(vec![value.clone()])
}

/// The gradients of the loss, after the output was compared; none if the output depends on nothing. A
/// complex matrix is read from its real form, and the loss is Re Σ conj(cotangent) value.
fn backward<const D: usize>(
    weights: &Weights<'_>,
    output: Tensor<D>,
    tolerance: f64,
) -> Option<Gradients> {
    let case = weights.case;
    let what = format!("{}: value", case["name"]);
    let cotangent = &case["cotangent"];
    let part = |part: Tensor<D>, value: &Value, cotangent: &Value| {
        assert_close(&what, part.clone().into_data(), value, tolerance);
        (part * weights.tensor::<D>(cotangent)).sum()
    };
    let loss = if cotangent.is_array() {
        part(output, &case["value"], cotangent)
    } else {
        let m = output.dims()[D - 1] / 2;
        let columns = output.narrow(D - 1, 0, m);
        let of = |start: usize, name: &str| {
            let rows = columns.clone().narrow(D - 2, start, m);
            part(rows, &case["value"][name], &cotangent[name])
        };
        of(0, "real") + of(m, "imag")
    };
    let steps = case["path"][0].as_array().unwrap().len() - 1;
    (steps > 0).then(|| loss.backward())
}
