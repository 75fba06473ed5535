use burn::nn::activation::EluConfig;
use burn::tensor::activation::softmax;
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use serde_json::Value;
use sig_core::signatures::SignatureMethod;
use sig_nn::{
    GatedResidualKanConfig, GatedResidualNetworkConfig, KanLinearConfig, SigDenseConfig,
    SigKanConfig,
};

use super::weights::*;

/// A dtype and how closely the reference is met.
///
/// The reference was run in f64, but its layer norm was not: on JAX, Keras 3.15 promotes
/// `result_type("float64", "float32")` to float32 and computes the norm in that. An evaluation of
/// the same formulas in f64 by hand is off by the same 2.5e-8 as ours.
fn precisions(device: &Device) -> Vec<(DType, f64)> {
    let mut precisions = vec![(DType::F32, 1e-5)];
    if computes_f64(device) {
        precisions.push((DType::F64, 1e-6));
    }
    precisions
}

/// Whether the device computes in f64, which means more than to support it: Vulkan has no
/// exponential in f64, and Burn 0.22 returns denormal numbers for one there.
pub(crate) fn computes_f64(device: &Device) -> bool {
    if !device.supports_dtype(DType::F64) {
        return false;
    }
    let points = [0.1f64, -0.7, 1.3];
    let tensor = Tensor::<1>::from_data(TensorData::from(points), (device, DType::F64));
    let values = tensor.exp().into_data();
    let exact = |(value, point): (f64, f64)| (value - point.exp()).abs() < 1e-14;
    values.iter::<f64>().zip(points).all(exact)
}

fn dims<const D: usize>(case: &Value, field: &str) -> [usize; D] {
    let data = data(&case[field]);
    std::array::from_fn(|axis| data.shape()[axis])
}

/// The gradients of `sum(cotangent · output)`, after the output was compared.
fn backward<const D: usize>(weights: &Weights<'_>, output: Tensor<D>, tolerance: f64) -> Gradients {
    let case = weights.case;
    assert_close(
        "output",
        output.clone().into_data(),
        &case["output"],
        tolerance,
    );
    let cotangent = weights.tensor::<D>(&case["cotangent"]);
    (output * cotangent).sum().backward()
}

fn compare_input_gradient<const D: usize>(
    case: &Value,
    input: &Tensor<D>,
    gradients: &Gradients,
    tolerance: f64,
) {
    let what = format!("{}: gradient of the input", case["name"]);
    let gradient = input.grad(gradients).unwrap().into_data();
    assert_close(&what, gradient, &case["grad_input"], tolerance);
}

fn compare_gradients(case: &Value, gradients: Vec<(String, TensorData)>, tolerance: f64) {
    let expected = case["grad_weights"].as_object().unwrap();
    assert_eq!(gradients.len(), expected.len());
    for (name, gradient) in gradients {
        let what = format!("{}: gradient of {name}", case["name"]);
        assert_close(&what, gradient, &expected[&name], tolerance);
    }
}

#[test]
fn gated_residual_network() {
    let device = Device::default().autodiff();
    let case = case("layers.json", "GRN");
    for (dtype, tolerance) in precisions(&device) {
        let weights = Weights {
            case: &case,
            prefix: "",
            device: device.clone(),
            dtype,
        };
        let [_, d_input] = dims(&case, "input");
        let [_, d_output] = dims(&case, "output");
        let mut network = GatedResidualNetworkConfig::new(d_input, d_output).init(&device);
        weights.network(&mut network);

        let input = weights.tensor::<2>(&case["input"]).require_grad();
        let output = softmax(network.forward(input.clone()), 1);
        let gradients = backward(&weights, output, tolerance);
        compare_input_gradient(&case, &input, &gradients, tolerance);
        compare_gradients(&case, network_gradients(&network, &gradients), tolerance);
    }
}

#[test]
fn kan_linear() {
    let device = Device::default().autodiff();
    kan_linear_of::<2>("KANLinear_default", KanLinearConfig::new(3, 5), &device);
    let plain = KanLinearConfig::new(3, 4)
        .with_bias(false)
        .with_layer_norm(false);
    kan_linear_of::<2>("KANLinear_plain", plain, &device);
    let elu = KanLinearConfig::new(3, 4)
        .with_base_activation(EluConfig::new().into())
        .with_grid_size(5)
        .with_grid_range([-2.0, 2.0])
        .with_spline_order(2)
        .with_layer_norm(false);
    kan_linear_of::<3>("KANLinear_elu_grid5_order2", elu, &device);
}

fn kan_linear_of<const D: usize>(name: &str, config: KanLinearConfig, device: &Device) {
    let case = case("layers.json", name);
    for (dtype, tolerance) in precisions(device) {
        let weights = Weights {
            case: &case,
            prefix: "",
            device: device.clone(),
            dtype,
        };
        let mut layer = config.init(device);
        weights.kan(&mut layer, "");
        let input = weights.tensor::<D>(&case["input"]).require_grad();
        let gradients = backward(&weights, layer.forward(input.clone()), tolerance);
        compare_input_gradient(&case, &input, &gradients, tolerance);
        compare_gradients(&case, kan_gradients(&layer, "", &gradients), tolerance);
    }
}

