//! Signature kernels on a device: `δ` of the tiles by primitives, then a wave over the grid of each
//! pair.

use burn::backend::TensorMetadata;
use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::{DType, Shape};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::{empty_device_contiguous_dtype, zeros_client};
use burn_cubecl::tensor::CubeTensor;
use sig_kernels::{KernelSolver, Pairs};

use super::device::limits;
use super::kernels::{wave_adjoint_kernel, wave_kernel};
use super::launch::widest;
use super::plan::Limits;
use crate::SignatureMethod;
use crate::operation::SignatureKernel;
use crate::portable::{kernel_tiles, kernel_tiles_gradients};

/// The highest order of a series: a cell is unrolled, and grows with the square of the order.
const MOST_ORDER: usize = 10;

/// Bytes of scratch that a launch takes at most; the pairs of a call are launched one part after
/// another.
const SCRATCH: usize = 1 << 27;

/// Units of a cube where pairs alone keep a device busy, and where they are fewer than that.
const UNITS: usize = 64;
const MOST_UNITS: usize = 256;
const MANY_PAIRS: usize = 256;

/// The sizes of a launch, which a kernel reads when it runs.
#[derive(CubeLaunch, CubeType, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wave {
    /// The first pair of the launch, and how many it has.
    pub(super) first: usize,
    pub(super) pairs: usize,
    /// Paths of the second batch, and whether the matrix is symmetric, 1 or 0.
    pub(super) second: usize,
    pub(super) symmetric: usize,
    /// Cells.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Cells of a tile.
    pub(super) cells_down: usize,
    pub(super) cells_across: usize,
    /// Parts of as many rows as a cube has units, and those of which the edges below are kept.
    pub(super) strips: usize,
    pub(super) stored: usize,
}

impl Wave {
    pub(super) fn launch(self) -> WaveLaunch {
        WaveLaunch::new(
            self.first,
            self.pairs,
            self.second,
            self.symmetric,
            self.rows,
            self.columns,
            self.cells_down,
            self.cells_across,
            self.strips,
            self.stored,
        )
    }
}

/// A call on a device.
pub(crate) struct WaveCall {
    operation: SignatureKernel,
    paths: [CubeTensor; 2],
    wave: Wave,
    limits: Limits,
    /// 0 for finite differences.
    order: usize,
    units: usize,
    pairs: usize,
}

impl WaveCall {
    /// None where another method or a grid is asked for, the kernels do not go so far, or the device
    /// doesn't.
    pub(crate) fn new(operation: SignatureKernel, paths: [CubeTensor; 2]) -> Option<Self> {
        let limits = limits(paths[0].client.properties());
        Self::within(operation, paths, limits)
    }

    /// The same, on a device of such limits.
    pub(super) fn within(
        operation: SignatureKernel,
        paths: [CubeTensor; 2],
        limits: Limits,
    ) -> Option<Self> {
        let order = match operation.solver {
            KernelSolver::Series { order } => order,
            KernelSolver::FiniteDifference { .. } => 0,
        };
        let x = paths[0].shape();
        let [a, b] = operation.solver.dyadic();
        let (rows, columns) = ((x[1] - 1) << a, (operation.second[1] - 1) << b);
        let pairs = operation.count(x[0]);
        let most = if pairs < MANY_PAIRS {
            MOST_UNITS
        } else {
            UNITS
        };
        let mut units = rows.next_power_of_two().min(most).min(limits.units);
        let bytes = paths[0].dtype.size();
        while units > 1 && 2 * units * (order + 2) * bytes > limits.shared_bytes {
            units /= 2;
        }
        let strips = rows.div_ceil(units);
        let loops = 3 * strips * (columns + units + 1);
        let fits = operation.method == SignatureMethod::Fused
            && order <= MOST_ORDER
            && operation.pairs != Pairs::Grid
            && matches!(paths[0].dtype, DType::F32 | DType::F64)
            && limits.loops.is_none_or(|most| loops <= most);
        fits.then(|| Self {
            wave: Wave {
                first: 0,
                pairs,
                second: match operation.pairs {
                    Pairs::Gram | Pairs::Symmetric => operation.second[0],
                    _ => 1,
                },
                symmetric: usize::from(operation.pairs == Pairs::Symmetric),
                rows,
                columns,
                cells_down: 1 << a,
                cells_across: 1 << b,
                strips,
                stored: 1,
            },
            operation,
            paths,
            limits,
            order,
            units,
            pairs,
        })
    }

