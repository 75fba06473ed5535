//! A row of a ragged batch is the row alone, for every layer of paths: values, gradients of the
//! path, gradients of the parameters. On the default device, in f32 and, where the device computes
//! in it, in f64.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, FloatDType, Gradients, Tensor, TensorData};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::transforms::LeadLagOrder;
use sig_core::windows::Windows;
use sig_nn::cde::*;
use sig_nn::random::*;
use sig_nn::*;

const POINTS: usize = 7;

/// Batches of 1, 2 and 5 rows, with at least so many points each.
fn batches(shortest: usize) -> Vec<Vec<usize>> {
    let all = [shortest, POINTS, 4, shortest + 1, 4];
    vec![vec![4], vec![POINTS, shortest], all.to_vec()]
}

fn transforms() -> Vec<Vec<PathTransform>> {
    let time = PathTransform::TimeAugment { end_time: 2.0 };
    let order = LeadLagOrder::LeadLag;
    let lead_lag = PathTransform::LeadLag { order };
    let reset = PathTransform::InvisibilityReset;
    vec![
        vec![],
        vec![time],
        vec![lead_lag],
        vec![PathTransform::Basepoint],
        vec![reset],
        vec![PathTransform::CumulativeSum],
        vec![PathTransform::Scale { factor: -0.5 }],
        vec![PathTransform::ForwardFill { leading: 0.5 }],
        vec![lead_lag, time],
        vec![time, reset, PathTransform::CumulativeSum],
    ]
}

/// Parameters of any values, in a dtype.
struct Cast(FloatDType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(self.0))
    }
}

/// The gradients of all parameters, one after another.
struct Collect<'a>(&'a Gradients, Vec<f64>);

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.0) {
            self.1.extend(gradient.into_data().iter::<f64>());
        }
    }
}

/// Whether the device computes in f64, which means more than to support it.
fn dtypes(device: &Device) -> Vec<DType> {
    let mut dtypes = vec![DType::F32];
    if device.supports_dtype(DType::F64) {
        let data = TensorData::from([0.1f64, -0.7]);
        let exp = Tensor::<1>::from_data(data, (device, DType::F64)).exp();
        let exp: Vec<f64> = exp.into_data().iter::<f64>().collect();
        if (exp[0] - 0.1f64.exp()).abs() + (exp[1] - (-0.7f64).exp()).abs() < 1e-14 {
            dtypes.push(DType::F64);
        }
    }
    dtypes
}

/// What a pass leaves: the output, the gradient of the path and that of the parameters.
type Pass = [Vec<f64>; 3];

#[track_caller]
fn assert_close(what: &str, dtype: DType, got: &[f64], want: &[f64]) {
    // A layer norm of a signature of zeros, that of one point, has gradients of some thousands, which
    // cancel along the padding: in f32 to about 1e-3.
    let allowed = if dtype == DType::F64 { 1e-11 } else { 5e-3 };
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (got - want).abs() / scale;
        assert!(off <= allowed, "{what}: entry {i} is {got}, alone {want}");
    }
}

