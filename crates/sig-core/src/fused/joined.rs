//! The signatures of paths that are cut, joined as their parts come.

use std::mem::{MaybeUninit, replace};
use std::sync::Mutex;

use pulp::Simd;

use super::chen::Product;
use super::join::Segments;
use super::lanes::store_rows;
use super::pages;
use super::pairwise::Pairwise;
use super::plan::Plan;
use super::scratch::Scratch;
use super::simd::Number;
use super::sweep::Sweep;

/// The signatures of what is swept.
pub(super) fn signatures<T: Number, S: Simd>(
    sweep: Sweep<'_, T, S>,
    states: &mut [MaybeUninit<T>],
) -> Segments<T> {
    let Sweep {
        simd, plan, tree, ..
    } = sweep;
    let terms = tree.terms();
    let within = stretches_within(plan);
    let rows_of_block = plan.lanes / within;
    let mut data = pages::unwritten(plan.lanes_in_all() / within * terms);
    let blocks: Vec<_> = data
        .chunks_mut((rows_of_block * terms).max(1))
        .map(|rows| (Pairwise::new(plan.parts), Mutex::new(rows)))
        .collect();
    let product = |left: &[T::Vector<S>], right: &[T::Vector<S>]| {
        let mut out = Scratch::new(terms);
        simd.vectorize(Product::<T, S> {
            simd,
            tree,
            left,
            right,
            out: &mut out,
        });
        out
    };
    sweep.run(0..plan.groups(), states, |group, index, _| {
        let end = replace(&mut group.state, Scratch::new(terms));
        let (parts, rows) = &blocks[index / plan.parts];
        let join = |left: Scratch<_>, right: Scratch<_>| product(&left, &right);
        let Some(mut whole) = parts.put(index % plan.parts, end, join) else {
            return;
        };
        for apart in (0..within.ilog2()).map(|round| 1 << round) {
            whole = product(&whole, &lanes_from::<T, _>(&whole, apart));
        }
        let mut rows = rows.lock().expect("no thread panics with the lock");
        let at: Vec<_> = (0..plan.lanes)
            .map(|lane| (lane / within * terms, lane.is_multiple_of(within)))
            .map(|(at, first)| (first && at < rows.len()).then_some(at))
            .collect();
        store_rows(simd, &whole, &mut rows, &at);
    });
    Segments {
        // SAFETY: who brought the last part of a block stored every path, or stretch, of it into its row.
        data: unsafe { pages::written(data) },
        rows: plan.rows,
        segments: plan.stretches / within,
    }
}

/// How many stretches of a path are joined where they are, in lanes beside each other: all, if no path
/// has stretches in two blocks.
fn stretches_within(plan: &Plan) -> usize {
    match plan.stretches.is_power_of_two() && plan.lanes.is_multiple_of(plan.stretches) {
        true => plan.stretches,
        false => 1,
    }
}

/// Vectors whose lanes are those so far to the right; the last lanes have what is of no use.
fn lanes_from<T: Number, V: bytemuck::Pod>(vectors: &[V], apart: usize) -> Scratch<V> {
    let mut moved = Scratch::new(vectors.len());
    let (from, to): (&[T], &mut [T]) = (
        bytemuck::cast_slice(vectors),
        bytemuck::cast_slice_mut(&mut moved),
    );
    let kept = to.len() - apart;
    to[..kept].copy_from_slice(&from[apart..]);
    to[kept..].fill(T::zeroed());
    moved
}
