//! The kernels as PTX, as CubeCL's CUDA runtime compiles them, for GPUs that need not be there.
//!
//! What is checked here is the PTX; `benches/ptxas/registers.py` has it assembled.

mod lower;
mod wave;

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::ElemType;
use cubecl::ir::FloatKind;
use rayon::prelude::*;

use self::lower::{Launch, launches};
use super::paper;
use crate::backends::cubecl::device::limits;
use crate::backends::cubecl::plan::Problem;

/// As many processors as an H100 has, and so few that any batch keeps them busy: many rows a unit and
/// no cut in time.
const MANY: usize = 132;
const ONE: usize = 1;

/// Batch, length, channels and depth.
type Sizes = [usize; 4];

/// The standard workloads, and what has other plans: few and many channels, low and high depths,
/// more than shared memory holds.
const SHAPES: [(Sizes, usize); 14] = [
    ([128, 100, 5, 4], MANY),
    ([8192, 100, 5, 4], MANY),
    ([1, 1000, 3, 5], MANY),
    ([32, 500, 7, 3], MANY),
    ([16, 64, 2, 10], MANY),
    ([256, 256, 4, 4], MANY),
    ([1, 10_000, 4, 4], MANY),
    ([64, 128, 10, 3], ONE),
    ([128, 100, 10, 4], ONE),
    ([128, 100, 3, 1], MANY),
    ([128, 100, 16, 2], ONE),
    ([8, 9, 24, 3], ONE),
    ([8, 9, 1, 8], MANY),
    ([4, 9, 1100, 2], MANY),
];

const F64: ElemType = ElemType::Float(FloatKind::F64);
const F32: ElemType = ElemType::Float(FloatKind::F32);
const F16: ElemType = ElemType::Float(FloatKind::F16);
const BF16: ElemType = ElemType::Float(FloatKind::BF16);

/// The compute capabilities of an A100, an H100 and a B200.
const CAPABILITIES: [u32; 3] = [80, 90, 100];
/// Signature kernels: the order of the series, 0 for finite differences, and the units of a cube.
const WAVES: [(usize, usize, ElemType); 5] = [
    (0, 64, F32),
    (0, 256, F64),
    (6, 64, F32),
    (8, 256, F64),
    (10, 256, F32),
];

/// All of them, by name.
fn all() -> BTreeMap<String, Launch> {
    let mut all = BTreeMap::new();
    for (at, (shape, processors)) in SHAPES.into_iter().enumerate() {
        let mut limits = limits(&paper::properties());
        limits.processors = Some(processors);
        // Other dtypes than f32 change no more than types, and streams than loads and stores.
        let dtypes = match at {
            0 => vec![F32, F64, F16, BF16],
            _ => vec![F32],
        };
        for dtype in dtypes {
            let wide = if dtype == F64 { F64 } else { F32 };
            for stream in [false, true].into_iter().take(if at < 2 { 2 } else { 1 }) {
                let problem = problem(shape, stream, wide);
                for launch in launches(&problem, &limits, [dtype, wide]) {
                    let ([batch, length, channels, depth], kernel) = (shape, launch.kernel);
                    let stream = if stream { "-stream" } else { "" };
                    let name =
                        format!("{kernel}{stream}-{batch}x{length}x{channels}x{depth}-{dtype}");
                    all.insert(name, launch);
                }
            }
        }
    }
    for (order, units, dtype) in WAVES {
        for launch in wave::launches(order, units, dtype) {
            let kernel = launch.kernel;
            all.insert(format!("{kernel}-order{order}-{units}-{dtype}"), launch);
        }
    }
    all
}

fn problem([paths, length, channels, depth]: Sizes, stream: bool, wide: ElemType) -> Problem {
    Problem {
        paths,
        steps: length - 1,
        channels,
        depth,
        stream,
        bytes: wide.size(),
    }
}

/// Where to leave them, if `SIG_KERNEL_SOURCES` names a folder.
fn folder() -> Option<PathBuf> {
    std::env::var_os("SIG_KERNEL_SOURCES").map(PathBuf::from)
}

#[test]
fn sources_are_as_planned() {
    let folder = folder();
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder).expect("the folder can be made");
    }
    // LLVM takes a second for each.
    all().into_par_iter().for_each(|(name, launch)| {
        for capability in CAPABILITIES {
            let source = launch.ptx(capability);
            source.check().unwrap_or_else(|problem| {
                panic!("{name} for sm_{capability}: {problem}\n{}", source.code)
            });
            if let Some(folder) = &folder {
                let file = folder.join(format!("{name}.sm_{capability}.ptx"));
                std::fs::write(file, source.to_string()).expect("the PTX can be written");
            }
        }
    });
}
