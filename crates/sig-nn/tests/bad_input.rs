//! What layers say to sizes that make no sense, and that they say it at the caller's line.

use burn::tensor::{Device, FloatDType, Tensor};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::SignatureSpec;
use sig_core::windows::{Windows, windows_of_time};
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

#[test]
fn stacks_of_nothing() {
    let device = Device::default();
    for (size, config) in [
        ("d_input", LinearNeuralCdeStackConfig::new(0, 4, 2)),
        ("d_hidden", LinearNeuralCdeStackConfig::new(2, 0, 2)),
        ("d_output", LinearNeuralCdeStackConfig::new(2, 4, 0)),
    ] {
        let says = format!("LinearNeuralCdeStack: {size} must be at least 1, got 0");
        assert_panics(&[&says], || config.init(&device));
    }
}

#[test]
fn dropout_that_is_no_probability() {
    let device = Device::default();
    let must = |layer: &str, got: &str| format!("{layer}: dropout must be in [0, 1), got {got}");
    assert_panics(&[&must("LinearNeuralCdeStack", "1")], || {
        let config = LinearNeuralCdeStackConfig::new(2, 4, 2);
        config.with_dropout(1.0).init(&device)
    });
    assert_panics(&[&must("LinearNeuralCdeBlock", "NaN")], || {
        let config = LinearNeuralCdeBlockConfig::new(4);
        config.with_dropout(f64::NAN).init(&device)
    });
    assert_panics(&[&must("GatedResidualNetwork", "-0.1")], || {
        let config = GatedResidualNetworkConfig::new(3, 4);
        config.with_dropout(-0.1).init(&device)
    });
    assert_panics(&[&must("KanLinear", "1")], || {
        KanLinearConfig::new(3, 4).with_dropout(1.0).init(&device)
    });
    assert_panics(&[&must("SigKan", "1")], || {
        let config = SigKanConfig::new(3, 4, 6, 2);
        config.with_dropout(1.0).init(&device)
    });
}

#[test]
fn scales_of_random_layers() {
    let device = Device::default();
    let config = RandomCdeConfig::new(2, 3);
    for scale in [f64::NAN, f64::INFINITY, -1.0] {
        let must = |name| format!("RandomCde: {name} must be at least 0 and finite, got {scale}");
        assert_panics(&[&must("matrix_scale")], || {
            config.clone().with_matrix_scale(scale).init(&device)
        });
        assert_panics(&[&must("bias_scale")], || {
            config.clone().with_bias_scale(scale).init(&device)
        });
    }
}

/// Calls a closure with each layer of differential equations that takes windows, and its name.
fn in_windows(windows: &Windows, call: impl Fn(&str, &dyn Fn(Tensor<3>, Option<&[usize]>))) {
    let device = Device::default();
    let log = LogNeuralCdeConfig::new(3, 4, 2).with_windows(windows.clone());
    let log = log.init(&device);
    call("LogNeuralCde", &|path, lengths| match lengths {
        Some(lengths) => drop(log.forward_ragged(path, lengths)),
        None => drop(log.forward(path)),
    });
    let rde = NeuralRdeConfig::new(3, 4, 2).with_windows(windows.clone());
    let rde = rde.init(&device);
    call("NeuralRde", &|path, lengths| match lengths {
        Some(lengths) => drop(rde.forward_sequence_ragged(path, lengths)),
        None => drop(rde.forward_sequence(path)),
    });
    let linear = LinearNeuralCdeConfig::new(3, 4, 2).with_windows(windows.clone());
    let linear = linear.init(&device);
    call("LinearNeuralCde", &|path, lengths| match lengths {
        Some(lengths) => drop(linear.forward_ragged(path, lengths)),
        None => drop(linear.forward(path)),
    });
}

