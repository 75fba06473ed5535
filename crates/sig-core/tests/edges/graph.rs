//! The signature as a node of a graph: whatever of it is tracked, however often it is used, its gradients
//! are those of the call without a graph.

use burn::tensor::{DType, Device, Tensor};
use sig_core::gradients::{SignatureGradients, signature_backprop_with};
use sig_core::signatures::{SignatureMethod, SignatureOptions, signature_channels, signature_with};

use crate::support::compare::close;
use crate::support::engines::{Target, targets};
use crate::support::tensors::Array;

/// Batch, length, channels, depth: one chunk of steps and many, paths whole, in stretches and in parts.
const SHAPES: [[usize; 4]; 6] = [
    [5, 2, 3, 4],
    [3, 20, 6, 3],
    [17, 150, 4, 3],
    [9, 120, 5, 2],
    [1, 700, 3, 3],
    [8, 3000, 2, 3],
];

fn waves(shape: impl Into<Vec<usize>>, speed: f64) -> Array {
    let shape = shape.into();
    let count = shape.iter().product::<usize>();
    let values = (0..count).map(|i| (i as f64 * speed).sin() / 4.0).collect();
    Array::new(shape, values)
}

/// Path, initial signature and cotangent.
struct Inputs {
    depth: usize,
    path: Array,
    initial: Array,
    cotangent: Array,
}

impl Inputs {
    fn new([batch, length, channels, depth]: [usize; 4]) -> Self {
        let terms = [batch, signature_channels(channels, depth)];
        Self {
            depth,
            path: waves([batch, length, channels], 0.37),
            initial: waves(terms, 0.71),
            cotangent: waves(terms, 1.3),
        }
    }

    /// Without a graph.
    fn expected(&self, device: &Device, options: &SignatureOptions) -> SignatureGradients {
        let [path, cotangent] = [&self.path, &self.cotangent];
        let cotangent = cotangent.tensor(device, DType::F64);
        signature_backprop_with(
            path.tensor(device, DType::F64),
            cotangent,
            self.depth,
            options,
        )
    }
}

/// With f64, and all kernels in memory.
fn each(of: impl Fn(&Inputs, &Target, SignatureOptions)) {
    let hosts = targets().into_iter().filter(|target| target.on_host());
    for target in hosts {
        for shape in SHAPES {
            for inverse in [false, true] {
                let options = SignatureOptions::new()
                    .with_method(SignatureMethod::Fused)
                    .with_inverse(inverse);
                of(&Inputs::new(shape), &target, options);
            }
        }
    }
}

fn assert_close<const D: usize>(got: Tensor<D>, want: Tensor<D>) {
    let [got, want] = [got, want].map(|tensor| Array::from(tensor).values);
    let scale = want.iter().fold(0.0f64, |scale, x| scale.max(x.abs()));
    close(&got, &want, scale, 1e-12).unwrap();
}

#[test]
fn of_a_path_alone() {
    each(|inputs, target, options| {
        let expected = inputs.expected(&target.device, &options).path;
        let plain = target.device.clone().autodiff();
        for device in [plain.clone(), plain.gradient_checkpointing()] {
            let half = inputs.path.tensor::<3>(&device, DType::F64) / 2;
            let half = half.require_grad();
            // What is checkpointed is not kept but computed again.
            let signature = signature_with(half.clone() * 2, inputs.depth, &options);
            let cotangent = inputs.cotangent.tensor(&device, DType::F64);
            let gradients = (signature * cotangent).sum().backward();
            let gradient = half.grad(&gradients).unwrap().inner();
            assert_close(gradient, expected.clone() * 2);
        }
    });
}

#[test]
fn of_whatever_is_tracked() {
    each(|inputs, target, options| {
        let initial = inputs.initial.tensor(&target.device, DType::F64);
        let expected = inputs.expected(&target.device, &options.clone().with_initial(initial));
        let device = target.device.clone().autodiff();
        for [of_path, of_initial] in [[true, true], [true, false], [false, true]] {
            let path = inputs.path.tensor::<3>(&device, DType::F64);
            let initial = inputs.initial.tensor::<2>(&device, DType::F64);
            let path = path.set_require_grad(of_path);
            let initial = initial.set_require_grad(of_initial);
            let options = options.clone().with_initial(initial.clone());
            let signature = signature_with(path.clone(), inputs.depth, &options);
            let cotangent = inputs.cotangent.tensor(&device, DType::F64);
            let gradients = (signature * cotangent).sum().backward();
            assert_eq!(path.grad(&gradients).is_some(), of_path);
            assert_eq!(initial.grad(&gradients).is_some(), of_initial);
            if let Some(gradient) = path.grad(&gradients) {
                assert_close(gradient.inner(), expected.path.clone());
            }
            if let Some(gradient) = initial.grad(&gradients) {
                assert_close(gradient.inner(), expected.initial.clone().unwrap());
            }
        }
    });
}

#[test]
fn of_two_losses_and_two_signatures() {
    each(|inputs, target, options| {
        let expected = inputs.expected(&target.device, &options).path;
        let device = target.device.clone().autodiff();
        let path = inputs.path.tensor::<3>(&device, DType::F64).require_grad();
        let cotangent = inputs.cotangent.tensor::<2>(&device, DType::F64);
        let [one, other] = [(); 2].map(|()| signature_with(path.clone(), inputs.depth, &options));
        let loss = (one.clone() * cotangent.clone() + one * cotangent.clone()).sum();
        let twice = path.grad(&loss.backward()).unwrap().inner();
        let once = path
            .grad(&(other * cotangent).sum().backward())
            .unwrap()
            .inner();
        assert_close(twice, expected.clone() * 2);
        assert_close(once, expected);
    });
}
