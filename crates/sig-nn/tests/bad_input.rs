//! What layers say to sizes that make no sense, and that they say it at the caller's line.

use burn::tensor::{Device, FloatDType, Tensor};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::SignatureSpec;
use sig_core::windows::Windows;
use sig_nn::cde::*;
use sig_nn::random::*;
use sig_nn::*;

#[path = "../../sig-core/tests/edges/panics.rs"]
mod panics;
use panics::assert_panics;

fn path(shape: [usize; 3]) -> Tensor<3> {
    Tensor::zeros(shape, &Device::default())
}

fn matrix(shape: [usize; 2]) -> Tensor<2> {
    Tensor::zeros(shape, &Device::default())
}

#[test]
fn layers_of_nothing() {
    let device = Device::default();
    let at_least_1 = |name| format!("{name} must be at least 1, got 0");
    let calls: [(&str, &str, &dyn Fn()); 20] = [
        ("LogNeuralCde", "d_hidden", &|| {
            LogNeuralCdeConfig::new(2, 0, 1).init(&device);
        }),
        ("NeuralRde", "depth", &|| {
            NeuralRdeConfig::new(2, 3, 1).with_depth(0).init(&device);
        }),
        ("NeuralCde", "d_output", &|| {
            NeuralCdeConfig::new(2, 3, 0).init(&device);
        }),
        ("LinearNeuralCde", "d_input", &|| {
            LinearNeuralCdeConfig::new(0, 4, 1).init(&device);
        }),
        ("PathDevelopment", "size", &|| {
            PathDevelopmentConfig::new(2, 0).init(&device);
        }),
        ("RandomCde", "features", &|| {
            RandomCdeConfig::new(2, 0).init(&device);
        }),
        ("SigPatches", "patches", &|| {
            SigPatchesConfig::new(2, 0).init(&device);
        }),
        ("SigLayer", "depth", &|| {
            SigLayerConfig::new(0).init(&device);
        }),
        ("LogSigLayer", "depth", &|| {
            LogSigLayerConfig::new(0).init(&device);
        }),
        ("SigDense", "d_input", &|| {
            SigDenseConfig::new(0, 4, 6, 2).init(&device);
        }),
        ("SigDense", "d_output", &|| {
            SigDenseConfig::new(3, 0, 6, 2).init(&device);
        }),
        ("SigDense", "length", &|| {
            SigDenseConfig::new(3, 4, 0, 2).init(&device);
        }),
        ("SigDense", "depth", &|| {
            SigDenseConfig::new(3, 4, 6, 0).init(&device);
        }),
        ("SigKan", "d_input", &|| {
            SigKanConfig::new(0, 4, 6, 2).init(&device);
        }),
        ("SigKan", "depth", &|| {
            SigKanConfig::new(3, 4, 6, 0).init(&device);
        }),
        ("KanLinear", "d_output", &|| {
            KanLinearConfig::new(3, 0).init(&device);
        }),
        ("KanLinear", "grid_size", &|| {
            KanLinearConfig::new(3, 4).with_grid_size(0).init(&device);
        }),
        ("TimeWeighting", "length", &|| {
            TimeWeightingConfig::new(0).init(&device);
        }),
        ("LearnedPath", "length", &|| {
            LearnedPathConfig::new(0, 2, 3).init(&device);
        }),
        ("Augment", "kernel_size", &|| {
            AugmentConfig::new(2, vec![3])
                .with_kernel_size(0)
                .init(&device);
        }),
    ];
    for (layer, size, call) in calls {
        assert_panics(&[layer, &at_least_1(size)], call);
    }
}

#[test]
fn scalings_that_do_not_fit() {
    let device = Device::default();
    let norm = SignatureScaling::LayerNorm;
    let needs = "SignatureScaling::LayerNorm needs";
    assert_panics(&[needs, "SigLayerConfig::with_channels"], || {
        SigLayerConfig::new(2).with_scaling(norm).init(&device)
    });
    assert_panics(&[needs, "LogSigLayerConfig::with_channels"], || {
        LogSigLayerConfig::new(2).with_scaling(norm).init(&device)
    });
    assert_panics(&[needs, "SignatureScalerConfig::with_terms"], || {
        SignatureScalerConfig::new(norm, 2).init(&device)
    });
    let layer = SigLayerConfig::new(2).with_scaling(norm);
    let layer = layer.with_channels(Some(2)).init(&device);
    assert_panics(
        &["SignatureScaler", "made for 6 terms", "got 12", "channels"],
        || layer.forward(path([2, 4, 3])),
    );
    let learned = SignatureScalerConfig::new(SignatureScaling::Learned, 3).init(&device);
    let spec = SignatureSpec::new(2, 2);
    assert_panics(&["made for depth 3", "of depth 2"], || {
        learned.forward(matrix([1, 6]), spec)
    });
    assert_panics(&["6 terms on its last axis", "got 5"], || {
        let factorial = SignatureScalerConfig::new(SignatureScaling::Factorial, 2);
        factorial.init(&device).forward(matrix([1, 5]), spec)
    });
}

