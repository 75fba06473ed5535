//! Inputs of ±1,000 in f32: values and gradients of every layer are finite.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::activation::EluConfig;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use sig_nn::cde::*;
use sig_nn::random::*;
use sig_nn::*;

const SCALINGS: [SignatureScaling; 5] = [
    SignatureScaling::None,
    SignatureScaling::Factorial,
    SignatureScaling::Learned,
    SignatureScaling::LayerNorm,
    SignatureScaling::SignedLog,
];

/// Points of ±1,000 and 0 in three channels.
fn path() -> Tensor<3> {
    let values = (0..2 * 6 * 3).map(|i| [1000.0f32, -1000.0, 0.0, 1000.0, 1000.0][i * i % 5]);
    let data = TensorData::new(values.collect::<Vec<_>>(), [2, 6, 3]);
    Tensor::<3>::from_data(data, &Device::default().autodiff()).require_grad()
}

fn assert_finite<const D: usize>(what: &str, tensor: Tensor<D>) {
    let data = tensor.into_data();
    assert!(data.iter::<f32>().all(f32::is_finite), "{what}: {data}");
}

/// Checks the gradients of all parameters.
struct Finite<'a> {
    layer: &'a str,
    gradients: &'a Gradients,
    seen: usize,
}

impl ModuleVisitor for Finite<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            assert_finite(
                &format!("{}, gradient of a parameter", self.layer),
                gradient,
            );
            self.seen += 1;
        }
    }
}

/// Checks a layer: its output, the gradient of its input, those of its parameters.
#[track_caller]
fn check<M: Module, const D: usize>(
    layer: &str,
    module: M,
    forward: impl Fn(&M, Tensor<3>) -> Tensor<D>,
) {
    let path = path();
    let output = forward(&module, path.clone());
    assert_finite(layer, output.clone());
    let gradients = (output.clone() * output).sum().backward();
    let gradient = path.grad(&gradients).expect("the path has a gradient");
    assert_finite(&format!("{layer}, gradient of the path"), gradient);
    let mut finite = Finite {
        layer,
        gradients: &gradients,
        seen: 0,
    };
    module.visit(&mut finite);
    let trained = module.num_params() > 0;
    assert_eq!(
        finite.seen > 0,
        trained,
        "{layer}: no parameter has a gradient"
    );
}

#[test]
fn networks() {
    let device = Device::default().autodiff();
    check("Gate", GateConfig::new(3, 4).init(&device), Gate::forward);
    let network = GatedResidualNetworkConfig::new(3, 4).init(&device);
    check(
        "GatedResidualNetwork",
        network,
        GatedResidualNetwork::forward,
    );
    let network = GatedResidualKanConfig::new(3, 4).init(&device);
    check("GatedResidualKan", network, GatedResidualKan::forward);
    for layer_norm in [false, true] {
        let kan = KanLinearConfig::new(3, 4).with_layer_norm(layer_norm);
        check("KanLinear", kan.init(&device), KanLinear::forward);
        let elu = kan.with_base_activation(EluConfig::new().into());
        check("KanLinear with ELU", elu.init(&device), KanLinear::forward);
    }
}

#[test]
fn layers_of_paths() {
    let device = Device::default().autodiff();
    let weighting = TimeWeightingConfig::new(6).init(&device);
    check("TimeWeighting", weighting, TimeWeighting::forward);
    let augment = AugmentConfig::new(3, vec![4, 2]).with_kernel_size(2);
    check("Augment", augment.init(&device), Augment::forward);
    for depth in 1..=3 {
        for scaling in SCALINGS {
            let layer = SigLayerConfig::new(depth).with_scaling(scaling);
            let layer = layer.with_channels(Some(3)).init(&device);
            check("SigLayer", layer, SigLayer::forward);
            let layer = LogSigLayerConfig::new(depth).with_scaling(scaling);
            let layer = layer.with_channels(Some(3)).init(&device);
            check("LogSigLayer", layer, LogSigLayer::forward);
        }
    }
}

#[test]
fn layers_weighted_by_signatures() {
    let device = Device::default().autodiff();
    for depth in 1..=3 {
        for scaling in SCALINGS {
            let dense = SigDenseConfig::new(3, 4, 6, depth).with_scaling(scaling);
            let name = format!("SigDense of depth {depth} with {scaling:?}");
            check(&name, dense.init(&device), SigDense::forward);
            let kan = SigKanConfig::new(3, 4, 6, depth).with_scaling(scaling);
            let name = format!("SigKan of depth {depth} with {scaling:?}");
            check(&name, kan.init(&device), SigKan::forward);
        }
        let dense = SigDenseConfig::new(3, 4, 6, depth).with_reference(true);
        check(
            "SigDense as the reference",
            dense.init(&device),
            SigDense::forward,
        );
        let kan = SigKanConfig::new(3, 4, 6, depth).with_reference(true);
        check(
            "SigKan as the reference",
            kan.init(&device),
            SigKan::forward,
        );
    }
}

#[test]
fn differential_equations() {
    let device = Device::default().autodiff();
    let log = LogNeuralCdeConfig::new(3, 4, 2).init(&device);
    check("LogNeuralCde", log, LogNeuralCde::forward);
    let rde = NeuralRdeConfig::new(3, 4, 2).init(&device);
    check("NeuralRde", rde, NeuralRde::forward);
    let spline = NeuralCdeConfig::new(3, 4, 2).init(&device);
    check("NeuralCde", spline, NeuralCde::forward);
    let linear = LinearNeuralCdeConfig::new(3, 4, 2).init(&device);
    check("LinearNeuralCde", linear, LinearNeuralCde::forward);
    let stack = LinearNeuralCdeStackConfig::new(3, 4, 2).init(&device);
    check("LinearNeuralCdeStack", stack, LinearNeuralCdeStack::forward);
}

#[test]
fn features_of_paths() {
    let device = Device::default().autodiff();
    for group in [MatrixGroup::So, MatrixGroup::Se, MatrixGroup::Unitary] {
        let layer = PathDevelopmentConfig::new(3, 3).with_group(group);
        check(
            "PathDevelopment",
            layer.init(&device),
            PathDevelopment::forward,
        );
    }
    for univariate in [false, true] {
        let patches = SigPatchesConfig::new(2, 2).with_univariate(univariate);
        check("SigPatches", patches.init(&device), SigPatches::forward);
    }
    // What is not trained has no gradients, so these are looked at as functions of the path alone.
    let path = path();
    let random = RandomCdeConfig::new(3, 5).init(&device);
    let features = RandomSignatureFeaturesConfig::new(3, 5).init(&device);
    let outputs = [random.forward(path.clone()), features.forward(path.clone())];
    for output in outputs {
        assert_finite("random features", output.clone());
        let gradients = (output.clone() * output).sum().backward();
        let gradient = path.grad(&gradients).expect("the path has a gradient");
        assert_finite("random features, gradient of the path", gradient);
    }
}
