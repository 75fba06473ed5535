//! From a plan to the sources of its launches.

use std::sync::Arc;

use burn_cubecl::cubecl;
use cubecl::prelude::*;
use cubecl::{Compiler, CubeKernel};
use cubecl_cpp::register_supported_types;
use cubecl_cpp::shared::{CompilationOptions, CppCompiler, CppSupportedFeatures};
use cubecl_cpp::target::Cuda;

use super::paper;
use crate::backends::cubecl::kernels::{
    backward_kernel, finish_kernel, forward_kernel, products_kernel,
};
use crate::backends::cubecl::plan::{Limits, Memory, Plan, Problem, Sizes};

/// What numbers are read and written as, and computed in.
#[derive(Clone, Copy)]
pub(super) struct Dtypes {
    pub(super) dtype: ElemType,
    pub(super) wide: ElemType,
}

/// A kernel, and what its source has to be like.
pub(super) struct Source {
    pub(super) code: String,
    shared_bytes: usize,
    units: usize,
    expected: Expected,
}

/// What a launch adds to the source stands above it.
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (bytes, units) = (self.shared_bytes, self.units);
        write!(
            f,
            "// shared bytes: {bytes}\n// units: {units}\n{}",
            self.code
        )
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct Expected {
    /// Where a kernel has two arrays, one of nothing takes the room of a number.
    pub(super) shared_bytes: usize,
    pub(super) barriers: usize,
}

impl Source {
    /// Whether shared memory is what the plan says, and no unit waits but where a chunk of steps
    /// starts or ends. What is in registers, only the compiler of the sources can tell.
    pub(super) fn check(&self) -> Result<(), String> {
        let equal = |what: &str, got: usize, want: usize| {
            (got == want)
                .then_some(())
                .ok_or(format!("{what}: {got}, not {want}"))
        };
        let want = self.expected;
        equal(
            "bytes of shared memory",
            self.shared_bytes,
            want.shared_bytes,
        )?;
        equal("barriers", self.count("__syncthreads()"), want.barriers)
    }

    fn count(&self, what: &str) -> usize {
        self.code.matches(what).count()
    }
}

/// The launches of a signature and of its gradient.
pub(super) fn lower(
    problem: &Problem,
    limits: &Limits,
    dtypes: Dtypes,
) -> Vec<(&'static str, Source)> {
    let Dtypes { dtype, wide } = dtypes;
    let forward = Plan::forward(problem, limits);
    let backward = Plan::backward(problem, limits);
    let split = forward.sizes.segments > 1;
    let mut sources = vec![
        self::forward(
            problem,
            &forward,
            [dtype, if split { wide } else { dtype }, wide],
        ),
        self::backward(problem, &backward, [dtype, wide]),
        finish(limits, &backward, [dtype, wide]),
    ];
    if split {
        sources.push(products(
            limits,
            &forward,
            problem.depth,
            false,
            [dtype, wide],
        ));
    }
    if backward.sizes.segments > 1 {
        sources.push(products(
            limits,
            &backward,
            problem.depth - 1,
            true,
            [wide, wide],
        ));
    }
    sources
}

fn forward(problem: &Problem, plan: &Plan, dtypes: [ElemType; 3]) -> (&'static str, Source) {
    let kernel = forward_kernel::ForwardKernel::new(
        settings(plan.cube),
        device(),
        Arc::default(),
        tensor(),
        buffer(),
        sizes(plan, plan.cube),
        plan.block,
        plan.memory,
        problem.stream,
        dtypes,
    );
    let staged = plan.memory.increments > 0;
    let expected = Expected {
        shared_bytes: plan.memory.increments * problem.bytes,
        barriers: usize::from(staged),
    };
    ("forward", source(kernel, plan.cube, expected))
}

fn backward(problem: &Problem, plan: &Plan, dtypes: [ElemType; 2]) -> (&'static str, Source) {
    let kernel = backward_kernel::BackwardKernel::new(
        settings(plan.cube),
        device(),
        Arc::default(),
        tensor(),
        tensor(),
        buffer(),
        buffer(),
        buffer(),
        sizes(plan, plan.cube),
        plan.block,
        plan.memory,
        problem.stream,
        dtypes,
    );
    let Memory {
        increments,
        parts,
        sums,
    } = plan.memory;
    let staged = increments > 0;
    let expected = Expected {
        shared_bytes: (increments.max(1) + parts + sums.max(1)) * problem.bytes,
        barriers: 2 + if staged { 4 } else { 0 },
    };
    ("backward", source(kernel, plan.cube, expected))
}

fn finish(limits: &Limits, plan: &Plan, dtypes: [ElemType; 2]) -> (&'static str, Source) {
    let cube = limits.units.min(256);
    let kernel = finish_kernel::FinishKernel::new(
        settings(cube),
        device(),
        Arc::default(),
        buffer(),
        buffer(),
        sizes(plan, cube),
        dtypes,
    );
    ("finish", source(kernel, cube, Expected::default()))
}

fn products(
    limits: &Limits,
    plan: &Plan,
    letters: usize,
    every: bool,
    dtypes: [ElemType; 2],
) -> (&'static str, Source) {
    let cube = limits.units.min(64);
    let kernel = products_kernel::ProductsKernel::new(
        settings(cube),
        device(),
        Arc::default(),
        buffer(),
        buffer(),
        sizes(plan, cube),
        (),
        letters,
        every,
        dtypes,
    );
    let what = if every { "products" } else { "product" };
    (what, source(kernel, cube, Expected::default()))
}

pub(super) fn source(kernel: impl CubeKernel, units: usize, expected: Expected) -> Source {
    let lowered = CppCompiler::<Cuda>::default()
        .compile(kernel.define(), &options())
        .expect("CubeCL lowers it");
    Source {
        code: lowered.source,
        shared_bytes: lowered.shared_memory_size,
        units,
        expected,
    }
}

pub(super) fn device() -> Arc<DeviceProperties> {
    let mut properties = paper::properties();
    register_supported_types(&mut properties);
    Arc::new(properties)
}

/// Those of CubeCL's CUDA runtime on a device of compute capability 8.0.
fn options() -> CompilationOptions {
    CompilationOptions {
        warp_size: 32,
        supports_features: CppSupportedFeatures {
            fast_math: true,
            fast_tanh: true,
            dp4a: true,
            grid_constants: true,
            ..Default::default()
        },
        amd_wmma: None,
    }
}

pub(super) fn settings(cube: usize) -> KernelSettings {
    KernelSettings::new(
        CubeDim::new_1d(cube as u32).into(),
        ExecutionMode::Checked,
        AddressType::U32,
    )
}

pub(super) fn buffer() -> BufferCompilationArg {
    BufferCompilationArg { inplace: None }
}

fn tensor() -> TensorCompilationArg {
    TensorCompilationArg {
        meta: TensorMetaCompilationArg { len: (), rank: () },
        buffer: buffer(),
    }
}

fn sizes(plan: &Plan, cube: usize) -> <Sizes as LaunchArg>::CompilationArg {
    let mut launcher = KernelLauncher::new(settings(cube));
    let sizes = Sizes::register(plan.sizes.launch(), &mut launcher);
    launcher.discard();
    sizes
}
