//! Layers on batches without rows, and on paths of one point: the shapes they promise, and a gradient of
//! the path, so that training does not end there.

use burn::tensor::{Device, Tensor};
use sig_core::windows::Windows;
use sig_nn::cde::*;
use sig_nn::random::*;
use sig_nn::*;

/// The shape of an output and its sum.
type Outcome = (Vec<usize>, Tensor<1>);

fn outcome<const D: usize>(output: Tensor<D>) -> Outcome {
    (output.dims().to_vec(), output.sum())
}

type Layer<'a> = (&'a str, &'a [usize], &'a dyn Fn(Tensor<3>) -> Outcome);

/// Runs layers on paths of one shape that require a gradient.
fn run(device: &Device, shape: [usize; 3], layers: &[Layer]) {
    for (name, want, forward) in layers {
        let path = Tensor::<3>::zeros(shape, device).require_grad();
        let (got, sum) = forward(path.clone());
        assert_eq!(got, *want, "{name}");
        let gradients = sum.backward();
        let gradient = path.grad(&gradients).map(|gradient| gradient.dims());
        assert_eq!(gradient, Some(shape), "{name}");
    }
}

#[test]
fn batches_without_rows() {
    let device = Device::default().autodiff();
    let log = LogNeuralCdeConfig::new(4, 8, 2).init(&device);
    let log_1 = LogNeuralCdeConfig::new(4, 8, 2).with_depth(1).init(&device);
    let rde = NeuralRdeConfig::new(4, 8, 2).init(&device);
    let cde = NeuralCdeConfig::new(4, 8, 2).init(&device);
    let linear = LinearNeuralCdeConfig::new(4, 8, 2).init(&device);
    let stack = LinearNeuralCdeStackConfig::new(4, 8, 2).init(&device);
    let block = LinearNeuralCdeBlockConfig::new(4).init(&device);
    let gate = GateConfig::new(4, 3).init(&device);
    let network = GatedResidualNetworkConfig::new(4, 3).init(&device);
    let kan_network = GatedResidualKanConfig::new(4, 3).init(&device);
    let kan = KanLinearConfig::new(4, 3).init(&device);
    let sig_dense = SigDenseConfig::new(4, 3, 9, 2).init(&device);
    let sig_kan = SigKanConfig::new(4, 3, 9, 2).init(&device);
    let sig = SigLayerConfig::new(2).init(&device);
    let windows = SigLayerConfig::new(2).with_windows(Some(Windows::Dyadic { levels: 1 }));
    let windows = windows.init(&device);
    let scaled = SigLayerConfig::new(2).with_scaling(SignatureScaling::Learned);
    let scaled = scaled.init(&device);
    let normed = SigLayerConfig::new(2).with_scaling(SignatureScaling::LayerNorm);
    let normed = normed.with_channels(Some(4)).init(&device);
    let log_sig = LogSigLayerConfig::new(2).init(&device);
    let patches = SigPatchesConfig::new(2, 3);
    let univariate = patches.clone().with_univariate(true).init(&device);
    let patches = patches.init(&device);
    let weighting = TimeWeightingConfig::new(9).init(&device);
    let augment = AugmentConfig::new(4, vec![3]).init(&device);
    let development = PathDevelopmentConfig::new(4, 3).init(&device);
    let random = RandomCdeConfig::new(4, 5).init(&device);
    let features = RandomSignatureFeaturesConfig::new(4, 5).init(&device);
    let fourier = RandomFourierConfig::new(4, 5).init(&device);
    let times = || Tensor::<2>::zeros([0, 9], &device);
    let layers: &[Layer] = &[
        ("LogNeuralCde", &[0, 2], &|x| outcome(log.forward(x))),
        ("LogNeuralCde at depth 1", &[0, 2], &|x| {
            outcome(log_1.forward(x))
        }),
        ("LogNeuralCde, ragged", &[0, 2], &|x| {
            outcome(log.forward_ragged(x, &[]))
        }),
        ("LogNeuralCde, sequence", &[0, 3, 2], &|x| {
            outcome(log.forward_sequence(x))
        }),
        ("LogNeuralCde, ragged sequence", &[0, 1, 2], &|x| {
            outcome(log.forward_sequence_ragged(x, &[]).0)
        }),
        ("NeuralRde", &[0, 2], &|x| outcome(rde.forward(x))),
        ("NeuralRde, ragged", &[0, 2], &|x| {
            outcome(rde.forward_ragged(x, &[]))
        }),
        ("NeuralRde, sequence", &[0, 3, 2], &|x| {
            outcome(rde.forward_sequence(x))
        }),
        ("NeuralCde", &[0, 2], &|x| outcome(cde.forward(x))),
        ("NeuralCde, times", &[0, 2], &|x| {
            outcome(cde.forward_at(x, times()))
        }),
        ("NeuralCde, ragged", &[0, 2], &|x| {
            outcome(cde.forward_ragged(x, &[]))
        }),
        ("NeuralCde, sequence", &[0, 9, 2], &|x| {
            outcome(cde.forward_sequence(x))
        }),
        ("LinearNeuralCde", &[0, 2], &|x| outcome(linear.forward(x))),
        ("LinearNeuralCde, ragged", &[0, 2], &|x| {
            outcome(linear.forward_ragged(x, &[]))
        }),
        ("LinearNeuralCde, sequence", &[0, 3, 2], &|x| {
            outcome(linear.forward_sequence(x))
        }),
        ("LinearNeuralCdeStack", &[0, 2], &|x| {
            outcome(stack.forward(x))
        }),
        ("LinearNeuralCdeStack, ragged", &[0, 2], &|x| {
            outcome(stack.forward_ragged(x, &[]))
        }),
        ("LinearNeuralCdeBlock", &[0, 9, 4], &|x| {
            outcome(block.forward(x))
        }),
        ("LinearNeuralCdeBlock, ragged", &[0, 9, 4], &|x| {
            outcome(block.forward_ragged(x, &[]))
        }),
        ("Gate", &[0, 9, 3], &|x| outcome(gate.forward(x))),
        ("GatedResidualNetwork", &[0, 9, 3], &|x| {
            outcome(network.forward(x))
        }),
        ("GatedResidualKan", &[0, 9, 3], &|x| {
            outcome(kan_network.forward(x))
        }),
        ("KanLinear", &[0, 9, 3], &|x| outcome(kan.forward(x))),
        ("SigDense", &[0, 9, 3], &|x| outcome(sig_dense.forward(x))),
        ("SigDense, ragged", &[0, 9, 3], &|x| {
            outcome(sig_dense.forward_ragged(x, &[]))
        }),
        ("SigKan", &[0, 9, 3], &|x| outcome(sig_kan.forward(x))),
        ("SigKan, ragged", &[0, 9, 3], &|x| {
            outcome(sig_kan.forward_ragged(x, &[]))
        }),
        ("SigLayer", &[0, 20], &|x| outcome(sig.forward(x))),
        ("SigLayer, ragged", &[0, 20], &|x| {
            outcome(sig.forward_ragged(x, &[]))
        }),
        ("LogSigLayer", &[0, 10], &|x| outcome(log_sig.forward(x))),
        ("SigPatches", &[0, 3, 60], &|x| outcome(patches.forward(x))),
        ("SigPatches, univariate", &[0, 3, 48], &|x| {
            outcome(univariate.forward(x))
        }),
        ("TimeWeighting", &[0, 9, 4], &|x| {
            outcome(weighting.forward(x))
        }),
        ("Augment", &[0, 9, 8], &|x| outcome(augment.forward(x))),
        ("SigLayer, stream", &[0, 8, 20], &|x| {
            outcome(sig.forward_stream(x))
        }),
        ("SigLayer, windows", &[0, 3, 20], &|x| {
            outcome(windows.forward_windows(x))
        }),
        ("SigLayer, ragged windows", &[0, 3, 20], &|x| {
            outcome(windows.forward_windows_ragged(x, &[]).0)
        }),
        ("SigLayer with a learned scaling", &[0, 20], &|x| {
            outcome(scaled.forward(x))
        }),
        ("SigLayer with a norm", &[0, 20], &|x| {
            outcome(normed.forward(x))
        }),
        ("LogSigLayer, ragged", &[0, 10], &|x| {
            outcome(log_sig.forward_ragged(x, &[]))
        }),
        ("SigPatches, ragged", &[0, 3, 60], &|x| {
            outcome(patches.forward_ragged(x, &[]))
        }),
        ("SigPatches, univariate and ragged", &[0, 3, 48], &|x| {
            outcome(univariate.forward_ragged(x, &[]))
        }),
        ("TimeWeighting, ragged", &[0, 9, 4], &|x| {
            outcome(weighting.forward_ragged(x, &[]))
        }),
        ("PathDevelopment, ragged", &[0, 1, 3, 3], &|x| {
            outcome(development.forward_ragged(x, &[]))
        }),
        ("RandomSignatureFeatures, ragged", &[0, 20], &|x| {
            outcome(features.forward_ragged(x, &[]))
        }),
        ("PathDevelopment", &[0, 1, 3, 3], &|x| {
            outcome(development.forward(x))
        }),
        ("PathDevelopment, stream", &[0, 9, 1, 3, 3], &|x| {
            outcome(development.forward_stream(x))
        }),
        ("RandomCde", &[0, 5], &|x| outcome(random.forward(x))),
        ("RandomCde, ragged", &[0, 5], &|x| {
            outcome(random.forward_ragged(x, &[]))
        }),
        ("RandomCde, stream", &[0, 9, 5], &|x| {
            outcome(random.forward_stream(x))
        }),
        ("RandomSignatureFeatures", &[0, 20], &|x| {
            outcome(features.forward(x))
        }),
        ("RandomFourier", &[0, 9, 10], &|x| {
            outcome(fourier.forward(x))
        }),
    ];
    run(&device, [0, 9, 4], layers);
}

