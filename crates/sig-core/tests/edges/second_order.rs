//! Burn differentiates once. What a gradient goes through after that must not look as if it had a
//! derivative: a panic, never a number.

use burn::tensor::Tensor;
use sig_core::signatures::{SignatureOptions, signature_with};

use super::panics::assert_panics;
use crate::support::engines::{METHODS, targets};

#[test]
fn a_gradient_through_a_gradient_is_refused() {
    for target in targets() {
        for method in METHODS {
            let options = SignatureOptions::new().with_method(method);
            let device = target.device.clone().autodiff();
            let points = [[[0.0, 0.5], [1.0, -1.0], [2.0, 0.25]]];
            let path = Tensor::<3>::from_floats(points, &device).require_grad();
            let gradients = signature_with(path.clone(), 3, &options).sum().backward();
            let gradient = path.grad(&gradients).unwrap();

            let untracked = ["requires a tracked autodiff tensor"];
            assert_panics(&untracked, || gradient.clone().sum().backward());
            assert_panics(&untracked, || {
                signature_with(gradient.clone(), 3, &options)
                    .sum()
                    .backward()
            });
            // Put back on the device with autodiff it is a constant.
            let constant = Tensor::from_inner(gradient.clone());
            assert_panics(&untracked, || {
                constant.clone().powi_scalar(2).sum().backward()
            });
            // Beside the path it takes part as one: the derivative of the gradient is not there.
            let again = path
                .grad(&(path.clone() * constant).sum().backward())
                .unwrap();
            again.into_data().assert_eq(&gradient.into_data(), true);
        }
    }
}
