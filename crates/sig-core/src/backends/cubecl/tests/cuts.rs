//! The kernels on a device, in every way that a launch can be cut, against those of Flex in f64.

use std::sync::OnceLock;

use burn::backend::{Backend, DispatchDevice, Flex, ops::FloatTensorOps, tensor::FloatTensor};
use burn::tensor::{DType, Device, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::future::block_on;
use burn_cubecl::tensor::CubeTensor;

use crate::backends::cubecl::call::Call;
use crate::backends::cubecl::plan::{Limits, Pass, Plan, Problem};
use crate::devices::{BACKENDS, on_cube};
use crate::open_device::NamedDevice;
use crate::operation::Signature;
use crate::ops::{SignatureOps, Tensors};
use crate::signatures::{SignatureMethod, SignatureSpec};

/// What a call gives: the signature, and the gradient of the path.
type Results = [Vec<f64>; 2];

/// A change of what the device allows, to get at another plan.
pub(super) type Change = fn(&mut Limits);

/// Batch, length, channels and depth.
type Sizes = [usize; 4];

pub(super) struct Inputs {
    sizes: Sizes,
    params: Signature,
    path: TensorData,
    pub(super) gradient: TensorData,
}

impl Inputs {
    pub(super) fn new(sizes: Sizes, stream: bool) -> Self {
        let [batch, length, channels, depth] = sizes;
        let terms = SignatureSpec::new(channels, depth).terms();
        let rows = if stream { length - 1 } else { 1 };
        let mut shape = vec![batch, terms];
        if stream {
            shape.insert(1, rows);
        }
        Self {
            sizes,
            params: Signature {
                depth,
                stream,
                method: SignatureMethod::Fused,
            },
            path: walk(batch, length, channels),
            gradient: TensorData::new(numbers(batch * rows * terms, 9), shape),
        }
    }

    pub(super) fn call(&self, change: Change) -> Call {
        let mut call = Call::new(on_device(&self.path), self.params);
        change(&mut call.limits);
        call
    }

    /// On the device, with the launches of the signature and of its gradient.
    pub(super) fn on_cube(&self, change: Change) -> (Results, [usize; 2]) {
        let (forward, backward) = (self.call(change), self.call(change));
        let output = forward.signature();
        let path = backward.gradient(on_device(&self.gradient));
        (
            [output, path].map(host::<CubeBackend>),
            [forward.launches.get(), backward.launches.get()],
        )
    }

    fn on_flex(&self) -> Results {
        let device = Default::default();
        let tensor = |data: &TensorData| Flex::float_from_data(data.clone(), &device);
        let (path, gradient) = (tensor(&self.path), tensor(&self.gradient));
        [
            Flex::forward(self.params, Tensors::One(path.clone())),
            Flex::backward(self.params, Tensors::One(path), gradient).array::<1>()[0].clone(),
        ]
        .map(host::<Flex>)
    }

    fn check(&self, change: Change) {
        let (got, launches) = self.on_cube(change);
        let want = self.on_flex();
        let [_, _, channels, depth] = self.sizes;
        let spec = SignatureSpec::new(channels, depth);
        for (what, (got, want)) in ["signature", "path"].iter().zip(got.iter().zip(&want)) {
            assert_eq!(got.len(), want.len(), "{what} of {:?}", self.sizes);
            for (row, (got, want)) in rows(what, got, &spec)
                .zip(rows(what, want, &spec))
                .enumerate()
            {
                for range in parts(what, want.len(), &spec) {
                    close(&got[range.clone()], &want[range], 1e-5).unwrap_or_else(|problem| {
                        panic!("{what} of {:?}, row {row}: {problem}", self.sizes)
                    });
                }
            }
        }
        let [forward, backward] = launches;
        assert!(forward <= 2 && backward <= 4, "{launches:?} launches");
    }
}

/// The device that `BURN_DEVICE` names if it is one of CubeCL's, else the best one that computes.
pub(super) fn device() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let open = |name| {
            let found = NamedDevice::open(name).ok()?;
            on_cube(&found.device).then_some(found.device)
        };
        let mut all = BACKENDS.iter().map(|backend| Some(backend.name));
        let found = open(None).or_else(|| all.find_map(open));
        found.expect("a backend of CubeCL has a device here")
    })
}

