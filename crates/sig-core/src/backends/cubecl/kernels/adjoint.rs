//! The adjoint of a step.

use burn_cubecl::cubecl;
use cubecl::prelude::*;

use super::chain::{horner, horner_adjoint, reciprocal};
use super::reduce::Parts;
use super::state::State;
use super::terms::{Terms, TermsExpand};
use super::unit::{Step, Unit};

#[cube]
impl<A: Float> Terms<A> {
    /// From the gradients of the terms after a step to those before it, where the levels below the
    /// block are `state`. What its increment gains is put aside
    /// in a slot of `parts`.
    pub(super) fn walk_back<F: Float>(
        &mut self,
        unit: &Unit<F, A>,
        step: &Step,
        state: &State<A>,
        parts: &mut Parts<A>,
        slot: usize,
    ) {
        let (depth, prefix) = comptime!((unit.block.depth, unit.block.prefix()));
        let (rows, cols) = comptime!((unit.block.rows, unit.block.cols));
        if comptime!(depth == 1) {
            #[unroll]
            for c in 0..cols {
                parts.put(slot, c, self.top[c]);
            }
        } else {
            let z_col = unit.column_increments(step);
            let z = unit.prefix_increments(step);
            let mut col_gradient = Array::<A>::new(cols);
            let half = reciprocal::<A>(2usize);
            let h_top = horner::<A>(&state.chain, &z, depth, prefix) * half;
            let h_row = horner::<A>(&state.chain, &z, comptime!(depth - 1), prefix);
            let mut h_top_gradient = A::from_int(0);
            let mut h_row_gradient = A::from_int(0);
            #[unroll]
            for r in 0..rows {
                let z_row = unit.row_increment(step, &z_col, r);
                let h = state.row[r] + h_top * z_row;
                let mut g = A::from_int(0);
                #[unroll]
                for c in 0..cols {
                    let top = self.top[comptime!(r * cols + c)];
                    g += top * z_col[c];
                    col_gradient[c] += top * h;
                }
                h_top_gradient += g * z_row;
                h_row_gradient += self.state.row[r] * z_row;
                let of_z = g * h_top + self.state.row[r] * h_row;
                self.state.row[r] += g;
                if comptime!(unit.block.square) {
                    col_gradient[r] += of_z;
                } else {
                    parts.put(slot, comptime!(prefix + r), of_z);
                }
            }
            let z_gradient = chain_adjoint::<A>(
                &mut self.state.chain,
                &state.chain,
                &z,
                h_top_gradient * half,
                h_row_gradient,
                depth,
            );
            #[unroll]
            for k in 0..prefix {
                parts.put(slot, k, z_gradient[k]);
            }
            #[unroll]
            for c in 0..cols {
                parts.put(
                    slot,
                    comptime!(unit.block.entries() - cols + c),
                    col_gradient[c],
                );
            }
        }
    }
}

/// Takes the gradients of the prefixes back through a step; `chain` is what they are before it. The
/// gradients of its increments.
#[cube]
fn chain_adjoint<A: Float>(
    gradient: &mut Array<A>,
    chain: &Array<A>,
    z: &Array<A>,
    h_top_gradient: A,
    h_row_gradient: A,
    #[comptime] depth: usize,
) -> Array<A> {
    let prefix = comptime!(depth - 2);
    let mut z_gradient = Array::<A>::new(comptime!(prefix.max(1)));
    // All gradients of the states after the step are read before they become those before it.
    let mut before = Array::<A>::new(comptime!(prefix.max(1)));
    #[unroll]
    for k in 0..prefix {
        before[k] = gradient[k];
    }
    horner_adjoint::<A>(
        chain,
        z,
        h_top_gradient,
        &mut before,
        &mut z_gradient,
        depth,
        prefix,
    );
    horner_adjoint::<A>(
        chain,
        z,
        h_row_gradient,
        &mut before,
        &mut z_gradient,
        comptime!(depth - 1),
        prefix,
    );
    #[unroll]
    for k in 0..prefix {
        let level = comptime!(k + 1);
        z_gradient[k] += gradient[k] * horner::<A>(chain, z, level, k);
        horner_adjoint::<A>(
            chain,
            z,
            gradient[k] * z[k],
            &mut before,
            &mut z_gradient,
            level,
            k,
        );
    }
    #[unroll]
    for k in 0..prefix {
        gradient[k] = before[k];
    }
    z_gradient
}