#[test]
fn windows_that_do_not_follow() {
    let begin = "each window must begin at the last point of the window before";
    let cover = "the windows must cover all points of a path, 0..9";
    let given = |windows: &[[usize; 2]]| {
        Windows::Intervals(windows.iter().map(|&[start, end]| start..end).collect())
    };
    for (windows, says) in [
        (
            Windows::Sliding { window: 4, hop: 2 },
            [
                begin,
                "window 0 has the points 0..4",
                "window 1 the points 2..6",
                "point 3",
            ],
        ),
        (
            Windows::Dyadic { levels: 1 },
            [begin, "0..9", "window 1 the points 0..5", "point 8"],
        ),
        (
            Windows::Expanding { first: 3, hop: 3 },
            [begin, "0..3", "window 1 the points 0..6", "point 2"],
        ),
        (
            given(&[[2, 5], [0, 3]]),
            [begin, "2..5", "window 1 the points 0..3", "point 4"],
        ),
        (
            given(&[[0, 4], [4, 9]]),
            [begin, "0..4", "window 1 the points 4..9", "point 3"],
        ),
        (given(&[[1, 5], [4, 9]]), [cover, "axis 1", "got 1..9", ""]),
        (given(&[[0, 5], [4, 8]]), [cover, "axis 1", "got 0..8", ""]),
        (given(&[]), [cover, "axis 1", "got 0..1", ""]),
        (
            windows_of_time(&[0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 4.0], 1.0),
            [cover, "axis 1", "got 0..7", ""],
        ),
    ] {
        in_windows(&windows, |layer, forward| {
            let mut says = says.to_vec();
            says.push(layer);
            assert_panics(&says, || forward(path([2, 9, 3]), None));
            assert_panics(&says, || forward(path([2, 9, 3]), Some(&[9, 9])));
        });
    }
    // Windows that follow, of any kind.
    for windows in [
        given(&[[0, 4], [3, 9]]),
        Windows::Sliding { window: 3, hop: 2 },
        Windows::Dyadic { levels: 0 },
        Windows::Expanding { first: 9, hop: 1 },
        Windows::Consecutive { steps: 3 },
    ] {
        in_windows(&windows, |_, forward| forward(path([2, 9, 3]), None));
    }
}

#[test]
fn paths_without_points() {
    let device = Device::default();
    let windows = Windows::Consecutive { steps: 2 };
    let empty = "a path needs at least 1 point, got length = 0 (axis 1 of the path [2, 0, 3])";
    in_windows(&windows, |layer, forward| {
        assert_panics(&[layer, empty], || forward(path([2, 0, 3]), None));
        assert_panics(&[layer, empty], || forward(path([2, 0, 3]), Some(&[1, 1])));
    });
    let cde = NeuralCdeConfig::new(3, 4, 2).init(&device);
    assert_panics(&["NeuralCde", empty], || cde.forward(path([2, 0, 3])));
    assert_panics(&["NeuralCde", empty], || {
        cde.forward_at(path([2, 0, 3]), matrix([2, 0]))
    });
    let stack = LinearNeuralCdeStackConfig::new(3, 4, 2).init(&device);
    assert_panics(&[empty], || stack.forward(path([2, 0, 3])));
    assert_panics(&[empty], || stack.forward_ragged(path([2, 0, 3]), &[1, 1]));
    let layer = SigLayerConfig::new(2).init(&device);
    let none = "the paths have no points (axis 1 of the path [2, 0, 3])";
    assert_panics(&[none], || layer.forward_ragged(path([2, 0, 3]), &[1, 1]));
}

/// First points and log-signatures that are given by hand.
#[test]
fn states_that_do_not_fit() {
    let device = Device::default();
    let log = LogNeuralCdeConfig::new(3, 4, 2).init(&device);
    let rde = NeuralRdeConfig::new(3, 4, 2).init(&device);
    let linear = LinearNeuralCdeConfig::new(3, 4, 2).init(&device);
    type States<'a> = (&'a str, &'a dyn Fn(Tensor<2>, Tensor<3>));
    let layers: [States; 3] = [
        ("LogNeuralCde", &|start, logs| drop(log.states(start, logs))),
        ("NeuralRde", &|start, logs| drop(rde.states(start, logs))),
        ("LinearNeuralCde", &|start, logs| {
            drop(linear.states(start, logs))
        }),
    ];
    for (layer, states) in layers {
        states(matrix([2, 3]), path([2, 5, 6]));
        let size = "axis 1 of start must have the size 3, got 4";
        assert_panics(&[layer, size], || states(matrix([2, 4]), path([2, 5, 6])));
        let batch = "start and logsignatures must have the same batch (axis 0), got 2 and 1";
        assert_panics(&[layer, batch], || states(matrix([2, 3]), path([1, 5, 6])));
        let coordinates =
            "axis 2 of logsignatures must have 6 coordinates (3 channels at depth 2), got 3";
        assert_panics(&[layer, coordinates], || {
            states(matrix([2, 3]), path([2, 5, 3]))
        });
    }
    let size = "LinearNeuralCde: axis 1 of initial must have the size 4, got 3";
    assert_panics(&[size], || {
        linear.states_from(matrix([2, 3]), path([2, 5, 6]))
    });
}
