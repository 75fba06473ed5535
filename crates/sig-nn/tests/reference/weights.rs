//! Reading cases and putting their weights into layers.

use burn::module::Param;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use serde_json::Value;
use sig_nn::{GatedResidualNetwork, SigDense};

/// The cases of a file of the workspace's `testdata`.
pub(crate) fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../../testdata/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let value: Value = serde_json::from_str(&text).unwrap();
    value["cases"].as_array().unwrap().clone()
}

pub(crate) fn case(file: &str, name: &str) -> Value {
    cases(file)
        .into_iter()
        .find(|case| case["name"] == name)
        .unwrap()
}

/// A nested list as numbers and sizes.
pub(crate) fn data(value: &Value) -> TensorData {
    let mut shape = Vec::new();
    let mut inner = value;
    while let Some(list) = inner.as_array() {
        shape.push(list.len());
        inner = &list[0];
    }
    let mut values = Vec::new();
    flatten(value, &mut values);
    TensorData::new(values, shape)
}

fn flatten(value: &Value, values: &mut Vec<f64>) {
    match value.as_array() {
        Some(list) => list.iter().for_each(|value| flatten(value, values)),
        None => values.push(value.as_f64().unwrap()),
    }
}

/// Weights under a prefix of names, on a device in a dtype, and what is known of their gradients.
pub(crate) struct Weights<'a> {
    pub(crate) case: &'a Value,
    pub(crate) prefix: &'static str,
    pub(crate) device: Device,
    pub(crate) dtype: DType,
}

impl Weights<'_> {
    pub(crate) fn tensor<const D: usize>(&self, value: &Value) -> Tensor<D> {
        let data = data(value).convert_dtype(self.dtype);
        Tensor::from_data(data, (&self.device, self.dtype))
    }

    fn param<const D: usize>(&self, name: &str) -> Param<Tensor<D>> {
        let name = format!("{}{name}", self.prefix);
        let value = &self.case["weights"][&name];
        assert!(value.is_array(), "no weight {name}");
        Param::from_tensor(self.tensor(value))
    }

    pub(crate) fn linear(&self, linear: &mut Linear, name: &str) {
        linear.weight = self.param(&format!("{name}.kernel"));
        linear.bias = Some(self.param(&format!("{name}.bias")));
    }

    fn norm(&self, norm: &mut LayerNorm, name: &str) {
        norm.gamma = self.param(&format!("{name}.gamma"));
        norm.beta = Some(self.param(&format!("{name}.beta")));
    }

    pub(crate) fn network(&self, network: &mut GatedResidualNetwork) {
        self.linear(&mut network.hidden_1, "hidden_layer_1");
        self.linear(&mut network.hidden_2, "hidden_layer_2");
        self.linear(&mut network.gate.value, "gate_layer.dense_layer");
        self.linear(&mut network.gate.gate, "gate_layer.gated_layer");
        self.linear(&mut network.skip, "skip_layer");
        self.norm(&mut network.norm, "add_and_norm_layer.norm_layer");
    }

    /// The weights of a `SigDense` whose names start with `outer`.
    pub(crate) fn sig_dense(&self, layer: &mut SigDense, outer: &str) {
        let name = |name: &str| format!("{outer}{name}");
        layer.time_weighting.weight = self.param(&name("time_weigthing_kernel"));
        self.linear(&mut layer.linear, &name("dense_layer"));
        let inner = match outer {
            "" => "sig_to_weight.",
            _ => "sigdense.sig_to_weight.",
        };
        let device = self.device.clone();
        Weights {
            prefix: inner,
            device,
            ..*self
        }
        .network(&mut layer.weighting);
    }
}

/// The gradients of a network's weights, by the names of the reference.
pub(crate) fn network_gradients(
    network: &GatedResidualNetwork,
    gradients: &Gradients,
) -> Vec<(String, TensorData)> {
    let mut all = Vec::new();
    all.extend(linear_gradients(
        &network.hidden_1,
        "hidden_layer_1",
        gradients,
    ));
    all.extend(linear_gradients(
        &network.hidden_2,
        "hidden_layer_2",
        gradients,
    ));
    all.extend(linear_gradients(
        &network.gate.value,
        "gate_layer.dense_layer",
        gradients,
    ));
    all.extend(linear_gradients(
        &network.gate.gate,
        "gate_layer.gated_layer",
        gradients,
    ));
    all.extend(linear_gradients(&network.skip, "skip_layer", gradients));
    let norm = "add_and_norm_layer.norm_layer";
    all.push((
        format!("{norm}.gamma"),
        gradient(&network.norm.gamma, gradients),
    ));
    all.push((
        format!("{norm}.beta"),
        gradient(network.norm.beta.as_ref().unwrap(), gradients),
    ));
    all
}

pub(crate) fn linear_gradients(
    linear: &Linear,
    name: &str,
    gradients: &Gradients,
) -> [(String, TensorData); 2] {
    [
        (
            format!("{name}.kernel"),
            gradient(&linear.weight, gradients),
        ),
        (
            format!("{name}.bias"),
            gradient(linear.bias.as_ref().unwrap(), gradients),
        ),
    ]
}

pub(crate) fn gradient<const D: usize>(
    param: &Param<Tensor<D>>,
    gradients: &Gradients,
) -> TensorData {
    param.val().grad(gradients).unwrap().into_data()
}

/// Fails unless `max|a − b| ≤ tolerance · max|b|`.
pub(crate) fn assert_close(what: &str, actual: TensorData, expected: &Value, tolerance: f64) {
    let expected = data(expected);
    assert_eq!(actual.shape(), expected.shape(), "{what}");
    let (actual, expected) = (actual.iter::<f64>(), expected.iter::<f64>());
    let (mut error, mut scale) = (0f64, 0f64);
    for (actual, expected) in actual.zip(expected) {
        assert!(actual.is_finite(), "{what}: {actual}");
        error = error.max((actual - expected).abs());
        scale = scale.max(expected.abs());
    }
    assert!(
        error <= tolerance * scale,
        "{what}: error {error:e} at scale {scale:e}"
    );
}
