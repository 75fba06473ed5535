use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{DType, Device, Tensor};
use sig_nn::{SigDense, SigDenseConfig};

use super::weights::*;

/// The bench model of keras_sig's README.
#[derive(Module, Debug)]
struct Model {
    dense_in: Linear,
    sigdense: SigDense,
    dense_mid: Linear,
    dense_out: Linear,
}

impl Model {
    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        let path = self.sigdense.forward(self.dense_in.forward(input));
        let hidden = relu(self.dense_mid.forward(path.flatten::<2>(1, 2)));
        self.dense_out.forward(hidden)
    }
}

/// Twelve steps of Adam from the weights of the reference, whose layer norm is in f32 (see
/// `layers.rs`). Keras adds its epsilon to the root of the second moment before the correction for
/// its start and Burn after it, so Burn is given a corrected epsilon each step.
#[test]
fn losses_of_adam_steps() {
    let device = Device::default().autodiff();
    let (dtype, tolerance) = (DType::F32, 1e-5);
    let case = case("train_sigdense.json", "sigdense_seq20_m3");
    let weights = Weights {
        case: &case,
        prefix: "",
        device: device.clone(),
        dtype,
    };

    let mut model = Model {
        dense_in: LinearConfig::new(10, 7).init(&device),
        sigdense: SigDenseConfig::new(7, 10, 20, 3)
            .with_reference(true)
            .init(&device),
        dense_mid: LinearConfig::new(200, 10).init(&device),
        dense_out: LinearConfig::new(10, 10).init(&device),
    };
    weights.linear(&mut model.dense_in, "dense_in");
    weights.linear(&mut model.dense_mid, "dense_mid");
    weights.linear(&mut model.dense_out, "dense_out");
    weights.sig_dense(&mut model.sigdense, "sigdense.");
    assert_eq!(model.num_params(), 10_647);

    let x = weights.tensor::<3>(&case["x"]);
    let y = weights.tensor::<2>(&case["y"]);
    let output = model.forward(x.clone()).into_data();
    assert_close("first output", output, &case["output0"], tolerance);

    let adam = |step: i32| {
        let correction = (1.0 - 0.999f64.powi(step)).sqrt();
        AdamConfig::new()
            .with_epsilon((1e-7 / correction) as f32)
            .init()
    };
    let mut moments = adam(1).to_record();
    for (step, expected) in (1..).zip(case["losses"].as_array().unwrap()) {
        let loss = MseLoss::new().forward(model.forward(x.clone()), y.clone(), Reduction::Mean);
        let actual: f64 = loss.clone().into_scalar();
        let expected = expected.as_f64().unwrap();
        let error = (actual / expected - 1.0).abs();
        assert!(
            error <= tolerance,
            "step {step}: loss {actual}, expected {expected}"
        );
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let mut optimizer = adam(step).load_record(moments);
        model = optimizer.step(1e-3, model, gradients);
        moments = optimizer.to_record();
    }
    let expected = &case["final_weights_some"]["sigdense.time_weigthing_kernel"];
    let actual = model.sigdense.time_weighting.weight.val().into_data();
    assert_close("final time weighting", actual, expected, 10.0 * tolerance);
}