/// Compares a layer on ragged batches with itself on each row alone. Both functions give
/// `[batch, m, n]`.
#[track_caller]
fn check<M: Module>(
    name: &str,
    module: M,
    shortest: usize,
    ragged: impl Fn(&M, Tensor<3>, &[usize]) -> Tensor<3>,
    alone: impl Fn(&M, Tensor<3>) -> Tensor<3>,
) {
    let plain = Device::default();
    for dtype in dtypes(&plain) {
        let module = module.clone().map(&mut Cast(dtype.into())).train();
        let device = plain.clone().autodiff();
        let pass = |values: &[f64], shape, forward: &dyn Fn(Tensor<3>) -> Tensor<3>| -> Pass {
            let data = TensorData::new(values.to_vec(), shape).convert_dtype(dtype);
            let path = Tensor::<3>::from_data(data, (&device, dtype)).require_grad();
            let output = forward(path.clone());
            let [_, m, n] = output.dims();
            let weight = |i: usize| (0.7 * (i / n) as f64 + (i % n) as f64).cos();
            let weights = TensorData::new((0..m * n).map(weight).collect(), [1, m, n]);
            let weights = Tensor::<3>::from_data(weights.convert_dtype(dtype), (&device, dtype));
            let gradients = (output.clone() * weights).sum().backward();
            let mut parameters = Collect(&gradients, Vec::new());
            module.visit(&mut parameters);
            let gradient = path.grad(&gradients).expect("the path has a gradient");
            let numbers = |tensor: Tensor<3>| tensor.into_data().iter::<f64>().collect();
            [numbers(output), numbers(gradient), parameters.1]
        };
        for lengths in batches(shortest) {
            let batch = lengths.len();
            let row_of = |row: usize| {
                let value = move |i: usize| (1.3 * (i * i + 5 * row) as f64 + 0.4).sin();
                (0..2 * POINTS).map(value).collect::<Vec<_>>()
            };
            let padded: Vec<f64> = (0..batch)
                .flat_map(|row| {
                    let mut values = row_of(row);
                    values[2 * lengths[row]..].fill(f64::NAN);
                    values
                })
                .collect();
            let shape = [batch, POINTS, 2];
            let [output, gradient, of_parameters] =
                pass(&padded, shape, &|path| ragged(&module, path, &lengths));
            let mut sums = vec![0.0; of_parameters.len()];
            for (row, &points) in lengths.iter().enumerate() {
                let what = format!("{name}, {dtype:?}, row {row} of {lengths:?}");
                let own = row_of(row)[..2 * points].to_vec();
                let [want, want_gradient, parameters] =
                    pass(&own, [1, points, 2], &|path| alone(&module, path));
                let width = output.len() / batch;
                let (got, rest) = output[row * width..][..width].split_at(want.len());
                assert_close(&what, dtype, got, &want);
                let width = gradient.len() / batch;
                let (got, padding) = gradient[row * width..][..width].split_at(2 * points);
                assert_close(&format!("{what}, gradient"), dtype, got, &want_gradient);
                let zero = |values: &[f64]| values.iter().all(|&x| x == 0.0);
                assert!(zero(rest) && zero(padding), "{what}: the padding counts");
                assert_eq!(sums.len(), parameters.len(), "{what}");
                sums.iter_mut()
                    .zip(parameters)
                    .for_each(|(sum, x)| *sum += x);
            }
            let what = format!("{name}, {dtype:?}, parameters, {lengths:?}");
            assert_close(&what, dtype, &of_parameters, &sums);
        }
    }
}

#[test]
fn signatures_of_every_transform() {
    let device = Device::default();
    for transforms in transforms() {
        let name = format!("SigLayer after {transforms:?}");
        let layer = SigLayerConfig::new(2).with_transforms(transforms.clone());
        check(
            &name,
            layer.init(&device),
            1,
            |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
            |layer, path| layer.forward(path).unsqueeze_dim(1),
        );
        let name = format!("LogSigLayer after {transforms:?}");
        let layer = LogSigLayerConfig::new(3).with_transforms(transforms);
        check(
            &name,
            layer.init(&device),
            1,
            |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
            |layer, path| layer.forward(path).unsqueeze_dim(1),
        );
    }
}

#[test]
fn signatures_with_options() {
    let device = Device::default();
    for scaling in [
        SignatureScaling::Factorial,
        SignatureScaling::Learned,
        SignatureScaling::LayerNorm,
        SignatureScaling::SignedLog,
    ] {
        let layer = SigLayerConfig::new(3)
            .with_basepoint(true)
            .with_inverse(true)
            .with_scalar_term(true)
            .with_scaling(scaling)
            .with_channels(Some(2));
        check(
            &format!("SigLayer with {scaling:?}"),
            layer.init(&device),
            1,
            |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
            |layer, path| layer.forward(path).unsqueeze_dim(1),
        );
        let layer = LogSigLayerConfig::new(3)
            .with_basis(LogSignatureBasis::Hall)
            .with_scaling(scaling)
            .with_channels(Some(2));
        check(
            &format!("LogSigLayer with {scaling:?}"),
            layer.init(&device),
            1,
            |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
            |layer, path| layer.forward(path).unsqueeze_dim(1),
        );
    }
}

