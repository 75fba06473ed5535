//! The launches of a call.

use burn::backend::cubecl::dtype_to_storage_type;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::untile;
use burn_cubecl::tensor::CubeTensor;

use super::call::Call;
use super::kernels;
use super::plan::{Pass, Plan};

impl Call {
    /// The signatures of paths; with several segments, of each segment.
    pub(super) fn forward(&self, plan: &Plan, output: CubeTensor) {
        kernels::forward_kernel::launch(
            &self.path.client,
            self.grid(plan.cubes),
            CubeDim::new_1d(plan.cube as u32),
            widest(&[&self.path, &output]),
            self.path.clone().into_tensor_arg(),
            output.clone().into_buffer_arg(),
            plan.sizes.launch(),
            plan.block,
            plan.memory,
            self.problem.stream,
            [self.path.dtype, output.dtype, self.wide].map(dtype_to_storage_type),
        );
    }

    /// The product of all segments; with `every` those before and after each, below the last level.
    pub(super) fn products(
        &self,
        plan: &Plan,
        segments: CubeTensor,
        output: CubeTensor,
        every: bool,
    ) {
        kernels::products_kernel::launch(
            &self.path.client,
            self.grid(self.cubes_of_products(every)),
            CubeDim::new_1d(self.units_of_products() as u32),
            widest(&[&segments, &output]),
            segments.into_buffer_arg(),
            output.clone().into_buffer_arg(),
            plan.sizes.launch(),
            self.words(every),
            self.letters(every),
            every,
            [output.dtype, self.wide].map(dtype_to_storage_type),
        );
    }

    /// The gradients of increments.
    pub(super) fn backward(
        &self,
        plan: &Plan,
        output: CubeTensor,
        around: CubeTensor,
        checkpoints: CubeTensor,
        increments: CubeTensor,
    ) {
        let output = untile(output);
        kernels::backward_kernel::launch(
            &self.path.client,
            self.grid(plan.cubes),
            CubeDim::new_1d(plan.cube as u32),
            widest(&[&self.path, &output, &checkpoints, &increments, &around]),
            self.path.clone().into_tensor_arg(),
            output.into_tensor_arg(),
            around.into_buffer_arg(),
            checkpoints.into_buffer_arg(),
            increments.into_buffer_arg(),
            plan.sizes.launch(),
            plan.block,
            plan.memory,
            self.problem.stream,
            [self.path.dtype, self.wide].map(dtype_to_storage_type),
        );
    }

    /// The gradients of points.
    pub(super) fn finish(&self, plan: &Plan, increments: CubeTensor, path: CubeTensor) {
        kernels::finish_kernel::launch(
            &self.path.client,
            self.grid(self.cubes_of_finish()),
            CubeDim::new_1d(self.units_of_finish() as u32),
            widest(&[&increments, &path]),
            increments.into_buffer_arg(),
            path.into_buffer_arg(),
            plan.sizes.launch(),
            [self.path.dtype, self.wide].map(dtype_to_storage_type),
        );
    }

    /// Cubes of each launch of a plan.
    pub(super) fn all_cubes(&self, plan: &Plan, pass: Pass) -> Vec<usize> {
        let mut cubes = vec![plan.cubes];
        if pass == Pass::Backward {
            cubes.push(self.cubes_of_finish());
        }
        if plan.sizes.segments > 1 {
            cubes.push(self.cubes_of_products(pass == Pass::Backward));
        }
        cubes
    }

    /// Letters of the words that are multiplied.
    fn letters(&self, every: bool) -> usize {
        self.problem.depth - usize::from(every)
    }

    fn words(&self, every: bool) -> usize {
        self.problem.channels.pow(self.letters(every) as u32)
    }

    fn units_of_products(&self) -> usize {
        self.limits.units.min(64)
    }

    /// A unit has a word of each path, twice if `every` product of segments is asked for.
    fn cubes_of_products(&self, every: bool) -> usize {
        let roles = if every { 2 } else { 1 };
        let units = roles * self.problem.paths * self.words(every);
        units.div_ceil(self.units_of_products())
    }

    fn units_of_finish(&self) -> usize {
        self.limits.units.min(256)
    }

    /// A unit has a number of the gradient.
    fn cubes_of_finish(&self) -> usize {
        let numbers = self.problem.paths * (self.problem.steps + 1) * self.problem.channels;
        numbers.div_ceil(self.units_of_finish())
    }

    /// The grid of a launch, which is counted.
    fn grid(&self, cubes: usize) -> CubeCount {
        self.launches.set(self.launches.get() + 1);
        let [x, y] = self.accepted(self.limits.grid(cubes));
        CubeCount::Static(x, y, 1)
    }
}

/// The address type that reaches the end of each tensor.
pub(super) fn widest(tensors: &[&CubeTensor]) -> AddressType {
    let types = tensors.iter().map(|tensor| tensor.required_address_type());
    types.max().unwrap_or_default()
}
