//! Buffers and launches.

use std::cell::Cell;

use burn::backend::TensorMetadata;
use burn::backend::cubecl::dtype_to_storage_type;
use burn::tensor::{DType, Shape};
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::untile;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::device::{assert_supported, limits};
use super::kernels::{self, SizesLaunch};
use super::plan::{Limits, Plan, Problem, grid};
use crate::{SignatureParams, SignatureSpec};

/// A call on a device.
pub(super) struct Call {
    path: CubeTensor,
    initial: Option<CubeTensor>,
    params: SignatureParams,
    problem: Problem,
    limits: Limits,
    spec: SignatureSpec,
    /// What is computed in: f32 for halves.
    wide: DType,
    launches: Cell<usize>,
}

impl Call {
    pub(super) fn new(
        path: CubeTensor,
        initial: Option<CubeTensor>,
        params: SignatureParams,
    ) -> Self {
        let [paths, length, channels] = path.shape().dims();
        let wide = match path.dtype {
            DType::F64 => DType::F64,
            _ => DType::F32,
        };
        let properties = path.client.properties();
        assert_supported(properties, path.dtype);
        Self {
            problem: Problem {
                paths,
                steps: length - 1,
                channels,
                depth: params.depth,
                stream: params.stream,
                bytes: wide.size(),
            },
            limits: limits(properties),
            spec: SignatureSpec::new(channels, params.depth),
            path: untile(path),
            initial: initial.map(untile),
            params,
            wide,
            launches: Cell::new(0),
        }
    }

