//! The kernels on a device, in every way that a launch can be cut, against those of Flex in f64.

mod loops;
mod refused;

use burn::backend::{Backend, Flex, ops::FloatTensorOps, tensor::FloatTensor};
use burn::tensor::{DType, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::future::block_on;
use burn_cubecl::tensor::CubeTensor;

use super::call::Call;
use super::plan::Limits;
use crate::{SignatureMethod, SignatureOps, SignatureParams, SignatureSpec};

/// What a call gives: the signature, and the gradients of path and initial signature.
type Results = [Vec<f64>; 3];

/// A change of what the device allows, to get at another plan.
type Change = fn(&mut Limits);

/// Batch, length, channels and depth.
type Sizes = [usize; 4];

struct Inputs {
    sizes: Sizes,
    params: SignatureParams,
    path: TensorData,
    initial: TensorData,
    gradient: TensorData,
}

impl Inputs {
    fn new(sizes: Sizes, stream: bool, inverse: bool) -> Self {
        let [batch, length, channels, depth] = sizes;
        let terms = SignatureSpec::new(channels, depth).terms();
        let rows = if stream { length - 1 } else { 1 };
        let shape = match stream {
            false => vec![batch, terms],
            true => vec![batch, rows, terms],
        };
        Self {
            sizes,
            params: SignatureParams {
                depth,
                stream,
                inverse,
                method: SignatureMethod::Fused,
            },
            path: walk(batch, length, channels),
            initial: TensorData::new(numbers(batch * terms, 5), [batch, terms]),
            gradient: TensorData::new(numbers(batch * rows * terms, 9), shape),
        }
    }

    fn call(&self, continued: bool, change: Change) -> Call {
        let initial = continued.then(|| on_device(&self.initial));
        let mut call = Call::new(on_device(&self.path), initial, self.params);
        change(call.limits_mut());
        call
    }

    /// On the device, with the launches of the signature and of its gradient.
    fn on_cube(&self, continued: bool, change: Change) -> (Results, [usize; 2]) {
        let (forward, backward) = (self.call(continued, change), self.call(continued, change));
        let output = forward.signature();
        let (path, initial) = backward.gradient(on_device(&self.gradient));
        let results = [Some(output), Some(path), initial];
        (
            results.map(|tensor| tensor.map_or(Vec::new(), host::<CubeBackend>)),
            [forward.launches(), backward.launches()],
        )
    }

    fn on_flex(&self, continued: bool) -> Results {
        let device = Default::default();
        let tensor = |data: &TensorData| Flex::float_from_data(data.clone(), &device);
        let (path, gradient) = (tensor(&self.path), tensor(&self.gradient));
        let results = match continued {
            false => [
                Some(Flex::signature(path.clone(), self.params)),
                Some(Flex::signature_backward(path, gradient, self.params)),
                None,
            ],
            true => {
                let initial = tensor(&self.initial);
                let output = Flex::signature_from(path.clone(), initial.clone(), self.params);
                let (path, initial) =
                    Flex::signature_from_backward(path, initial, gradient, self.params);
                [Some(output), Some(path), Some(initial)]
            }
        };
        results.map(|tensor| tensor.map_or(Vec::new(), host::<Flex>))
    }

    fn check(&self, continued: bool, change: Change) {
        self.check_within(1e-5, continued, change);
    }

    fn check_within(&self, tolerance: f64, continued: bool, change: Change) {
        let (got, launches) = self.on_cube(continued, change);
        let want = self.on_flex(continued);
        let [_, _, channels, depth] = self.sizes;
        let spec = SignatureSpec::new(channels, depth);
        for (what, (got, want)) in ["signature", "path", "initial"]
            .iter()
            .zip(got.iter().zip(&want))
        {
            assert_eq!(got.len(), want.len(), "{what} of {:?}", self.sizes);
            for (row, (got, want)) in rows(what, got, &spec)
                .zip(rows(what, want, &spec))
                .enumerate()
            {
                for range in parts(what, want.len(), &spec) {
                    close(&got[range.clone()], &want[range], tolerance).unwrap_or_else(|problem| {
                        panic!("{what} of {:?}, row {row}: {problem}", self.sizes)
                    });
                }
            }
        }
        let [forward, backward] = launches;
        assert!(forward <= 2 && backward <= 4, "{launches:?} launches");
    }
}

fn on_device(data: &TensorData) -> CubeTensor {
    let data = data.clone().convert_dtype(DType::F32);
    CubeBackend::float_from_data(data, &Default::default())
}

fn host<B: Backend>(tensor: FloatTensor<B>) -> Vec<f64> {
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
fn close(got: &[f64], want: &[f64], tolerance: f64) -> Result<(), String> {
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
fn walk(batch: usize, length: usize, channels: usize) -> TensorData {
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

const UNCHANGED: Change = |_| ();
/// A device that any batch keeps busy: many rows a unit, several paths a cube, no cut in time.
const SMALL: Change = |limits| limits.processors = Some(1);
const LARGE: Change = |limits| limits.processors = Some(512);
const LITTLE_SHARED: Change = |limits| limits.shared_bytes = 4096;
const NARROW_GRID: Change = |limits| limits.cubes = [3, 65_535];

/// Every option, in each cut.
#[test]
fn options() {
    for (sizes, change) in [
        ([3, 9, 3, 4], UNCHANGED),
        ([40, 9, 4, 3], SMALL),
        ([2, 150, 2, 3], LARGE),
    ] {
        for (stream, inverse) in [(false, false), (false, true), (true, true)] {
            for continued in [false, true] {
                Inputs::new(sizes, stream, inverse).check(continued, change);
            }
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
        Inputs::new(sizes, false, false).check(false, UNCHANGED);
    }
}

/// Batches that keep a device busy, so that a unit has many rows; and units of a path in several
/// cubes.
#[test]
fn many_rows_a_unit() {
    for sizes in [[20, 12, 5, 4], [5, 7, 10, 4], [3, 8, 12, 3], [2, 9, 2, 10]] {
        Inputs::new(sizes, false, false).check(true, SMALL);
    }
}

/// What does not fit into shared memory is read from the path.
#[test]
fn more_than_shared_memory_holds() {
    Inputs::new([1, 3, 1100, 2], false, false).check(false, UNCHANGED);
    Inputs::new([2, 5, 70, 2], true, false).check(true, UNCHANGED);
    Inputs::new([3, 20, 40, 2], false, true).check(true, LITTLE_SHARED);
}

/// Cubes beyond the first axis of a grid go along the second, and the last ones have nothing to do.
#[test]
fn grids_beyond_one_axis() {
    Inputs::new([11, 10, 3, 4], false, false).check(true, NARROW_GRID);
    Inputs::new([2, 10, 7, 4], false, false).check(false, NARROW_GRID);
}

/// More cubes than any device of WebGPU has along an axis, each with one path.
#[test]
fn more_cubes_than_an_axis_has() {
    let sizes = [65_536, 3, 2, 8];
    let inputs = Inputs::new(sizes, false, false);
    assert!(inputs.call(false, UNCHANGED).cubes() > 65_535);
    inputs.check(false, UNCHANGED);
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
        for continued in [false, true] {
            let inputs = Inputs::new([batch, length, 2, 3], false, false);
            let (_, launches) = inputs.on_cube(continued, change);
            assert_eq!(launches, expected, "batch {batch}, length {length}");
        }
    }
}

#[test]
fn two_runs_give_the_same_bits() {
    for (sizes, change) in [([3, 400, 3, 4], UNCHANGED), ([64, 40, 5, 4], SMALL)] {
        let inputs = Inputs::new(sizes, false, false);
        let (first, second) = (inputs.on_cube(true, change), inputs.on_cube(true, change));
        assert!(first == second, "{sizes:?}");
    }
}
