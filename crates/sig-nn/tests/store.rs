//! Our own models through the files of burn-store.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::store::{BurnpackStore, ModuleRecord, ModuleSnapshot, SafetensorsStore};
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

#[test]
fn burnpack() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.bpk");
    let (model, path, output) = trained(&device);
    model
        .save_into(&mut BurnpackStore::from_file(&file))
        .unwrap();

    let mut loaded = Model::new(&device);
    let result = loaded
        .load_from(&mut BurnpackStore::from_file(&file))
        .unwrap();
    assert!(
        result.missing.is_empty() && result.unused.is_empty(),
        "{result:?}"
    );
    let again = loaded.forward(path).into_data();
    again.assert_eq(&output.into_data(), true);
}

#[test]
fn safetensors() {
    let device = Device::default();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    let (model, path, output) = trained(&device);
    model
        .save_into(&mut SafetensorsStore::from_file(&file))
        .unwrap();

    let mut loaded = Model::new(&device);
    let result = loaded
        .load_from(&mut SafetensorsStore::from_file(&file))
        .unwrap();
    assert!(
        result.missing.is_empty() && result.unused.is_empty(),
        "{result:?}"
    );
    let again = loaded.forward(path).into_data();
    again.assert_eq(&output.into_data(), true);
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