    /// Kernels launched so far.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn launches(&self) -> usize {
        self.launches.get()
    }

    /// Cubes of the forward pass.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn cubes(&self) -> usize {
        Plan::forward(&self.problem, &self.limits).cubes
    }

    /// What the device is taken to allow.
    #[cfg(all(test, feature = "wgpu", feature = "flex"))]
    pub(super) fn limits_mut(&mut self) -> &mut Limits {
        &mut self.limits
    }

    /// The signature, `[paths, terms]` or `[paths, steps, terms]`.
    pub(super) fn signature(&self) -> CubeTensor {
        let plan = Plan::forward(&self.problem, &self.limits);
        let Problem { paths, steps, .. } = self.problem;
        let terms = self.spec.terms();
        let shape = match self.params.stream {
            false => Shape::from([paths, terms]),
            true => Shape::from([paths, steps, terms]),
        };
        let output = self.empty(shape, self.path.dtype);
        if plan.segments == 1 {
            self.forward(&plan, output.clone());
            return output;
        }
        let segments = self.empty(Shape::from([paths, plan.segments, terms]), self.wide);
        self.forward(&plan, segments.clone());
        self.products(&plan, segments, output.clone(), self.params.depth, false);
        output
    }

    /// The gradients of the path and of the initial signature.
    pub(super) fn gradient(&self, output: CubeTensor) -> (CubeTensor, Option<CubeTensor>) {
        let plan = Plan::backward(&self.problem, &self.limits);
        let Problem {
            paths,
            steps,
            channels,
            depth,
            ..
        } = self.problem;
        let terms = self.spec.terms();
        let around = match plan.segments {
            1 => self.nothing(),
            count => {
                let segments = self.empty(Shape::from([paths, count, terms]), self.wide);
                let around = self.empty(Shape::from([2, paths, count, terms]), self.wide);
                self.forward(&self.same_cut(&plan), segments.clone());
                self.products(&plan, segments, around.clone(), depth - 1, true);
                around
            }
        };
        let state = plan.block.state();
        let checkpoints = plan.segment_steps.div_ceil(plan.block.checkpoint());
        let scratch = match state {
            0 => self.nothing(),
            _ => {
                let shape = [paths, plan.segments, checkpoints, state, plan.units];
                self.empty(Shape::from(shape), self.wide)
            }
        };
        let shape = Shape::from([plan.tiles, paths, steps, channels]);
        let increments = self.empty(shape, self.wide);
        let (starts, initial) = match &self.initial {
            None => (self.nothing(), self.nothing_of(self.path.dtype)),
            Some(initial) => {
                let starts = Shape::from([paths, state.max(1), plan.units]);
                let initial = self.empty(initial.shape(), self.path.dtype);
                (self.empty(starts, self.wide), initial)
            }
        };
        let output = untile(output);
        kernels::backward_kernel::launch(
            &self.path.client,
            self.grid(plan.cubes),
            CubeDim::new_1d(plan.cube as u32),
            widest(&[&self.path, &output, &scratch, &increments, &around]),
            self.path.clone().into_tensor_arg(),
            self.initial_or_path(),
            output.into_tensor_arg(),
            around.into_buffer_arg(),
            scratch.into_buffer_arg(),
            increments.clone().into_buffer_arg(),
            starts.clone().into_buffer_arg(),
            initial.clone().into_buffer_arg(),
            self.sizes(&plan, self.params.inverse),
            plan.block,
            plan.memory,
            self.params.stream,
            [self.storage(self.path.dtype), self.storage(self.wide)],
        );
        self.count();

        let path = self.empty(self.path.shape(), self.path.dtype);
        let below_top = terms - self.spec.level_terms(depth);
        let numbers =
            paths * (steps + 1) * channels + self.initial.as_ref().map_or(0, |_| paths * below_top);
        let cube = self.limits.units.min(256);
        kernels::finish_kernel::launch(
            &self.path.client,
            self.grid(numbers.div_ceil(cube)),
            CubeDim::new_1d(cube as u32),
            widest(&[&increments, &starts, &path]),
            increments.into_buffer_arg(),
            starts.into_buffer_arg(),
            path.clone().into_buffer_arg(),
            initial.clone().into_buffer_arg(),
            self.sizes(&plan, self.params.inverse),
            plan.block.rows,
            state,
            below_top,
            [self.storage(self.path.dtype), self.storage(self.wide)],
        );
        self.count();
        (path, self.initial.as_ref().map(|_| initial))
    }

    /// The plan of the forward pass with the segments of a plan of the backward pass.
    fn same_cut(&self, backward: &Plan) -> Plan {
        let plan = Plan::forward(&self.problem, &self.limits);
        plan.with_segments(backward.segments, backward.segment_steps, &self.problem)
    }

    /// With several segments the signature of each, from nothing.
    fn forward(&self, plan: &Plan, output: CubeTensor) {
        let dtypes = [self.path.dtype, output.dtype, self.wide];
        kernels::forward_kernel::launch(
            &self.path.client,
            self.grid(plan.cubes),
            CubeDim::new_1d(plan.cube as u32),
            widest(&[&self.path, &output]),
            self.path.clone().into_tensor_arg(),
            self.initial_or_path(),
            output.into_buffer_arg(),
            self.sizes(plan, self.params.inverse && plan.segments == 1),
            plan.block,
            plan.memory,
            self.params.stream,
            dtypes.map(|dtype| self.storage(dtype)),
        );
        self.count();
    }

    fn products(
        &self,
        plan: &Plan,
        segments: CubeTensor,
        output: CubeTensor,
        letters: usize,
        every: bool,
    ) {
        let words = self.spec.level_terms(letters);
        let units = words * self.problem.paths * if every { 2 } else { 1 };
        let cube = self.limits.units.min(64);
        let dtypes = [self.path.dtype, output.dtype, self.wide];
        kernels::products_kernel::launch(
            &self.path.client,
            self.grid(units.div_ceil(cube)),
            CubeDim::new_1d(cube as u32),
            widest(&[&segments, &output]),
            segments.into_buffer_arg(),
            self.initial_or_path(),
            output.into_buffer_arg(),
            self.sizes(plan, self.params.inverse),
            words,
            letters,
            every,
            dtypes.map(|dtype| self.storage(dtype)),
        );
        self.count();
    }

    fn sizes(&self, plan: &Plan, output_reversed: bool) -> SizesLaunch {
        let inverse = usize::from(self.params.inverse);
        SizesLaunch::new(
            self.problem.paths,
            self.problem.steps,
            self.problem.channels,
            self.spec.terms(),
            plan.units,
            plan.row_tiles,
            plan.col_tiles,
            plan.cube_paths,
            plan.tiles,
            plan.span,
            plan.segments,
            plan.segment_steps,
            plan.chunk,
            inverse,
            usize::from(self.initial.is_some()),
            inverse,
            usize::from(output_reversed),
        )
    }

    fn grid(&self, cubes: usize) -> CubeCount {
        let [x, y] = grid(cubes, &self.limits).unwrap_or_else(|| {
            panic!(
                "signature: {cubes} cubes of a kernel ({:?}) are more than the grid of {:?} x {:?} \
                 that the device has; lower the depth, the number of channels or the batch",
                self.problem, self.limits.cubes[0], self.limits.cubes[1]
            )
        });
        CubeCount::Static(x, y, 1)
    }

    fn initial_or_path(&self) -> TensorArg {
        let tensor = self.initial.as_ref().unwrap_or(&self.path);
        tensor.clone().into_tensor_arg()
    }

    fn empty(&self, shape: Shape, dtype: DType) -> CubeTensor {
        let (client, device) = (self.path.client.clone(), self.path.device.clone());
        empty_device_contiguous_dtype(client, device, shape, dtype)
    }

    /// An argument that is not used.
    fn nothing(&self) -> CubeTensor {
        self.nothing_of(self.wide)
    }

    fn nothing_of(&self, dtype: DType) -> CubeTensor {
        self.empty(Shape::from([1]), dtype)
    }

    fn storage(&self, dtype: DType) -> ElemType {
        dtype_to_storage_type(dtype)
    }

    fn count(&self) {
        self.launches.set(self.launches.get() + 1);
    }
}

/// The address type that reaches the end of each tensor.
fn widest(tensors: &[&CubeTensor]) -> AddressType {
    let types = tensors.iter().map(|tensor| tensor.required_address_type());
    types.max().unwrap_or_default()
}