#[test]
fn paths_of_one_point() {
    let device = Device::default().autodiff();
    let log = LogNeuralCdeConfig::new(4, 8, 2).init(&device);
    let rde = NeuralRdeConfig::new(4, 8, 2).init(&device);
    let cde = NeuralCdeConfig::new(4, 8, 2).init(&device);
    let linear = LinearNeuralCdeConfig::new(4, 8, 2).init(&device);
    let stack = LinearNeuralCdeStackConfig::new(4, 8, 2).init(&device);
    let development = PathDevelopmentConfig::new(4, 3).init(&device);
    let random = RandomCdeConfig::new(4, 5).init(&device);
    let features = RandomSignatureFeaturesConfig::new(4, 5).init(&device);
    let layers: &[Layer] = &[
        ("LogNeuralCde", &[2, 2], &|x| outcome(log.forward(x))),
        ("NeuralRde", &[2, 2], &|x| outcome(rde.forward(x))),
        ("NeuralCde", &[2, 2], &|x| outcome(cde.forward(x))),
        ("LinearNeuralCde", &[2, 2], &|x| outcome(linear.forward(x))),
        ("LinearNeuralCdeStack", &[2, 2], &|x| {
            outcome(stack.forward(x))
        }),
        ("PathDevelopment", &[2, 1, 3, 3], &|x| {
            outcome(development.forward(x))
        }),
        ("PathDevelopment, stream", &[2, 1, 1, 3, 3], &|x| {
            outcome(development.forward_stream(x))
        }),
        ("RandomCde", &[2, 5], &|x| outcome(random.forward(x))),
        ("RandomCde, stream", &[2, 1, 5], &|x| {
            outcome(random.forward_stream(x))
        }),
        ("RandomSignatureFeatures", &[2, 20], &|x| {
            outcome(features.forward(x))
        }),
    ];
    run(&device, [2, 1, 4], layers);
}
