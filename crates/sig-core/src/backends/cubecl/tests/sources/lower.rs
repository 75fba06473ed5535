//! From a plan to the PTX of its launches.

use std::sync::Arc;

use burn_cubecl::cubecl;
use cubecl::ir::{FloatKind, features::TypeUsage, nvidia::SmArch};
use cubecl::prelude::*;
use cubecl::{Compiler, CubeKernel};
use cubecl_llvm::nvptx::ptx_version::PtxVersion;
use cubecl_llvm::{LlvmTarget, PlironArtifact, PlironCompiler, PlironOptions};

use super::paper;
use crate::backends::cubecl::kernels::{
    backward_kernel, finish_kernel, forward_kernel, products_kernel,
};
use crate::backends::cubecl::plan::{Limits, Memory, Plan, Problem, Sizes};

/// A launch, to be compiled.
pub(super) struct Launch {
    pub(super) kernel: &'static str,
    code: Box<dyn CubeKernel>,
    units: usize,
    expected: Expected,
}

/// The PTX of a launch, and what it has to be like.
pub(super) struct Source {
    pub(super) code: String,
    shared_bytes: usize,
    units: usize,
    expected: Expected,
}

/// What a launch adds to the PTX stands above it.
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

/// The CUDA version of the driver, 12.8: the first that knows all the GPUs that are compiled for.
const DRIVER: i32 = 12_080;

#[derive(Clone, Copy, Default)]
pub(super) struct Expected {
    /// Where a kernel has two arrays, one of nothing takes the room of a number.
    pub(super) shared_bytes: usize,
    pub(super) barriers: usize,
}

impl Source {
    /// Whether shared memory is what the plan says, and no unit waits but where a chunk of steps
    /// starts or ends. What is in registers, only the assembler can tell.
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
        equal("barriers", self.count("bar.sync"), want.barriers)
    }

    fn count(&self, what: &str) -> usize {
        self.code.matches(what).count()
    }
}

impl Launch {
    pub(super) fn new(
        kernel: &'static str,
        code: impl CubeKernel + 'static,
        units: usize,
        expected: Expected,
    ) -> Self {
        Self {
            kernel,
            code: Box::new(code),
            units,
            expected,
        }
    }

    /// As CubeCL's CUDA runtime compiles it for a compute capability, such as 90.
    pub(super) fn ptx(&self, capability: u32) -> Source {
        let options = PlironOptions {
            sm_arch: Some(SmArch::new(capability, true)),
            ptx_version: PtxVersion::for_driver(DRIVER),
            grid_constants: true,
            ..Default::default()
        };
        let target = LlvmTarget::Nvptx;
        let lowered = PlironCompiler { target }.compile(self.code.define(), &options);
        let PlironArtifact::NvptxCode(module) = lowered.expect("CubeCL lowers it") else {
            unreachable!("the target is NVPTX")
        };
        let bytes = module.ptx.iter().map(|&byte| byte as u8);
        let text = bytes.take_while(|&byte| byte != 0).collect();
        Source {
            code: String::from_utf8(text).expect("PTX is text"),
            shared_bytes: module.shared_memory_size,
            units: self.units,
            expected: self.expected,
        }
    }
}

/// The launches of a signature and of its gradient, and what their numbers are read and written as,
/// and computed in.
pub(super) fn launches(
    problem: &Problem,
    limits: &Limits,
    [dtype, wide]: [ElemType; 2],
) -> Vec<Launch> {
    let forward = Plan::forward(problem, limits);
    let backward = Plan::backward(problem, limits);
    let split = forward.sizes.segments > 1;
    let mut launches = vec![
        self::forward(
            problem,
            &forward,
            [dtype, if split { wide } else { dtype }, wide],
        ),
        self::backward(problem, &backward, [dtype, wide]),
        finish(limits, &backward, [dtype, wide]),
    ];
    if split {
        launches.push(products(
            limits,
            &forward,
            problem.depth,
            false,
            [dtype, wide],
        ));
    }
    if backward.sizes.segments > 1 {
        launches.push(products(
            limits,
            &backward,
            problem.depth - 1,
            true,
            [wide, wide],
        ));
    }
    launches
}

fn forward(problem: &Problem, plan: &Plan, dtypes: [ElemType; 3]) -> Launch {
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
    Launch::new("forward", kernel, plan.cube, expected)
}

fn backward(problem: &Problem, plan: &Plan, dtypes: [ElemType; 2]) -> Launch {
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
    Launch::new("backward", kernel, plan.cube, expected)
}

fn finish(limits: &Limits, plan: &Plan, dtypes: [ElemType; 2]) -> Launch {
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
    Launch::new("finish", kernel, cube, Expected::default())
}

fn products(
    limits: &Limits,
    plan: &Plan,
    letters: usize,
    every: bool,
    dtypes: [ElemType; 2],
) -> Launch {
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
    Launch::new(what, kernel, cube, Expected::default())
}

pub(super) fn device() -> Arc<DeviceProperties> {
    let mut properties = paper::properties();
    for dtype in [
        FloatKind::F64,
        FloatKind::F32,
        FloatKind::F16,
        FloatKind::BF16,
    ] {
        properties.register_type_usage(ElemType::Float(dtype), TypeUsage::all());
    }
    Arc::new(properties)
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