#[test]
fn gated_residual_kan() {
    let device = Device::default().autodiff();
    let case = case("layers.json", "GRKAN");
    for (dtype, tolerance) in precisions(&device) {
        let weights = Weights {
            case: &case,
            prefix: "",
            device: device.clone(),
            dtype,
        };
        let mut network = GatedResidualKanConfig::new(7, 6).init(&device);
        weights.kan_network(&mut network);

        let input = weights.tensor::<2>(&case["input"]).require_grad();
        let output = softmax(network.forward(input.clone()), 1);
        let gradients = backward(&weights, output, tolerance);
        compare_input_gradient(&case, &input, &gradients, tolerance);
        let all = kan_network_gradients(&network, &gradients);
        compare_gradients(&case, all, tolerance);
    }
}

#[test]
fn reference_sig_kan() {
    let device = Device::default().autodiff();
    for (name, depth) in [("SigKAN_u4_m3", 3), ("SigKAN_u3_m2_d5", 2)] {
        let case = case("layers.json", name);
        for (dtype, tolerance) in precisions(&device) {
            let weights = Weights {
                case: &case,
                prefix: "",
                device: device.clone(),
                dtype,
            };
            let [_, length, d_input] = dims(&case, "input");
            let [_, _, d_output] = dims(&case, "output");
            let mut layer = SigKanConfig::new(d_input, d_output, length, depth)
                .with_reference(true)
                .init(&device);
            weights.sig_kan(&mut layer);

            let input = weights.tensor::<3>(&case["input"]).require_grad();
            let gradients = backward(&weights, layer.forward(input.clone()), tolerance);
            compare_input_gradient(&case, &input, &gradients, tolerance);
            let mut all: Vec<_> = kan_network_gradients(&layer.weighting, &gradients)
                .into_iter()
                .map(|(name, gradient)| (format!("sig_to_weight.{name}"), gradient))
                .collect();
            all.extend(kan_gradients(&layer.kan, "kan_layer.", &gradients));
            let weighting = gradient(&layer.time_weighting.weight, &gradients);
            all.push(("time_weigthing_kernel".into(), weighting));
            compare_gradients(&case, all, tolerance);
        }
    }
}

#[test]
fn reference_sig_dense() {
    let device = Device::default().autodiff();
    let methods = [SignatureMethod::Parallel, SignatureMethod::Sequential];
    for (name, depth) in [("SigDense_u4_m3", 3), ("SigDense_u10_m2_d7", 2)] {
        let case = case("layers.json", name);
        for ((dtype, tolerance), method) in precisions(&device)
            .into_iter()
            .flat_map(|p| methods.map(|method| (p, method)))
        {
            let weights = Weights {
                case: &case,
                prefix: "",
                device: device.clone(),
                dtype,
            };
            let [_, length, d_input] = dims(&case, "input");
            let [_, _, d_output] = dims(&case, "output");
            let mut layer = SigDenseConfig::new(d_input, d_output, length, depth)
                .with_reference(true)
                .with_method(method)
                .init(&device);
            weights.sig_dense(&mut layer, "");

            let input = weights.tensor::<3>(&case["input"]).require_grad();
            let gradients = backward(&weights, layer.forward(input.clone()), tolerance);
            compare_input_gradient(&case, &input, &gradients, tolerance);

            let mut all: Vec<_> = network_gradients(&layer.weighting, &gradients)
                .into_iter()
                .map(|(name, gradient)| (format!("sig_to_weight.{name}"), gradient))
                .collect();
            all.extend(linear_gradients(&layer.linear, "dense_layer", &gradients));
            let weighting = gradient(&layer.time_weighting.weight, &gradients);
            all.push(("time_weigthing_kernel".into(), weighting));
            compare_gradients(&case, all, tolerance);
        }
    }
}

/// The reference being no better than f32, the gradient of the whole layer is checked in f64
/// against central differences, in all its forms.
#[test]
fn sig_dense_against_finite_differences() {
    let device = Device::default().autodiff();
    if !computes_f64(&device) {
        return;
    }
    let case = case("layers.json", "SigDense_u4_m3");
    let weights = Weights {
        case: &case,
        prefix: "",
        device: device.clone(),
        dtype: DType::F64,
    };
    for reference in [true, false] {
        let mut layer = SigDenseConfig::new(3, 4, 6, 3)
            .with_reference(reference)
            .init(&device);
        weights.sig_dense(&mut layer, "");
        let cotangent = weights.tensor::<3>(&case["cotangent"]);
        let value = |input: Tensor<3>| (layer.forward(input) * cotangent.clone()).sum();

        let input = weights.tensor::<3>(&case["input"]).require_grad();
        let gradients = value(input.clone()).backward();
        let gradient: Vec<f64> = input.grad(&gradients).unwrap().into_data().iter().collect();

        let point = data(&case["input"]);
        let base: Vec<f64> = point.iter().collect();
        for (index, gradient) in gradient.into_iter().enumerate() {
            let shifted = |step: f64| {
                let mut values = base.clone();
                values[index] += step;
                let data = TensorData::new(values, point.shape().clone());
                let input = Tensor::<3>::from_data(data, (&device, DType::F64));
                value(input).into_scalar::<f64>()
            };
            let step = 2e-5;
            let near = (shifted(step) - shifted(-step)) / (2.0 * step);
            let far = (shifted(2.0 * step) - shifted(-2.0 * step)) / (4.0 * step);
            let expected = (4.0 * near - far) / 3.0;
            let error = (gradient - expected).abs() / expected.abs().max(1.0);
            assert!(
                error < 1e-9,
                "reference {reference}, entry {index}: {gradient} against {expected}"
            );
        }
    }
}