#[test]
fn terms_that_cannot_be_addressed() {
    let device = Device::default();
    assert_panics(&["SignatureSpec", "depth 90"], || {
        SigLayerConfig::new(90).d_output(10)
    });
    assert_panics(&["depth 90"], || {
        LogSigLayerConfig::new(90)
            .with_basis(LogSignatureBasis::Words)
            .d_output(10)
    });
    assert_panics(&["depth 90"], || {
        SigDenseConfig::new(10, 4, 6, 90).init(&device)
    });
    assert_panics(&["LearnedPath", "depth 90"], || {
        LearnedPath::from_points(path([1, 2, 10]), 90)
    });
}

#[test]
fn paths_that_do_not_fit() {
    let device = Device::default();
    let signature = SigLayerConfig::new(2).init(&device);
    let empty = "a path needs at least 1 point";
    assert_panics(&[empty], || signature.forward(path([2, 0, 3])));
    assert_panics(&[empty], || signature.forward_stream(path([2, 0, 3])));
    assert_panics(&["channels"], || signature.forward(path([2, 4, 0])));
    assert_panics(&["without windows"], || {
        signature.forward_windows(path([2, 4, 3]))
    });
    let timed = vec![PathTransform::TimeAugment { end_time: 1.0 }];
    let timed = SigLayerConfig::new(2).with_transforms(timed).init(&device);
    assert_panics(&["time_augment"], || timed.forward(path([2, 0, 3])));
    let windows = Windows::Sliding { window: 9, hop: 1 };
    let log = LogSigLayerConfig::new(2).with_windows(Some(windows));
    let log = log.init(&device);
    assert_panics(&["Sliding", "9"], || log.forward_windows(path([2, 4, 3])));

    let lengths: [(&str, &[usize]); 3] = [
        ("batch = 2 (axis 0), got 1", &[4]),
        (
            "lengths[1] must be in 1..=4 (axis 1 of the path), got 5",
            &[4, 5],
        ),
        (
            "lengths[0] must be in 1..=4 (axis 1 of the path), got 0",
            &[0, 4],
        ),
    ];
    let dense = SigDenseConfig::new(3, 4, 6, 2).init(&device);
    let windows = SigLayerConfig::new(2).with_windows(Some(Windows::Dyadic { levels: 1 }));
    let windows = windows.init(&device);
    for (what, lengths) in lengths {
        let path = || path([2, 4, 3]);
        assert_panics(&[what], || timed.forward_ragged(path(), lengths));
        assert_panics(&[what], || log.forward_ragged(path(), lengths));
        assert_panics(&[what], || dense.forward_ragged(path(), lengths));
        assert_panics(&[what], || windows.forward_windows_ragged(path(), lengths));
    }
    let none = "SigLayer::forward_windows_ragged: the layer was created without windows";
    assert_panics(&[none], || {
        timed.forward_windows_ragged(path([2, 4, 3]), &[4, 4])
    });
    assert_panics(&["Dyadic", "2^1 + 1 points", "got 2"], || {
        windows.forward_windows_ragged(path([2, 4, 3]), &[4, 2])
    });
    assert_panics(&["SigDense", "length 7 (axis 1)", "6 weights"], || {
        dense.forward_ragged(path([2, 8, 3]), &[5, 7])
    });
    assert_panics(&["SigDense", "length 7 (axis 1)", "6 weights"], || {
        dense.forward(path([2, 7, 3]))
    });
    assert_panics(&["SigDense", "d_input = 3", "got 2"], || {
        dense.forward(path([2, 6, 2]))
    });
    let kan = SigKanConfig::new(3, 4, 6, 2).init(&device);
    assert_panics(&["SigKan", "length 7 (axis 1)", "6 weights"], || {
        kan.forward(path([2, 7, 3]))
    });
    let linear = KanLinearConfig::new(3, 4).init(&device);
    assert_panics(&["KanLinear", "[2, 5]"], || linear.forward(matrix([2, 5])));
    let weighting = TimeWeightingConfig::new(6).init(&device);
    assert_panics(&["TimeWeighting", "length 7"], || {
        weighting.forward(path([2, 7, 3]))
    });
    let augment = AugmentConfig::new(2, vec![3]).init(&device);
    assert_panics(&["Augment", "2 channels (axis 2), got 3"], || {
        augment.forward(path([2, 7, 3]))
    });
    let loss = InversionLoss::new(matrix([1, 6]), 2, 2);
    assert_panics(&["InversionLoss", "[1, 6]", "[2, 6]"], || {
        loss.forward(matrix([2, 6]))
    });
}

#[test]
fn paths_of_another_dtype() {
    let device = Device::default();
    let half = || path([2, 6, 3]).cast(FloatDType::F16);
    let dense = SigDenseConfig::new(3, 4, 6, 2).init(&device);
    assert_panics(&["SigDense", "dtype of the weights, F32, got F16"], || {
        dense.forward(half())
    });
    let kan = SigKanConfig::new(3, 4, 6, 2).init(&device);
    assert_panics(&["SigKan", "dtype of the weights, F32, got F16"], || {
        kan.forward(half())
    });
}
