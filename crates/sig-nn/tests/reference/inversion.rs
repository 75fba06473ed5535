use std::collections::HashMap;

use burn::tensor::{DType, Device, Tensor};
use sig_nn::{InversionLoss, LearnedPath};

use super::weights::*;

/// From the start of the notebook of signax, a hundred steps of Adam in f64 with its losses and its
/// first gradient.
#[test]
fn losses_of_the_inversion_of_a_pen_digit() {
    let device = Device::flex().autodiff();
    let case = case("inversion.json", "pendigit_zero");
    let depth = case["depth"].as_u64().unwrap() as usize;
    let weights = Weights {
        case: &case,
        prefix: "",
        device: device.clone(),
        dtype: DType::F64,
    };
    let target = weights.tensor::<1>(&case["target"]).unsqueeze_dim(0);
    let loss = InversionLoss::new(target, 2, depth);
    let mut points: Tensor<3> = weights.tensor::<2>(&case["p0"]).unsqueeze_dim(0);
    let mut adam = Adam::default();
    let expected = case["trajectory"].as_array().unwrap().iter();
    let expected = expected.map(|pair| (pair[0].as_u64().unwrap(), pair[1].as_f64().unwrap()));
    let expected: HashMap<u64, f64> = expected.filter(|(at, _)| *at <= 100).collect();
    assert_eq!(expected.len(), 11);
    for iteration in 0..=100 {
        let path = LearnedPath::from_points(points.clone(), depth);
        let value = loss.forward(path.forward());
        let number = value.clone().into_scalar::<f64>();
        if let Some(want) = expected.get(&iteration) {
            let off = (number - want).abs();
            assert!(off < 1e-9, "iteration {iteration}: {number}, {want}");
        }
        let gradient = path.points.grad(&value.backward()).unwrap();
        if iteration == 0 {
            let gradient = gradient.clone().squeeze_dim::<2>(0);
            assert_close("gradient", gradient.into_data(), &case["grad0"], 1e-12);
        }
        points = points - Tensor::from_inner(adam.step(gradient));
    }
}

/// Adam in f64; that of Burn 0.22 corrects its moments in f32, which moves the loss by 2e-6 in a
/// hundred steps.
#[derive(Default)]
struct Adam {
    steps: i32,
    moments: Option<[Tensor<3>; 2]>,
}

impl Adam {
    fn step(&mut self, gradient: Tensor<3>) -> Tensor<3> {
        let (beta_1, beta_2) = (0.9f64, 0.999f64);
        let [first, second] = self
            .moments
            .take()
            .unwrap_or_else(|| [gradient.zeros_like(), gradient.zeros_like()]);
        let square = gradient.clone() * gradient.clone();
        let first = first * beta_1 + gradient * (1.0 - beta_1);
        let second = second * beta_2 + square * (1.0 - beta_2);
        self.moments = Some([first.clone(), second.clone()]);
        self.steps += 1;
        let first = first * (1.0 / (1.0 - beta_1.powi(self.steps)));
        let second = second * (1.0 / (1.0 - beta_2.powi(self.steps)));
        first * 2e-3 / (second.sqrt() + 1e-8)
    }
}