#[test]
fn windows_of_every_kind() {
    let device = Device::default();
    for windows in [
        Windows::Sliding { window: 3, hop: 2 },
        Windows::Expanding { first: 2, hop: 2 },
        Windows::Dyadic { levels: 1 },
        Windows::Consecutive { steps: 2 },
        Windows::Intervals(vec![1..3, 0..3]),
    ] {
        let time = PathTransform::TimeAugment { end_time: 1.0 };
        let layer = SigLayerConfig::new(2)
            .with_transforms(vec![time])
            .with_scaling(SignatureScaling::LayerNorm)
            .with_channels(Some(2))
            .with_windows(Some(windows.clone()));
        check(
            &format!("SigLayer with {windows:?}"),
            layer.init(&device),
            3,
            |layer, path, lengths| {
                let (output, counts) = layer.forward_windows_ragged(path, lengths);
                let count = |&points: &usize| windows.ranges(points).len();
                assert_eq!(counts, lengths.iter().map(count).collect::<Vec<_>>());
                output
            },
            SigLayer::forward_windows,
        );
        let layer = LogSigLayerConfig::new(2)
            .with_transforms(vec![PathTransform::CumulativeSum, time])
            .with_windows(Some(windows.clone()));
        check(
            &format!("LogSigLayer with {windows:?}"),
            layer.init(&device),
            3,
            |layer, path, lengths| layer.forward_windows_ragged(path, lengths).0,
            LogSigLayer::forward_windows,
        );
    }
}

/// Weights of the points that differ.
fn trained(mut weighting: TimeWeighting) -> TimeWeighting {
    weighting.weight = weighting.weight.map(|weight| {
        let [length, _] = weight.dims();
        let steps = Tensor::arange(0..length as i64, &weight.device()).float();
        weight + (steps * 0.9).sin().mul_scalar(0.3).unsqueeze_dim(1)
    });
    weighting
}

#[test]
fn layers_weighted_by_signatures() {
    let device = Device::default();
    for (fit, length) in [
        (LengthFit::Truncate, POINTS),
        (LengthFit::Truncate, POINTS + 2),
        (LengthFit::Interpolate, 5),
    ] {
        let weighting = TimeWeightingConfig::new(length).with_fit(fit);
        let weighting = trained(weighting.init(&device));
        let zeroed = |weighted: Tensor<3>, lengths: &[usize]| {
            let rows = lengths.iter().enumerate().map(|(row, &points)| {
                let row = weighted.clone().narrow(0, row, 1);
                let kept = row.clone().narrow(1, 0, points);
                let rest = row.narrow(1, 0, 1) * 0.0;
                let rest = rest.repeat_dim(1, POINTS - points + 1);
                Tensor::cat(vec![kept, rest], 1).narrow(1, 0, POINTS)
            });
            Tensor::cat(rows.collect(), 0)
        };
        check(
            &format!("TimeWeighting with {fit:?}"),
            weighting,
            1,
            |layer, path, lengths| zeroed(layer.forward_ragged(path, lengths), lengths),
            TimeWeighting::forward,
        );
        for scaling in [SignatureScaling::Learned, SignatureScaling::LayerNorm] {
            let dense = SigDenseConfig::new(2, 3, length, 2).with_scaling(scaling);
            let mut dense = dense.with_fit(fit).init(&device);
            dense.time_weighting = trained(dense.time_weighting);
            check(
                &format!("SigDense with {fit:?}, {scaling:?}"),
                dense,
                1,
                SigDense::forward_ragged,
                SigDense::forward,
            );
            let kan = SigKanConfig::new(2, 3, length, 2).with_scaling(scaling);
            let mut kan = kan.with_fit(fit).init(&device);
            kan.time_weighting = trained(kan.time_weighting);
            check(
                &format!("SigKan with {fit:?}, {scaling:?}"),
                kan,
                1,
                SigKan::forward_ragged,
                SigKan::forward,
            );
        }
    }
}

/// One row may meet other kernels than the same row among others.
#[test]
fn a_row_alone_is_the_row_of_a_batch() {
    let device = Device::default();
    let layer = KanLinearConfig::new(6, 5).with_layer_norm(false);
    let layer = layer.init(&device);
    let values = TensorData::new((0..12).map(|i| (i as f32).sin()).collect(), [2, 6]);
    let batch = Tensor::<2>::from_data(values, &device);
    let alone = layer.forward(batch.clone().narrow(0, 1, 1)).into_data();
    let row = layer.forward(batch).narrow(0, 1, 1).into_data();
    alone.assert_approx_eq::<f32>(&row, Default::default());
}

