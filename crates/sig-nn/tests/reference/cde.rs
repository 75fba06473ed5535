//! Log-neural and linear neural controlled differential equations.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{DType, Device, Gradients, Tensor};
use serde_json::Value;
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::windows::{Windows, logsignature_windows};
use sig_nn::cde::{Flow, LinearNeuralCdeConfig, LogNeuralCdeConfig, Scan, Solver};

use super::folder::{all_cases, count, precisions, word};
use super::weights::{Weights, assert_close};

/// The windows between boundaries, which they share.
fn windows(case: &Value) -> Windows {
    let boundaries = case["boundaries"].as_array().unwrap();
    let boundaries: Vec<usize> = boundaries
        .iter()
        .map(|at| at.as_u64().unwrap() as usize)
        .collect();
    Windows::Intervals(boundaries.windows(2).map(|w| w[0]..w[1] + 1).collect())
}

fn tensors<'a>(case: &'a Value, device: &Device, dtype: DType) -> Weights<'a> {
    Weights {
        case,
        prefix: "",
        device: device.clone(),
        dtype,
    }
}

/// The log-signatures of the case by our own windows.
fn compare_logsignatures(case: &Value, weights: &Weights<'_>, tolerance: f64) {
    let path = weights.tensor::<3>(&case["path"]);
    let (depth, basis) = (count(case, "depth"), LogSignatureBasis::Words);
    let logs = logsignature_windows(path, depth, &windows(case), basis);
    let what = format!("{}: log-signatures", case["name"]);
    assert_close(&what, logs.into_data(), &case["logsig"], tolerance);
}

fn compare<const D: usize>(case: &Value, field: &str, got: Option<Tensor<D>>, tolerance: f64) {
    let what = format!("{}: {field}", case["name"]);
    let got = got.unwrap_or_else(|| panic!("{what}: no gradient"));
    assert_close(&what, got.into_data(), &case[field], tolerance);
}

/// Weights `[out][in]` and a bias, under a name of the reference.
fn read(weights: &Weights<'_>, linear: &mut Linear, name: &str) {
    let of = &weights.case["weights"];
    let weight = weights.tensor::<2>(&of[&format!("{name}.weight")]);
    linear.weight = Param::from_tensor(weight.transpose());
    let bias = weights.tensor::<1>(&of[&format!("{name}.bias")]);
    linear.bias = Some(Param::from_tensor(bias));
}

fn compare_linear(case: &Value, linear: &Linear, name: &str, of: &Gradients, tolerance: f64) {
    let what = |part: &str| format!("{}: gradient of {name}.{part}", case["name"]);
    let expected = |part: &str| &case["grad_weights"][&format!("{name}.{part}")];
    let weight = linear.weight.val().grad(of).unwrap().transpose();
    assert_close(
        &what("weight"),
        weight.into_data(),
        expected("weight"),
        tolerance,
    );
    let bias = linear.bias.as_ref().unwrap().val().grad(of).unwrap();
    assert_close(&what("bias"), bias.into_data(), expected("bias"), tolerance);
}

#[test]
fn log_neural_cde() {
    let device = Device::default().autodiff();
    for case in all_cases("log_ncde.json", "steps_per_window") {
        let layers = count(&case, "hidden_layers");
        let config = LogNeuralCdeConfig::new(count(&case, "channels"), count(&case, "hidden"), 1)
            .with_depth(count(&case, "depth"))
            .with_width(count(&case, "width"))
            .with_hidden_layers(layers)
            .with_steps_per_window(count(&case, "steps_per_window"))
            .with_solver(match word(&case, "solver") {
                "euler" => Solver::Euler,
                "heun" => Solver::Heun,
                "rk4" => Solver::Rk4,
                other => panic!("{}: no solver {other}", case["name"]),
            });
        for (dtype, tolerance) in precisions(&device) {
            let weights = tensors(&case, &device, dtype);
            compare_logsignatures(&case, &weights, tolerance);
            let mut layer = config.init(&device);
            read(&weights, &mut layer.initial, "linear1");
            for (i, linear) in layer.field.layers.iter_mut().enumerate() {
                read(&weights, linear, &format!("vf.{i}"));
            }
            let start = weights.tensor::<2>(&case["initial"]).require_grad();
            let logs = weights.tensor::<3>(&case["logsig"]).require_grad();
            let states = layer.states(start.clone(), logs.clone());
            compare(&case, "hidden_states", Some(states.clone()), tolerance);
            let cotangent = weights.tensor::<3>(&case["cotangent"]);
            let gradients = (states * cotangent).sum().backward();
            compare(&case, "grad_logsig", logs.grad(&gradients), tolerance);
            compare(&case, "grad_initial", start.grad(&gradients), tolerance);
            compare_linear(&case, &layer.initial, "linear1", &gradients, tolerance);
            for (i, linear) in layer.field.layers.iter().enumerate() {
                compare_linear(&case, linear, &format!("vf.{i}"), &gradients, tolerance);
            }
        }
    }
}

#[test]
fn linear_neural_cde() {
    let device = Device::default().autodiff();
    for case in all_cases("linear_ncde.json", "blocks") {
        let size = count(&case, "block_size");
        let hidden = count(&case, "blocks") * size;
        let config = LinearNeuralCdeConfig::new(count(&case, "channels"), hidden, 1)
            .with_depth(count(&case, "depth"))
            .with_block_size(size)
            .with_flow(match word(&case, "flow") {
                "euler" => Flow::Euler,
                "expm" => Flow::Exponential,
                other => panic!("{}: no flow {other}", case["name"]),
            });
        for (dtype, tolerance) in precisions(&device) {
            let weights = tensors(&case, &device, dtype);
            compare_logsignatures(&case, &weights, tolerance);
            for scan in [Scan::Auto, Scan::Sequential, Scan::Parallel] {
                let mut layer = config.clone().with_scan(scan).init(&device);
                layer.weight = Param::from_tensor(weights.tensor(&case["weight"]));
                let start = weights.tensor::<2>(&case["initial"]).require_grad();
                let logs = weights.tensor::<3>(&case["logsig"]).require_grad();
                let states = layer.states_from(start.clone(), logs.clone());
                compare(&case, "hidden_states", Some(states.clone()), tolerance);
                let cotangent = weights.tensor::<3>(&case["cotangent"]);
                let gradients = (states * cotangent).sum().backward();
                compare(&case, "grad_logsig", logs.grad(&gradients), tolerance);
                compare(&case, "grad_initial", start.grad(&gradients), tolerance);
                let weight = layer.weight.val().grad(&gradients);
                compare(&case, "grad_weight", weight, tolerance);
            }
        }
    }
}

/// Log-NCDE on Heartbeat of the UEA archive: 61 channels and time, two classes.
#[test]
fn parameter_counts_of_the_papers() {
    let device = Device::default();
    let log = LogNeuralCdeConfig::new(62, 16, 2).init(&device);
    assert_eq!(log.num_params(), 164_210);
    // d h k + (d h + h) + (h o + o)
    let linear = LinearNeuralCdeConfig::new(62, 64, 2)
        .with_block_size(4)
        .init(&device);
    assert_eq!(
        linear.num_params(),
        62 * 64 * 4 + (62 * 64 + 64) + (64 * 2 + 2)
    );
}
