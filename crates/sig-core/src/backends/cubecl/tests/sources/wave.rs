//! The kernels of signature kernels, which have no plan: their orders, and the units of a cube.

use std::sync::Arc;

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::lower::{Expected, Launch, buffer, device, settings};
use crate::backends::cubecl::kernels::{wave_adjoint_kernel, wave_kernel};
use crate::backends::cubecl::wave::Wave;

/// The kernel and its gradient; order 0 stands for finite differences.
pub(super) fn launches(order: usize, units: usize, dtype: ElemType) -> [Launch; 2] {
    let kernel = wave_kernel::WaveKernel::new(
        settings(units),
        device(),
        Arc::default(),
        buffer(),
        buffer(),
        buffer(),
        sizes(units),
        order,
        units,
        dtype,
    );
    let adjoint = wave_adjoint_kernel::WaveAdjointKernel::new(
        settings(units),
        device(),
        Arc::default(),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        buffer(),
        sizes(units),
        order,
        units,
        dtype,
    );
    let shared_bytes = 2 * units * (order + 2) * dtype.size();
    let expected = |barriers| Expected {
        shared_bytes,
        barriers,
    };
    [
        Launch::new("wave", kernel, units, expected(2)),
        Launch::new("wave-adjoint", adjoint, units, expected(6)),
    ]
}

fn sizes(units: usize) -> <Wave as LaunchArg>::CompilationArg {
    let wave = Wave {
        first: 0,
        pairs: 1,
        second: 1,
        symmetric: 0,
        rows: 2 * units,
        columns: units,
        cells_down: 1,
        cells_across: 1,
        strips: 2,
        stored: 1,
    };
    let mut launcher = KernelLauncher::new(settings(units));
    let sizes = Wave::register(wave.launch(), &mut launcher);
    launcher.discard();
    sizes
}
