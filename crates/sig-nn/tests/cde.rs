//! Neural differential equations: orders of convergence, identities between the layers, causality.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use sig_core::logsignatures::LogSignatureBasis;
use sig_core::windows::{Windows, logsignature_windows};
use sig_nn::cde::*;

fn f64_device() -> Option<Device> {
    let device = Device::default();
    let exp = |device: &Device| {
        let data = TensorData::from([0.1f64]);
        let exp = Tensor::<1>::from_data(data, (device, DType::F64)).exp();
        exp.into_scalar::<f64>()
    };
    let computes = device.supports_dtype(DType::F64) && (exp(&device) - 0.1f64.exp()).abs() < 1e-14;
    computes.then_some(device)
}

fn tensor<const D: usize>(
    shape: [usize; D],
    of: impl Fn(usize) -> f64,
    device: &Device,
) -> Tensor<D> {
    let values: Vec<f64> = (0..shape.iter().product()).map(of).collect();
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F64))
}

/// A smooth curve in three channels.
fn curve(points: usize, device: &Device) -> Tensor<3> {
    let value = |at: usize| {
        let (t, channel) = ((at / 3) as f64 / (points - 1) as f64, at % 3);
        [(3.0 * t).sin(), (2.0 * t).cos() + t, t * t - 0.5 * t][channel]
    };
    tensor([1, points, 3], value, device)
}

fn largest<const D: usize>(tensor: Tensor<D>) -> f64 {
    tensor.abs().max().into_scalar::<f64>()
}

/// `dy = A y ds` with a quarter turn and a growth, whose solution is known.
struct Spiral(Tensor<2>);

impl ControlledField for Spiral {
    type Control = f64;

    fn derivative(&self, state: Tensor<2>, control: &f64, _at: f64) -> Tensor<2> {
        state.matmul(self.0.clone()) * *control
    }
}

/// `dy = 4 s³ ds`, which asks where in the window a step is.
struct Power;

impl ControlledField for Power {
    type Control = ();

    fn derivative(&self, state: Tensor<2>, (): &(), at: f64) -> Tensor<2> {
        state.zeros_like() + 4.0 * at.powi(3)
    }
}

#[test]
fn solvers_have_their_order() {
    let Some(device) = f64_device() else { return };
    let (growth, turn) = (0.4, 1.3);
    let matrix = tensor([2, 2], |i| [growth, turn, -turn, growth][i], &device);
    let start = || tensor([1, 2], |i| [1.0, 0.5][i], &device);
    // Two windows, the second backwards by half.
    let controls = [1.0, -0.5];
    let exact = {
        let (time, [x, y]) = (0.5, [1.0, 0.5]);
        let (sin, cos) = f64::sin_cos(turn * time);
        let size = f64::exp(growth * time);
        tensor(
            [1, 2],
            |i| size * [cos * x - sin * y, sin * x + cos * y][i],
            &device,
        )
    };
    for (solver, order) in [(Solver::Euler, 1), (Solver::Heun, 2), (Solver::Rk4, 4)] {
        let error = |steps| {
            let states = integrate(&Spiral(matrix.clone()), controls, start(), solver, steps);
            largest(states[2].clone() - exact.clone())
        };
        let of_time = |steps| {
            let states = integrate(&Power, [()], start(), solver, steps);
            largest(states[1].clone() - start() - 1.0)
        };
        let measured = (error(16) / error(32)).log2();
        assert!(
            (measured - f64::from(order)).abs() < 0.2,
            "{solver:?}: {measured}"
        );
        if solver == Solver::Rk4 {
            // Simpson's rule is exact for cubics.
            assert!(of_time(1) < 1e-14);
        } else {
            let measured = (of_time(16) / of_time(32)).log2();
            assert!(
                (measured - f64::from(order)).abs() < 0.2,
                "{solver:?}: {measured}"
            );
        }
    }
}