pub(super) fn on_device(data: &TensorData) -> CubeTensor {
    let data = data.clone().convert_dtype(DType::F32);
    let DispatchDevice::Cube(device) = device().as_dispatch() else {
        unreachable!("it was chosen so")
    };
    CubeBackend::float_from_data(data, device)
}

pub(super) fn host<B: Backend>(tensor: FloatTensor<B>) -> Vec<f64> {
    let data = block_on(B::float_into_data(tensor)).expect("the device computed it");
    let data = data.convert_dtype(DType::F64);
    data.try_to_vec::<f64>().expect("converted above")
}

/// Signatures are compared row by row, and each level with its largest term; path gradients as a
/// whole.
fn rows<'a>(what: &str, numbers: &'a [f64], spec: &SignatureSpec) -> std::slice::Chunks<'a, f64> {
    match what {
        "path" => numbers.chunks(numbers.len()),
        _ => numbers.chunks(spec.terms()),
    }
}

fn parts(what: &str, len: usize, spec: &SignatureSpec) -> Vec<std::ops::Range<usize>> {
    match what {
        "path" => std::iter::once(0..len).collect(),
        _ => spec.level_ranges().collect(),
    }
}

/// To a part of the largest, or of 0.1, below which paths have come back by chance.
pub(super) fn close(got: &[f64], want: &[f64], tolerance: f64) -> Result<(), String> {
    let scale = want.iter().fold(0.1f64, |scale, x| scale.max(x.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        if (got - want).abs() > tolerance * scale || got.is_nan() {
            return Err(format!("{got} at {i}, not {want}, in a scale of {scale}"));
        }
    }
    Ok(())
}

/// Numbers in −1..1 that f32 holds.
fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as i32 - (1 << 23)) as f64 / f64::from(1 << 23)
    };
    (0..count).map(next).collect()
}

/// Random walks that end about 1 from where they start, whatever their length and channels.
pub(super) fn walk(batch: usize, length: usize, channels: usize) -> TensorData {
    let scale = 1.0 / (length as f64 * channels as f64).sqrt();
    let mut points = numbers(batch * length * channels, 3);
    for row in points.chunks_mut(length * channels) {
        row.iter_mut().for_each(|step| *step *= scale);
        for at in channels..row.len() {
            row[at] += row[at - channels];
        }
    }
    let points = points.into_iter().map(|x| f64::from(x as f32)).collect();
    TensorData::new(points, [batch, length, channels])
}

pub(super) const UNCHANGED: Change = |_| ();
/// A device that any batch keeps busy: many rows a unit, several paths a cube, no cut in time.
const SMALL: Change = |limits| limits.processors = Some(1);
const LARGE: Change = |limits| limits.processors = Some(512);
const LITTLE_SHARED: Change = |limits| limits.shared_bytes = 4096;
const NARROW_GRID: Change = |limits| limits.cubes = [3, 65_535];
const TWO_THREADS: Change = |limits| limits.units = 2;

/// The last signature and all of them, in each cut.
#[test]
fn options() {
    for (sizes, change) in [
        ([3, 9, 3, 4], UNCHANGED),
        ([40, 9, 4, 3], SMALL),
        ([2, 150, 2, 3], LARGE),
    ] {
        for stream in [false, true] {
            Inputs::new(sizes, stream).check(change);
        }
    }
}

/// Channels from 1 to 24 and depths from 1 to 8, few and many paths, short and long ones.
#[test]
fn sizes() {
    for sizes in [
        [2, 6, 1, 8],
        [3, 70, 5, 1],
        [2, 9, 2, 8],
        [1, 5000, 2, 3],
        [2000, 2, 3, 2],
        [2, 5, 17, 3],
        [1, 4, 24, 3],
        [7, 100, 5, 4],
        [1, 20, 10, 3],
    ] {
        Inputs::new(sizes, false).check(UNCHANGED);
    }
}

/// Batches that keep a device busy, so that a unit has many rows; and units of a path in several
/// cubes.
#[test]
fn many_rows_a_unit() {
    for sizes in [[20, 12, 5, 4], [5, 7, 10, 4], [3, 8, 12, 3], [2, 9, 2, 10]] {
        Inputs::new(sizes, false).check(SMALL);
    }
}

