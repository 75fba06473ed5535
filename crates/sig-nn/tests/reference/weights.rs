//! Reading cases and putting their weights into layers.

use burn::module::Param;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use serde_json::Value;
use sig_nn::{Gate, GatedResidualKan, GatedResidualNetwork, KanLinear, SigDense, SigKan};

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

    /// The knots of the reference are those that the layer has by itself.
    pub(crate) fn kan(&self, kan: &mut KanLinear, name: &str) {
        kan.base_weight = self.param(&format!("{name}base_weight"));
        kan.spline_weight = self.param(&format!("{name}spline_weight"));
        if kan.bias.is_some() {
            kan.bias = Some(self.param(&format!("{name}base_bias")));
        }
        if let Some(norm) = &mut kan.norm {
            self.norm(norm, &format!("{name}layer_norm"));
        }
        kan.knots = kan.knots.clone().map(|knots| knots.cast(self.dtype));
        let grid = &self.case["weights"][format!("{}{name}grid", self.prefix)][0];
        assert_close("knots", kan.knots.val().into_data(), grid, 1e-6);
    }

    pub(crate) fn kan_network(&self, network: &mut GatedResidualKan) {
        self.kan(&mut network.hidden_1, "hidden_layer_1.");
        self.kan(&mut network.hidden_2, "hidden_layer_2.");
        self.linear(&mut network.gate.value, "gate_layer.dense_layer");
        self.linear(&mut network.gate.gate, "gate_layer.gated_layer");
        self.linear(&mut network.skip, "skip_layer");
        self.norm(&mut network.norm, "add_and_norm_layer.norm_layer");
    }

    pub(crate) fn sig_kan(&self, layer: &mut SigKan) {
        layer.time_weighting.weight = self.param("time_weigthing_kernel");
        self.kan(&mut layer.kan, "kan_layer.");
        Weights {
            prefix: "sig_to_weight.",
            device: self.device.clone(),
            ..*self
        }
        .kan_network(&mut layer.weighting);
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
    let mut all = shared_gradients(&network.gate, &network.skip, &network.norm, gradients);
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
    all
}

/// The same of a network of KAN layers.
pub(crate) fn kan_network_gradients(
    network: &GatedResidualKan,
    gradients: &Gradients,
) -> Vec<(String, TensorData)> {
    let mut all = shared_gradients(&network.gate, &network.skip, &network.norm, gradients);
    all.extend(kan_gradients(
        &network.hidden_1,
        "hidden_layer_1.",
        gradients,
    ));
    all.extend(kan_gradients(
        &network.hidden_2,
        "hidden_layer_2.",
        gradients,
    ));
    all
}

fn shared_gradients(
    gate: &Gate,
    skip: &Linear,
    norm: &LayerNorm,
    gradients: &Gradients,
) -> Vec<(String, TensorData)> {
    let mut all = Vec::new();
    all.extend(linear_gradients(
        &gate.value,
        "gate_layer.dense_layer",
        gradients,
    ));
    all.extend(linear_gradients(
        &gate.gate,
        "gate_layer.gated_layer",
        gradients,
    ));
    all.extend(linear_gradients(skip, "skip_layer", gradients));
    all.extend(norm_gradients(
        norm,
        "add_and_norm_layer.norm_layer",
        gradients,
    ));
    all
}

pub(crate) fn kan_gradients(
    kan: &KanLinear,
    name: &str,
    gradients: &Gradients,
) -> Vec<(String, TensorData)> {
    let of = |inner: &str| format!("{name}{inner}");
    let mut all = vec![
        (of("base_weight"), gradient(&kan.base_weight, gradients)),
        (of("spline_weight"), gradient(&kan.spline_weight, gradients)),
    ];
    if let Some(bias) = &kan.bias {
        all.push((of("base_bias"), gradient(bias, gradients)));
    }
    if let Some(norm) = &kan.norm {
        all.extend(norm_gradients(norm, &of("layer_norm"), gradients));
    }
    all
}

fn norm_gradients(
    norm: &LayerNorm,
    name: &str,
    gradients: &Gradients,
) -> [(String, TensorData); 2] {
    let beta = norm.beta.as_ref().unwrap();
    [
        (format!("{name}.gamma"), gradient(&norm.gamma, gradients)),
        (format!("{name}.beta"), gradient(beta, gradients)),
    ]
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