#[test]
fn no_rows() {
    let device = Device::default();
    let path = || Tensor::<3>::zeros([0, POINTS, 2], &device);
    let windows = Windows::Dyadic { levels: 1 };
    let layer = SigLayerConfig::new(2)
        .with_windows(Some(windows))
        .init(&device);
    assert_eq!(layer.forward_ragged(path(), &[]).dims(), [0, 6]);
    let (output, counts) = layer.forward_windows_ragged(path(), &[]);
    // Those that rows of the full length would have.
    assert_eq!((output.dims(), counts), ([0, 3, 6], vec![]));
    let log = LogNeuralCdeConfig::new(2, 3, 4).init(&device);
    let rde = NeuralRdeConfig::new(2, 3, 4).init(&device);
    let spline = NeuralCdeConfig::new(2, 3, 4).init(&device);
    let linear = LinearNeuralCdeConfig::new(2, 4, 4).init(&device);
    let random = RandomCdeConfig::new(2, 4).init(&device);
    let features = RandomSignatureFeaturesConfig::new(2, 1).init(&device);
    for output in [
        log.forward(path()),
        rde.forward(path()),
        spline.forward(path()),
        linear.forward(path()),
        random.forward(path()),
        features.forward(path()),
    ] {
        assert_eq!(output.dims(), [0, 4]);
    }
    let development = PathDevelopmentConfig::new(2, 3).init(&device);
    assert_eq!(development.forward(path()).dims(), [0, 1, 3, 3]);
    let patches = SigPatchesConfig::new(1, 2).init(&device);
    assert_eq!(patches.forward(path()).dims(), [0, 2, 6]);
}

/// Checks the forward passes of a differential equation: of a path and of each window. A row of one
/// point alone has no gradient of the field to compare; `cde.rs` looks at it.
macro_rules! check_cde {
    ($layer:ident, $module:expr) => {
        let module = $module;
        check(
            concat!(stringify!($layer), " of a path"),
            module.clone(),
            2,
            |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
            |layer, path| layer.forward(path).unsqueeze_dim(1),
        );
        check(
            concat!(stringify!($layer), " of windows"),
            module,
            2,
            |layer, path, lengths| layer.forward_sequence_ragged(path, lengths).0,
            $layer::forward_sequence,
        );
    };
}

#[test]
fn differential_equations() {
    let device = Device::default();
    let windows = Windows::Consecutive { steps: 2 };
    let time = vec![PathTransform::TimeAugment { end_time: 2.0 }];
    let log = LogNeuralCdeConfig::new(2, 3, 2).with_windows(windows.clone());
    let log = log
        .with_width(4)
        .with_scale(1.0)
        .with_transforms(time.clone());
    check_cde!(LogNeuralCde, log.init(&device));
    let rde = NeuralRdeConfig::new(2, 3, 2).with_windows(windows.clone());
    let rde = rde.with_width(4).with_transforms(time.clone());
    check_cde!(NeuralRde, rde.init(&device));
    let spline = NeuralCdeConfig::new(2, 3, 2).with_width(4);
    check_cde!(
        NeuralCde,
        spline.with_transforms(time.clone()).init(&device)
    );
    let linear = LinearNeuralCdeConfig::new(2, 4, 2).with_windows(windows.clone());
    check_cde!(LinearNeuralCde, linear.with_transforms(time).init(&device));
    let stack = LinearNeuralCdeStackConfig::new(2, 4, 2).with_windows(windows);
    check(
        "LinearNeuralCdeStack",
        stack.with_dropout(0.0).init(&device),
        2,
        |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
        |layer, path| layer.forward(path).unsqueeze_dim(1),
    );
    let block = LinearNeuralCdeBlockConfig::new(2)
        .with_block_size(2)
        .with_dropout(0.0);
    check(
        "LinearNeuralCdeBlock",
        block.init(&device),
        2,
        LinearNeuralCdeBlock::forward_ragged,
        LinearNeuralCdeBlock::forward,
    );
}

#[test]
fn features_of_paths() {
    let device = Device::default();
    check(
        "PathDevelopment",
        PathDevelopmentConfig::new(2, 3).init(&device),
        2,
        |layer, path, lengths| layer.forward_ragged(path, lengths).flatten(2, 3),
        |layer, path| layer.forward(path).flatten(2, 3),
    );
    for univariate in [false, true] {
        check(
            "SigPatches",
            SigPatchesConfig::new(2, 2)
                .with_univariate(univariate)
                .init(&device),
            3,
            SigPatches::forward_ragged,
            SigPatches::forward,
        );
    }
    check(
        "RandomCde",
        RandomCdeConfig::new(2, 4).init(&device),
        2,
        |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
        |layer, path| layer.forward(path).unsqueeze_dim(1),
    );
    check(
        "RandomSignatureFeatures",
        RandomSignatureFeaturesConfig::new(2, 4).init(&device),
        2,
        |layer, path, lengths| layer.forward_ragged(path, lengths).unsqueeze_dim(1),
        |layer, path| layer.forward(path).unsqueeze_dim(1),
    );
}
