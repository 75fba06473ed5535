//! The adjoint of a step.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{horner, horner_adjoint, inverse};
use super::place::Sizes;
use super::stage::{Source, column_increments, prefix_increments, row_increment};
use super::state::State;
use super::terms::Words;
use crate::backends::cubecl::plan::{Block, Memory};

/// From the gradients of what comes after the step to those of `state`, the one before it. What its increment gains is
/// put aside.
#[cube]
pub(super) fn step_adjoint<F: Float, A: Float>(
    path: &Tensor<F>,
    staged: &Shared<[A]>,
    source: &Source,
    words: &Words,
    state: &State<A>,
    gradient: &mut State<A>,
    top_gradient: &Array<A>,
    parts: &mut Shared<[A]>,
    part: usize,
    sizes: &Sizes,
    #[comptime] block: Block,
    #[comptime] memory: Memory,
) {
    let (depth, prefix) = comptime!((block.depth, block.prefix()));
    let (rows, cols) = comptime!((block.rows, block.cols));
    let cube = CUBE_DIM as usize;
    if comptime!(depth == 1) {
        #[unroll]
        for c in 0..cols {
            parts[part + c * cube] = top_gradient[c];
        }
    } else {
        let z_col = column_increments::<F, A>(path, staged, source, words, sizes, block, memory);
        let z = prefix_increments::<F, A>(path, staged, source, words, sizes, block, memory);
        let mut z_gradient = Array::<A>::new(comptime!(block.prefix().max(1)));
        let mut col_gradient = Array::<A>::new(cols);
        let half = inverse::<A>(2usize);
        let h_top = horner::<A>(&state.chain, &z, depth, prefix) * half;
        let h_row = horner::<A>(&state.chain, &z, comptime!(depth - 1), prefix);
        let mut h_top_gradient = A::from_int(0);
        let mut h_row_gradient = A::from_int(0);
        #[unroll]
        for r in 0..rows {
            let z_row =
                row_increment::<F, A>(path, staged, source, words, &z_col, r, sizes, block, memory);
            let h = state.row[r] + h_top * z_row;
            let mut g = A::from_int(0);
            #[unroll]
            for c in 0..cols {
                let top = top_gradient[comptime!(r * cols + c)];
                g += top * z_col[c];
                col_gradient[c] += top * h;
            }
            h_top_gradient += g * z_row;
            h_row_gradient += gradient.row[r] * z_row;
            let of_z = g * h_top + gradient.row[r] * h_row;
            gradient.row[r] += g;
            if comptime!(block.square) {
                col_gradient[r] += of_z;
            } else {
                parts[part + (prefix + r) * cube] = of_z;
            }
        }
        // All gradients of the states after the step are read before they become those before it.
        let mut before = Array::<A>::new(comptime!(block.prefix().max(1)));
        #[unroll]
        for k in 0..prefix {
            before[k] = gradient.chain[k];
        }
        horner_adjoint::<A>(
            &state.chain,
            &z,
            h_top_gradient * half,
            &mut before,
            &mut z_gradient,
            depth,
            prefix,
        );
        horner_adjoint::<A>(
            &state.chain,
            &z,
            h_row_gradient,
            &mut before,
            &mut z_gradient,
            comptime!(depth - 1),
            prefix,
        );
        #[unroll]
        for k in 0..prefix {
            let level = comptime!(k + 1);
            z_gradient[k] += gradient.chain[k] * horner::<A>(&state.chain, &z, level, k);
            horner_adjoint::<A>(
                &state.chain,
                &z,
                gradient.chain[k] * z[k],
                &mut before,
                &mut z_gradient,
                level,
                k,
            );
        }
        #[unroll]
        for k in 0..prefix {
            gradient.chain[k] = before[k];
            parts[part + k * cube] = z_gradient[k];
        }
        #[unroll]
        for c in 0..cols {
            parts[part + comptime!(block.entries() - cols + c) * cube] = col_gradient[c];
        }
    }
}
