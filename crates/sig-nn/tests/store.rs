//! Our own models through the files of burn-store.

use std::fmt::Debug;
use std::path::Path;

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::store::{BurnpackStore, ModuleRecord, ModuleSnapshot, ModuleStore, SafetensorsStore};
use burn::tensor::{Device, Distribution, Tensor};
use sig_core::signatures::SignatureSpec;
use sig_nn::{SigDense, SigDenseConfig, SigKan, SigKanConfig, SignatureScaling};

#[derive(Module, Debug)]
struct Model {
    /// Not saved: what the model is made with.
    #[module(skip)]
    spec: SignatureSpec,
    dense: SigDense,
    kan: SigKan,
    output: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            spec: SignatureSpec::new(3, 2),
            dense: SigDenseConfig::new(3, 4, 6, 2).init(device),
            kan: SigKanConfig::new(4, 5, 6, 3).init(device),
            output: LinearConfig::new(30, 2).init(device),
        }
    }

    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
        assert_eq!(self.spec, self.dense.signature.spec(3));
        let path = self.kan.forward(self.dense.forward(path));
        self.output.forward(path.flatten(1, 2))
    }
}

/// A model, paths and what it makes of them.
fn trained(device: &Device) -> (Model, Tensor<3>, Tensor<2>) {
    let model = Model::new(device);
    let path = Tensor::<3>::random([2, 6, 3], Distribution::Default, device);
    let output = model.forward(path.clone());
    (model, path, output)
}

/// A model saved to one store of a file and loaded from another predicts the same.
fn round_trip<S: ModuleStore>(name: &str, store: impl Fn(&Path) -> S)
where
    S::Error: Debug,
{
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    let (model, path, output) = trained(&device);
    model.save_into(&mut store(&file)).unwrap();

    let mut loaded = Model::new(&device);
    let result = loaded.load_from(&mut store(&file)).unwrap();
    assert!(
        result.missing.is_empty() && result.unused.is_empty(),
        "{result:?}"
    );
    let again = loaded.forward(path).into_data();
    again.assert_eq(&output.into_data(), true);
}

#[test]
fn burnpack() {
    round_trip("model.bpk", |file| BurnpackStore::from_file(file));
}

#[test]
fn safetensors() {
    round_trip("model.safetensors", |file| {
        SafetensorsStore::from_file(file)
    });
}

#[test]
fn record() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.bpk");
    let (model, path, output) = trained(&device);
    model.into_record().save(&file).unwrap();

    let loaded = Model::new(&device).load_record(ModuleRecord::load(&file).unwrap());
    let again = loaded.forward(path).into_data();
    again.assert_eq(&output.into_data(), true);
}

#[derive(Config, Debug)]
struct ModelConfig {
    spec: SignatureSpec,
}

#[test]
fn a_spec_in_a_configuration() {
    let config = ModelConfig::new(SignatureSpec::new(3, 2));
    let text = config.to_string();
    let read: ModelConfig = serde_json::from_str(&text).unwrap();
    assert_eq!(read.spec, config.spec);
    let zero = text.replace("\"depth\": 2", "\"depth\": 0");
    assert_ne!(zero, text);
    let error = serde_json::from_str::<ModelConfig>(&zero).unwrap_err();
    assert!(error.to_string().contains("depth of at least 1"), "{error}");
}

fn names(module: &impl ModuleSnapshot) -> Vec<String> {
    let tensors = module.collect(None, None, false);
    let mut names: Vec<_> = tensors.into_iter().map(|tensor| tensor.name).collect();
    names.sort();
    names
}

/// The names under which weights are saved, the scaling's among them.
#[test]
fn names_of_weights() {
    let device = Device::default();
    let dense = SigDenseConfig::new(3, 4, 6, 2).with_scaling(SignatureScaling::LayerNorm);
    let dense = names(&dense.init(&device));
    let kan = names(&SigKanConfig::new(3, 4, 6, 2).init(&device));
    for name in ["norm.beta", "norm.gamma", "time_weighting.weight"].map(String::from) {
        assert!(dense.contains(&name) && kan.contains(&name), "{name}");
    }
    assert_eq!(dense[..2], ["linear.bias", "linear.weight"]);
    let base = ["kan.base_weight", "kan.knots", "kan.spline_weight"];
    assert_eq!(kan[..3], base);
}