/// The error of log-signature windows falls at least like `windows^−depth`. Along a smooth curve odd
/// levels are smaller than along a rough path, so it falls faster: with the orders 2, 4, 4 of
/// Magnus's expansion.
#[test]
fn errors_of_windows_fall_like_their_number_to_the_depth() {
    let Some(device) = f64_device() else { return };
    let points = 513;
    let path = curve(points, &device);
    let last = |depth: usize, steps: usize| {
        let config = LinearNeuralCdeConfig::new(3, 4, 1)
            .with_depth(depth)
            .with_flow(Flow::Exponential);
        let mut layer = config.init(&device);
        let weight = |i: usize| (1.7 * i as f64 + 0.3).sin();
        layer.weight = Param::from_tensor(tensor([3, 1, 4, 4], weight, &device));
        let windows = Windows::Consecutive { steps };
        let basis = LogSignatureBasis::Brackets;
        let logs = logsignature_windows(path.clone(), depth, &windows, basis);
        let start = tensor([1, 4], |i| 1.0 - 0.3 * i as f64, &device);
        let states = layer.states_from(start, logs);
        let count = states.dims()[1];
        states.narrow(1, count - 1, 1)
    };
    // A window of one step is exact at any depth.
    let exact = last(1, 1);
    assert!(largest(last(2, 1) - exact.clone()) < 1e-12);
    for (depth, order) in [(1, 2.0), (2, 4.0), (3, 4.0)] {
        let error = |steps| largest(last(depth, steps) - exact.clone());
        let measured = (error(64) / error(32)).log2();
        assert!(
            (measured - order).abs() < 0.4,
            "depth {depth}: order {measured}"
        );
        assert!(measured >= depth as f64);
    }
}

/// `Σ_i l_i A_i y`: the field of a linear equation of depth 1.
struct Linear(Tensor<3>);

impl ControlledField for Linear {
    type Control = Tensor<2>;

    fn derivative(&self, state: Tensor<2>, increment: &Tensor<2>, _at: f64) -> Tensor<2> {
        let [channels, _, size] = self.0.dims();
        let matrices = self.0.clone().reshape([channels, size * size]);
        let matrix = increment.clone().matmul(matrices).reshape([size, size]);
        matrix.matmul(state.transpose()).transpose()
    }
}

/// One step of Euler's method per window is the linear layer.
#[test]
fn eulers_method_of_a_linear_field_is_the_linear_layer() {
    let Some(device) = f64_device() else { return };
    let config = LinearNeuralCdeConfig::new(3, 4, 1).with_depth(1);
    let mut layer = config.init(&device);
    let matrices = tensor([3, 4, 4], |i| (1.1 * i as f64).cos(), &device);
    layer.weight = Param::from_tensor(matrices.clone().unsqueeze_dim(1));
    let windows = Windows::Consecutive { steps: 5 };
    let logs = logsignature_windows(curve(33, &device), 1, &windows, LogSignatureBasis::Brackets);
    let count = logs.dims()[1];
    let start = tensor([1, 4], |i| i as f64 - 1.0, &device);
    let increments = (0..count).map(|w| logs.clone().narrow(1, w, 1).squeeze_dim(1));
    let states = integrate(
        &Linear(matrices),
        increments,
        start.clone(),
        Solver::Euler,
        1,
    );
    let states = Tensor::<2>::stack::<3>(states, 1);
    assert!(largest(layer.states_from(start, logs) - states) < 1e-13);
}

/// The parameters of a module in f64.
struct Double;

impl burn::module::ModuleMapper for Double {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(burn::tensor::FloatDType::F64))
    }
}

/// Where all steps are equal the spline is straight, and is what windows of one step at depth 1 are.
#[test]
fn a_spline_through_a_straight_path_is_windows_of_one_step() {
    let Some(device) = f64_device() else { return };
    let (channels, hidden) = (2, 3);
    let spline = NeuralCdeConfig::new(channels, hidden, 2).with_width(5);
    let spline = spline.init(&device).map(&mut Double);
    let log = LogNeuralCdeConfig::new(channels, hidden, 2)
        .with_width(5)
        .with_depth(1)
        .with_solver(Solver::Rk4)
        .with_windows(Windows::Consecutive { steps: 1 });
    let mut log = log.init(&device).map(&mut Double);
    log.initial = spline.initial.clone();
    log.output = spline.output.clone();
    log.field = spline.field.clone();
    // [hidden][channels] there, [channels][hidden] here.
    let last = log.field.layers.last_mut().unwrap();
    let turned = |columns: Tensor<2>| {
        let rows = columns.dims()[0];
        let fields = columns.reshape([rows, hidden, channels]).swap_dims(1, 2);
        fields.reshape([rows, hidden * channels])
    };
    last.weight = Param::from_tensor(turned(last.weight.val()));
    let bias = last.bias.as_ref().unwrap().val().unsqueeze_dim(0);
    last.bias = Some(Param::from_tensor(turned(bias).squeeze_dim(0)));
    let path = tensor([1, 6, 2], |i| [0.3, -0.5][i % 2] * (i / 2) as f64, &device);
    let got = spline.forward_sequence(path.clone());
    assert_eq!(got.dims(), [1, 6, 2]);
    assert!(largest(got - log.forward_sequence(path)) < 1e-13);
}

