//! Our own models through the files of burn-store.

use std::fmt::Debug;
use std::path::Path;

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::store::{BurnpackStore, ModuleRecord, ModuleSnapshot, ModuleStore, SafetensorsStore};
use burn::tensor::{Device, Distribution, Tensor};
use sig_nn::{SigDense, SigDenseConfig, SigKan, SigKanConfig};

#[derive(Module, Debug)]
struct Model {
    dense: SigDense,
    kan: SigKan,
    output: Linear,
}

impl Model {
    fn new(device: &Device) -> Self {
        Self {
            dense: SigDenseConfig::new(3, 4, 6, 2).init(device),
            kan: SigKanConfig::new(4, 5, 6, 3).init(device),
            output: LinearConfig::new(30, 2).init(device),
        }
    }

    fn forward(&self, path: Tensor<3>) -> Tensor<2> {
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
