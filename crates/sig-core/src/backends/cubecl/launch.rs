//! The launches of a call.

use burn::backend::cubecl::dtype_to_storage_type;
use burn::tensor::DType;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::untile;
use burn_cubecl::tensor::CubeTensor;

use super::call::{Call, Gradients};
use super::kernels::{self, SizesLaunch};
use super::plan::{Pass, Plan};

impl Call {
    /// With several segments the signature of each, from nothing.
    pub(super) fn forward(&self, plan: &Plan, output: CubeTensor) {
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

    pub(super) fn products(
        &self,
        plan: &Plan,
        segments: CubeTensor,
        output: CubeTensor,
        letters: usize,
        every: bool,
    ) {
        let words = self.spec.level_terms(letters);
        let dtypes = [self.path.dtype, output.dtype, self.wide];
        kernels::products_kernel::launch(
            &self.path.client,
            self.grid(self.cubes_of_products(letters, every)),
            CubeDim::new_1d(self.units_of_products() as u32),
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

    pub(super) fn backward(
        &self,
        plan: &Plan,
        output: CubeTensor,
        around: CubeTensor,
        checkpoints: CubeTensor,
        to: &Gradients,
    ) {
        let output = untile(output);
        kernels::backward_kernel::launch(
            &self.path.client,
            self.grid(plan.cubes),
            CubeDim::new_1d(plan.cube as u32),
            widest(&[&self.path, &output, &checkpoints, &to.increments, &around]),
            self.path.clone().into_tensor_arg(),
            self.initial_or_path(),
            output.into_tensor_arg(),
            around.into_buffer_arg(),
            checkpoints.into_buffer_arg(),
            to.increments.clone().into_buffer_arg(),
            to.starts.clone().into_buffer_arg(),
            to.initial.clone().into_buffer_arg(),
            self.sizes(plan, self.params.inverse),
            plan.block,
            plan.memory,
            self.params.stream,
            [self.storage(self.path.dtype), self.storage(self.wide)],
        );
        self.count();
    }

    pub(super) fn finish(&self, plan: &Plan, from: &Gradients, path: CubeTensor) {
        kernels::finish_kernel::launch(
            &self.path.client,
            self.grid(self.cubes_of_finish()),
            CubeDim::new_1d(self.units_of_finish() as u32),
            widest(&[&from.increments, &from.starts, &path]),
            from.increments.clone().into_buffer_arg(),
            from.starts.clone().into_buffer_arg(),
            path.into_buffer_arg(),
            from.initial.clone().into_buffer_arg(),
            self.sizes(plan, self.params.inverse),
            plan.block.rows,
            plan.block.state(),
            self.below_top(),
            [self.storage(self.path.dtype), self.storage(self.wide)],
        );
        self.count();
    }

    /// Cubes of each launch of a plan.
    pub(super) fn all_cubes(&self, plan: &Plan, pass: Pass) -> Vec<usize> {
        let depth = self.params.depth;
        let mut cubes = vec![plan.cubes];
        if pass == Pass::Backward {
            cubes.push(self.cubes_of_finish());
        }
        if plan.segments > 1 {
            cubes.push(match pass {
                Pass::Forward => self.cubes_of_products(depth, false),
                Pass::Backward => self.cubes_of_products(depth - 1, true),
            });
        }
        cubes
    }

    fn units_of_products(&self) -> usize {
        self.limits.units.min(64)
    }

    /// A unit has a word of each path, twice if `every` product of segments is asked for.
    fn cubes_of_products(&self, letters: usize, every: bool) -> usize {
        let words = self.problem.paths * self.spec.level_terms(letters);
        let units = if every { 2 * words } else { words };
        units.div_ceil(self.units_of_products())
    }

    fn units_of_finish(&self) -> usize {
        self.limits.units.min(256)
    }

    /// A unit has a number of the gradients.
    fn cubes_of_finish(&self) -> usize {
        let initial = self.initial.as_ref().map_or(0, |_| self.below_top());
        let points = (self.problem.steps + 1) * self.problem.channels;
        let units = self.problem.paths * (points + initial);
        units.div_ceil(self.units_of_finish())
    }

    /// Terms of the levels below the top.
    fn below_top(&self) -> usize {
        self.spec.terms() - self.spec.level_terms(self.params.depth)
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
            plan.shares,
            inverse,
            usize::from(self.initial.is_some()),
            inverse,
            usize::from(output_reversed),
        )
    }

    fn grid(&self, cubes: usize) -> CubeCount {
        let [x, y] = self.accepted(self.limits.grid(cubes));
        CubeCount::Static(x, y, 1)
    }

    fn initial_or_path(&self) -> TensorArg {
        let tensor = self.initial.as_ref().unwrap_or(&self.path);
        tensor.clone().into_tensor_arg()
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
