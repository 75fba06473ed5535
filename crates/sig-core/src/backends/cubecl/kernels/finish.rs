//! From the gradients of increments to those of points.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::unit::cube_index;
use crate::backends::cubecl::plan::Sizes;

/// `[paths, steps + 1, channels]`, from `[tiles, paths, steps, channels]`.
#[cube(launch, address_type = "dynamic")]
pub(crate) fn finish_kernel<F: Float, A: Float>(
    increments: &[A],
    path_gradient: &mut [F],
    sizes: Sizes,
    #[define(F, A)] _dtypes: [ElemType; 2],
) {
    let d = sizes.channels;
    let index = cube_index() * CUBE_DIM as usize + UNIT_POS as usize;
    if index < sizes.paths * (sizes.steps + 1) * d {
        let channel = index % d;
        let point = (index / d) % (sizes.steps + 1);
        let row = index / (d * (sizes.steps + 1)) * sizes.steps;
        let tile = sizes.paths * sizes.steps;
        let mut ends = A::from_int(0);
        let mut starts = A::from_int(0);
        for t in 0..sizes.tiles {
            if point > 0 {
                ends += increments[(t * tile + row + point - 1) * d + channel];
            }
            if point < sizes.steps {
                starts += increments[(t * tile + row + point) * d + channel];
            }
        }
        path_gradient[index] = F::cast_from(ends - starts);
    }
}