/// A state depends on nothing that comes later, so it can be computed online.
#[test]
fn states_are_causal() {
    let Some(device) = f64_device() else { return };
    let path = curve(13, &device);
    let changed = path
        .clone()
        .slice_assign([0..1, 9..13, 0..3], curve(4, &device) * 7.0);
    let windows = Windows::Consecutive { steps: 4 };
    let log = LogNeuralCdeConfig::new(3, 4, 2).with_windows(windows.clone());
    let log = log.with_scale(1.0).init(&device).map(&mut Double);
    let rde = NeuralRdeConfig::new(3, 4, 2).with_windows(windows.clone());
    let rde = rde.init(&device).map(&mut Double);
    let linear = LinearNeuralCdeConfig::new(3, 4, 2).with_windows(windows);
    let linear = linear.init(&device).map(&mut Double);
    let spline = NeuralCdeConfig::new(3, 4, 2).init(&device).map(&mut Double);
    let sequences: [(&dyn Fn(Tensor<3>) -> Tensor<3>, usize); 4] = [
        (&|path| log.forward_sequence(path), 3),
        (&|path| rde.forward_sequence(path), 3),
        (&|path| linear.forward_sequence(path), 3),
        (&|path| spline.forward_sequence(path), 9),
    ];
    for (i, (sequence, same)) in sequences.into_iter().enumerate() {
        let (before, after) = (sequence(path.clone()), sequence(changed.clone()));
        let difference = before - after;
        assert_eq!(largest(difference.clone().narrow(1, 0, same)), 0.0, "{i}");
        assert!(largest(difference) > 1e-6, "{i}");
    }
}

/// A step of Euler's method of a neural rough differential equation, from its parts.
#[test]
fn a_step_of_a_rough_equation_by_its_definition() {
    let Some(device) = f64_device() else { return };
    let config = NeuralRdeConfig::new(2, 3, 1).with_depth(3).with_width(5);
    let layer = config
        .with_solver(Solver::Euler)
        .init(&device)
        .map(&mut Double);
    let logs = tensor([2, 1, 5], |i| (0.9 * i as f64).sin(), &device);
    let start = tensor([2, 2], |i| (0.4 * i as f64).cos(), &device);
    let states = layer.states(start.clone(), logs.clone());
    let first = layer.initial.forward(start);
    let columns = layer.columns.forward(layer.field.forward(first.clone()));
    let columns: Vec<f64> = columns.into_data().try_to_vec().unwrap();
    let logs: Vec<f64> = logs.into_data().try_to_vec().unwrap();
    let moved = |at: usize| {
        let (row, unit) = (at / 3, at % 3);
        (0..5)
            .map(|n| columns[row * 15 + unit * 5 + n] * logs[row * 5 + n])
            .sum()
    };
    let want = first + tensor([2, 3], moved, &device);
    let got: Tensor<2> = states.narrow(1, 1, 1).squeeze_dim(1);
    assert!(largest(got - want) < 1e-14);
}

