//! Randomised signatures against JAX.

use burn::module::Param;
use burn::tensor::{Device, Gradients, Tensor};
use sig_nn::random::{RandomActivation, RandomCdeConfig, RandomForm};

use super::folder::{all_cases, count, precisions, word};
use super::weights::{Weights, assert_close};

#[test]
fn random_cde() {
    let device = Device::default().autodiff();
    for case in all_cases("random_cde.json", "matrices") {
        let config = RandomCdeConfig::new(count(&case, "dim"), count(&case, "features"))
            .with_form(match word(&case, "form") {
                "outer" => RandomForm::Outer,
                "inner" => RandomForm::Inner,
                other => panic!("{}: no form {other}", case["name"]),
            })
            .with_activation(match word(&case, "activation") {
                "id" => RandomActivation::Identity,
                "tanh" => RandomActivation::Tanh,
                "relu" => RandomActivation::Relu,
                other => panic!("{}: no activation {other}", case["name"]),
            });
        for (dtype, tolerance) in precisions(&device) {
            let weights = Weights {
                case: &case,
                prefix: "",
                device: device.clone(),
                dtype,
            };
            let mut layer = config.init(&device);
            let matrices = Param::from_tensor(weights.tensor::<3>(&case["matrices"]));
            layer.matrices = matrices.set_require_grad(false);
            layer.biases = Param::from_tensor(weights.tensor(&case["biases"]));
            layer.initial = Param::from_tensor(weights.tensor(&case["initial"]));
            let path = weights.tensor::<3>(&case["path"]).require_grad();
            let gradients = match case["return_sequence"].as_bool().unwrap() {
                true => backward(&weights, layer.forward_stream(path.clone()), tolerance),
                false => backward(&weights, layer.forward(path.clone()), tolerance),
            };
            let gradient = path.grad(&gradients).unwrap();
            let what = format!("{}: gradient", case["name"]);
            assert_close(&what, gradient.into_data(), &case["grad"], tolerance);
            assert!(
                layer.matrices.val().grad(&gradients).is_none(),
                "it is not trained"
            );
        }
    }
}

fn backward<const D: usize>(weights: &Weights<'_>, output: Tensor<D>, tolerance: f64) -> Gradients {
    let case = weights.case;
    let what = format!("{}: value", case["name"]);
    assert_close(&what, output.clone().into_data(), &case["value"], tolerance);
    (output * weights.tensor::<D>(&case["cotangent"]))
        .sum()
        .backward()
}