/// What does not fit into shared memory is read from the path.
#[test]
fn more_than_shared_memory_holds() {
    Inputs::new([1, 3, 1100, 2], false).check(UNCHANGED);
    Inputs::new([2, 5, 70, 2], true).check(UNCHANGED);
    Inputs::new([3, 20, 40, 2], false).check(LITTLE_SHARED);
}

/// Cubes beyond the first axis of a grid go along the second, and the last ones have nothing to do.
#[test]
fn grids_beyond_one_axis() {
    Inputs::new([11, 10, 3, 4], false).check(NARROW_GRID);
    Inputs::new([2, 10, 7, 4], false).check(NARROW_GRID);
}

/// More cubes than any device of WebGPU has along an axis, each with one path.
#[test]
fn more_cubes_than_an_axis_has() {
    let sizes = [65_536, 3, 2, 8];
    let inputs = Inputs::new(sizes, false);
    let call = inputs.call(UNCHANGED);
    assert!(Plan::forward(&call.problem, &call.limits).cubes > 65_535);
    inputs.check(UNCHANGED);
}

#[test]
fn launches_do_not_depend_on_the_length() {
    for (batch, length, change, expected) in [
        (2, 3, LARGE, [1, 2]),
        (2, 500, LARGE, [2, 4]),
        (2, 900, LARGE, [2, 4]),
        (200, 3, SMALL, [1, 2]),
        (200, 500, SMALL, [1, 2]),
    ] {
        let inputs = Inputs::new([batch, length, 2, 3], false);
        let (_, launches) = inputs.on_cube(change);
        assert_eq!(launches, expected, "batch {batch}, length {length}");
    }
}

#[test]
fn two_runs_give_the_same_bits() {
    for (sizes, change) in [([3, 400, 3, 4], UNCHANGED), ([64, 40, 5, 4], SMALL)] {
        let inputs = Inputs::new(sizes, false);
        let (first, second) = (inputs.on_cube(change), inputs.on_cube(change));
        assert!(first == second, "{sizes:?}");
    }
}

/// Devices that leave their loops get short segments.
#[test]
fn deep_and_long() {
    for sizes in [
        [2, 57, 2, 9],
        [16, 64, 2, 10],
        [1, 1500, 2, 10],
        [1, 300, 3, 7],
    ] {
        Inputs::new(sizes, false).check(UNCHANGED);
    }
    Inputs::new([2, 900, 2, 10], false).check(SMALL);
}

/// The longest paths that are not cut for the sake of loops come out right, where a device leaves
/// them, and so do those a step longer.
#[test]
fn whole_up_to_the_last_loop() {
    for (sizes, pass) in [
        ([130, 0, 1, 2], Pass::Backward),
        ([2, 0, 3, 3], Pass::Backward),
        ([40, 0, 5, 3], Pass::Backward),
        ([2, 0, 2, 6], Pass::Backward),
        ([3, 0, 10, 3], Pass::Backward),
        ([2, 0, 3, 3], Pass::Forward),
    ] {
        let [batch, _, channels, depth] = sizes;
        let short = Inputs::new([batch, 2, channels, depth], false).call(SMALL);
        let Some(loops) = short.limits.loops else {
            return;
        };
        let long = Problem {
            steps: loops,
            ..short.problem
        };
        let plan = Plan::new(&long, &short.limits, pass);
        let most = loops / plan.loops_per_step(pass);
        for (length, segments) in [(most + 1, 1), (most + 2, 2)] {
            let inputs = Inputs::new([batch, length, channels, depth], false);
            let call = inputs.call(SMALL);
            let plan = Plan::new(&call.problem, &call.limits, pass);
            assert_eq!(
                plan.sizes.segments, segments,
                "{pass:?} of {:?}",
                inputs.sizes
            );
            inputs.check(SMALL);
        }
    }
}

/// CubeCL's CPU runtime has as many units in a cube as there are threads.
#[test]
fn few_units_in_a_cube() {
    for sizes in [[3, 9, 3, 4], [2, 70, 5, 3], [4, 6, 20, 2], [3, 9, 2, 1]] {
        Inputs::new(sizes, false).check(TWO_THREADS);
    }
    Inputs::new([2, 9, 3, 3], true).check(TWO_THREADS);
}