/// The gradient of the whole layer, through brackets, windows and the solver, against central
/// differences.
#[test]
fn gradients_of_paths_against_finite_differences() {
    let Some(plain) = f64_device() else { return };
    let device = plain.clone().autodiff();
    let windows = Windows::Consecutive { steps: 3 };
    let log = LogNeuralCdeConfig::new(3, 4, 2)
        .with_windows(windows.clone())
        .with_width(6);
    let log = log.with_scale(1.0).init(&device).map(&mut Double);
    let rde = NeuralRdeConfig::new(3, 4, 2)
        .with_windows(windows.clone())
        .with_width(6);
    let rde = rde.init(&device).map(&mut Double);
    let linear = LinearNeuralCdeConfig::new(3, 4, 2)
        .with_windows(windows)
        .with_depth(3);
    let linear = linear
        .with_flow(Flow::Exponential)
        .init(&device)
        .map(&mut Double);
    let spline = NeuralCdeConfig::new(3, 4, 2)
        .with_width(6)
        .init(&device)
        .map(&mut Double);
    let layers: [&dyn Fn(Tensor<3>) -> Tensor<2>; 4] = [
        &|path| log.forward(path),
        &|path| rde.forward(path),
        &|path| linear.forward(path),
        &|path| spline.forward(path),
    ];
    for (i, forward) in layers.into_iter().enumerate() {
        let values: Vec<f64> = curve(8, &plain).into_data().try_to_vec().unwrap();
        let path = |values: Vec<f64>| {
            Tensor::<3>::from_data(TensorData::new(values, [1, 8, 3]), (&device, DType::F64))
        };
        let loss = |path: Tensor<3>| forward(path).sin().sum();
        let input = path(values.clone()).require_grad();
        let gradient = input.grad(&loss(input.clone()).backward()).unwrap();
        let gradient: Vec<f64> = gradient.into_data().try_to_vec().unwrap();
        for (at, gradient) in gradient.into_iter().enumerate() {
            let shifted = |step: f64| {
                let mut values = values.clone();
                values[at] += step;
                loss(path(values)).into_scalar::<f64>()
            };
            let difference = |step: f64| (shifted(step) - shifted(-step)) / (2.0 * step);
            let want = (4.0 * difference(1e-4) - difference(2e-4)) / 3.0;
            assert!(
                (gradient - want).abs() < 1e-9,
                "{i}, {at}: {gradient}, {want}"
            );
        }
    }
}

/// A path of one point leaves the state where it starts.
#[test]
fn a_single_point_is_the_first_state() {
    let device = Device::default();
    let path = Tensor::<3>::from_floats([[[0.3, -0.7]], [[1.0, 2.0]]], &device);
    let layer = LogNeuralCdeConfig::new(2, 4, 3).init(&device);
    let first = layer.initial.forward(path.clone().squeeze_dim::<2>(1));
    let want = layer.output.forward(first).into_data();
    layer
        .forward(path.clone())
        .into_data()
        .assert_eq(&want, true);
    assert_eq!(layer.forward_sequence(path.clone()).dims(), [2, 1, 3]);
    let (sequence, counts) = layer.forward_sequence_ragged(path.clone(), &[1, 1]);
    assert_eq!((sequence.dims(), counts), ([2, 1, 3], vec![1, 1]));
    let linear = LinearNeuralCdeConfig::new(2, 4, 3).init(&device);
    assert_eq!(linear.forward_ragged(path.clone(), &[1, 1]).dims(), [2, 3]);
    let rde = NeuralRdeConfig::new(2, 4, 3).init(&device);
    assert_eq!(rde.forward(path.clone()).dims(), [2, 3]);
    let spline = NeuralCdeConfig::new(2, 4, 3).init(&device);
    assert_eq!(spline.forward(path).dims(), [2, 3]);
}

/// Two points at one time are a jump, in values and gradients.
#[test]
fn neural_cde_with_equal_times() {
    let device = Device::default().autodiff();
    let layer = NeuralCdeConfig::new(1, 4, 2).init(&device);
    let path = Tensor::<3>::from_floats([[[0.], [1.], [3.], [2.], [2.]]], &device).require_grad();
    let times = Tensor::<2>::from_floats([[0., 1., 1., 2., 2.]], &device);
    let output = layer.forward_at(path.clone(), times);
    let gradients = output.clone().sum().backward();
    let gradient = path.grad(&gradients).unwrap().into_data();
    let output = output.into_data();
    let mut all = output.iter::<f32>().chain(gradient.iter::<f32>());
    assert!(all.all(f32::is_finite), "{output}, {gradient}");
}