    /// The kernels.
    pub(crate) fn values(self) -> CubeTensor {
        let deltas = self.deltas();
        let output = self.empty(&self.operation.output_of(&self.paths[0].shape()));
        let edges = self.edges(1);
        for wave in self.launches(edges) {
            let cubes = wave.pairs;
            let edges = self.empty(&Shape::from([cubes * edges]));
            wave_kernel::launch(
                &deltas.client,
                self.grid(cubes),
                CubeDim::new_1d(self.units as u32),
                widest(&[&deltas, &edges, &output]),
                deltas.clone().into_buffer_arg(),
                edges.into_buffer_arg(),
                output.clone().into_buffer_arg(),
                wave.launch(),
                self.order,
                self.units,
                dtype_to_storage_type(deltas.dtype),
            );
        }
        output
    }

    /// The gradients of both batches of paths.
    pub(crate) fn gradients(mut self, output: CubeTensor) -> [CubeTensor; 2] {
        let (deltas, output) = (self.deltas(), into_contiguous(output));
        self.wave.stored = (self.wave.strips - 1).max(1);
        let Wave {
            rows,
            columns,
            cells_down,
            cells_across,
            stored,
            ..
        } = self.wave;
        let tiles = columns / cells_across;
        let shape = Shape::from([self.pairs, rows, tiles]);
        let of_deltas = match self.operation.pairs {
            Pairs::Symmetric => {
                let (client, device) = (deltas.client.clone(), deltas.device.clone());
                zeros_client(client, device, shape, deltas.dtype)
            }
            _ => self.empty(&shape),
        };
        let (edges, of_edges) = (self.edges(stored), self.edges(1));
        let derivatives = (2 * self.order).max(1);
        let slopes = (columns + self.units - 1) * derivatives * self.units;
        for wave in self.launches(edges + of_edges + slopes) {
            let cubes = wave.pairs;
            let [edges, of_edges, slopes] =
                [edges, of_edges, slopes].map(|size| self.empty(&Shape::from([cubes * size])));
            wave_adjoint_kernel::launch(
                &deltas.client,
                self.grid(cubes),
                CubeDim::new_1d(self.units as u32),
                widest(&[&deltas, &output, &edges, &of_edges, &slopes, &of_deltas]),
                deltas.clone().into_buffer_arg(),
                output.clone().into_buffer_arg(),
                edges.into_buffer_arg(),
                of_edges.into_buffer_arg(),
                slopes.into_buffer_arg(),
                of_deltas.clone().into_buffer_arg(),
                wave.launch(),
                self.order,
                self.units,
                dtype_to_storage_type(deltas.dtype),
            );
        }
        // Rows of cells to rows of tiles.
        let shape = [self.pairs, rows / cells_down, cells_down, tiles];
        let cells = CubeBackend::float_reshape(of_deltas, Shape::from(shape));
        let of_tiles = match cells_down {
            1 => cells,
            _ => CubeBackend::float_sum_dim(cells, 2),
        };
        let of_tiles = CubeBackend::float_reshape(
            of_tiles,
            Shape::from([self.pairs, rows / cells_down, tiles]),
        );
        kernel_tiles_gradients::<CubeBackend>(&self.operation, self.paths, of_tiles)
    }

    /// `δ` of the tiles, as their cells have it.
    fn deltas(&self) -> CubeTensor {
        let paths = self.paths.clone();
        into_contiguous(kernel_tiles::<CubeBackend>(&self.operation, paths))
    }

    /// Numbers of the edges of so many strips of a pair.
    fn edges(&self, strips: usize) -> usize {
        strips * self.wave.columns * (self.order + 2)
    }

    /// Parts of the pairs whose scratch, of so many numbers a pair, fits.
    fn launches(&self, scratch: usize) -> impl Iterator<Item = Wave> {
        let most = SCRATCH.min(self.limits.buffer_bytes);
        let bytes = scratch.saturating_mul(self.paths[0].dtype.size()).max(1);
        let (wave, total) = (self.wave, self.pairs);
        let part = (most / bytes).clamp(1, total.max(1));
        (0..total).step_by(part).map(move |first| Wave {
            first,
            pairs: part.min(total - first),
            ..wave
        })
    }

    fn grid(&self, cubes: usize) -> CubeCount {
        let [x, y] = self
            .limits
            .grid(cubes)
            .unwrap_or_else(|reason| panic!("signature_kernel: {reason}"));
        CubeCount::Static(x, y, 1)
    }

    fn empty(&self, shape: &Shape) -> CubeTensor {
        let path = &self.paths[0];
        let (client, device) = (path.client.clone(), path.device.clone());
        empty_device_contiguous_dtype(client, device, shape.clone(), path.dtype)
    }
}
