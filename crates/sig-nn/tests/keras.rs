//! Models saved by Keras, loaded and compared with what they predicted there: `testdata/keras`, on
//! the default device.

use burn::nn::LinearConfig;
use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;
use sig_nn::keras::{KerasError, KerasWeights};
use sig_nn::{KanLinearConfig, SigDenseConfig, SigKanConfig};

fn path(file: &str) -> String {
    format!("{}/../../testdata/keras/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn weights(file: &str) -> KerasWeights {
    KerasWeights::open(path(file)).unwrap()
}

/// What a model was given and what it predicted.
fn case(name: &str) -> (TensorData, TensorData) {
    let text = std::fs::read_to_string(path("predictions.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["name"] == name).unwrap();
    let data = |value: &Value| {
        let (mut shape, mut inner) = (Vec::new(), value);
        while let Some(list) = inner.as_array() {
            shape.push(list.len());
            inner = &list[0];
        }
        let mut values = Vec::new();
        flatten(value, &mut values);
        TensorData::new(values, shape)
    };
    (data(&case["input"]), data(&case["output"]))
}

fn flatten(value: &Value, to: &mut Vec<f32>) {
    match value.as_array() {
        Some(list) => list.iter().for_each(|value| flatten(value, to)),
        None => to.push(value.as_f64().unwrap() as f32),
    }
}

fn assert_close(output: Tensor<2>, expected: TensorData) {
    assert_eq!(output.dims(), [expected.shape()[0], expected.shape()[1]]);
    let scale = expected.iter::<f32>().fold(0f32, |a, b| a.max(b.abs()));
    let output = output.into_data();
    for (ours, theirs) in output.iter::<f32>().zip(expected.iter::<f32>()) {
        assert!((ours - theirs).abs() <= 1e-5 * scale, "{ours} {theirs}");
    }
}

#[test]
fn sigkan() {
    let device = Device::default();
    let weights = weights("sigkan.weights.h5");
    let layer = SigKanConfig::new(3, 4, 6, 2).with_reference(true);
    let layer = weights.load("layers/sig_kan", layer.init(&device)).unwrap();
    let dense = LinearConfig::new(24, 2).init(&device);
    let dense = weights.load("layers/dense", dense).unwrap();

    let (input, expected) = case("sigkan");
    let path = layer.forward(Tensor::<3>::from_data(input, &device));
    assert_close(dense.forward(path.flatten(1, 2)), expected);
}

#[test]
fn sigdense() {
    let device = Device::default();
    let weights = weights("sigdense.weights.h5");
    let layer = SigDenseConfig::new(3, 4, 6, 3).with_reference(true);
    let layer = weights
        .load("layers/sig_dense", layer.init(&device))
        .unwrap();
    let dense = LinearConfig::new(24, 2).init(&device);
    let dense = weights.load("layers/dense", dense).unwrap();

    let (input, expected) = case("sigdense");
    let path = layer.forward(Tensor::<3>::from_data(input, &device));
    assert_close(dense.forward(path.flatten(1, 2)), expected);
}

#[test]
fn kan_linear_from_either_file() {
    let device = Device::default();
    for file in ["kanlinear.weights.h5", "kanlinear.keras"] {
        let weights = weights(file);
        let first = KanLinearConfig::new(3, 4)
            .with_grid_size(5)
            .with_spline_order(2);
        let first = weights
            .load("layers/kan_linear", first.init(&device))
            .unwrap();
        let second = KanLinearConfig::new(4, 2).with_layer_norm(false);
        let second = weights
            .load("layers/kan_linear_1", second.init(&device))
            .unwrap();

        let (input, expected) = case("kanlinear");
        let input = Tensor::<2>::from_data(input, &device);
        assert_close(second.forward(first.forward(input)), expected);
    }
}

#[test]
fn groups_are_listed() {
    let groups = weights("kanlinear.keras").groups().unwrap();
    let expected = [
        "layers/kan_linear",
        "layers/kan_linear/layer_norm",
        "layers/kan_linear_1",
    ];
    assert_eq!(groups.len(), expected.len(), "{groups:?}");
    assert!(expected.iter().all(|name| groups.iter().any(|g| g == name)));
}

#[test]
fn what_does_not_fit_is_told() {
    let device = Device::default();
    let weights = weights("sigkan.weights.h5");
    let told = |error: KerasError| error.to_string();
    let config = SigKanConfig::new(3, 4, 6, 2);

    let error = weights.load("layers/sig_kan", config.init(&device));
    let message = told(error.err().unwrap());
    assert!(message.contains("with_reference(true)"), "{message}");

    let longer = SigKanConfig::new(3, 4, 7, 2).with_reference(true);
    let error = weights.load("layers/sig_kan", longer.init(&device));
    let message = told(error.err().unwrap());
    let expected = "`layers/sig_kan/vars/0` has the shape [6, 1], and the layer needs [7, 1] for its \
                    time weighting";
    assert_eq!(message, expected);

    let dense = || LinearConfig::new(24, 2).init(&device);
    let message = told(weights.load("layers/dense_7", dense()).err().unwrap());
    let expected = "there is no `layers/dense_7` among the weights, which are layers/dense, ";
    assert!(message.starts_with(expected), "{message}");

    let no_bias = LinearConfig::new(24, 2).with_bias(false).init(&device);
    let message = told(weights.load("layers/dense", no_bias).err().unwrap());
    assert_eq!(
        message,
        "`layers/dense` has 2 variables, and the layer needs 1"
    );
}

#[test]
fn files_that_are_none() {
    let error = KerasWeights::open("nowhere.weights.h5").err().unwrap();
    assert!(matches!(error, KerasError::Io { .. }), "{error}");

    let whole = std::fs::read(path("kanlinear.keras")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.keras");
    for bytes in [
        &b""[..],
        b"PK",
        b"no weights at all",
        &whole[..whole.len() / 2],
    ] {
        std::fs::write(&file, bytes).unwrap();
        let error = KerasWeights::open(&file).err().unwrap();
        assert!(
            error.to_string().starts_with(&*file.to_string_lossy()),
            "{error}"
        );
    }
}
