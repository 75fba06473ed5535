//! The signatures of the parts of stretches joined lane by lane, and the way back: nothing moves
//! between lanes.

use std::mem::{MaybeUninit, swap};

use pulp::Simd;

use super::chen::{Product, ProductAdjoint};
use super::join::Segments;
use super::lanes::{load_rows, store_all};
use super::pages;
use super::parts::each;
use super::plan::Plan;
use super::scratch::Scratch;
use super::simd::Number;
use super::sweep::Sweep;

/// Signatures below the top in lanes, `[block][part][term]`.
pub(super) struct Parts<T: Number, S: Simd> {
    simd: S,
    ends: Scratch<T::Vector<S>>,
    terms: usize,
}

impl<T: Number, S: Simd> Parts<T, S> {
    /// The signatures of all parts that are swept, up to the level below the top.
    pub(super) fn new(sweep: Sweep<'_, T, S>, states: &mut [MaybeUninit<T>]) -> Self {
        let (simd, plan, terms) = (sweep.simd, sweep.plan, sweep.tree.terms());
        let mut ends: Scratch<T::Vector<S>> = Scratch::new(plan.groups() * terms);
        let outputs = ends.chunks_mut(terms.max(1));
        sweep.run(outputs, states, |group, _, end| {
            end.copy_from_slice(&group.state);
        });
        Self { simd, ends, terms }
    }

    /// The same from the states that were kept.
    pub(super) fn from_states(simd: S, plan: &Plan, states: &[T]) -> Self {
        let terms = plan.tree.below_top().terms();
        let mut ends: Scratch<T::Vector<S>> = Scratch::new(plan.groups() * terms);
        for (group, end) in ends.chunks_mut(terms.max(1)).enumerate() {
            bytemuck::cast_slice_mut(end).copy_from_slice(plan.end_of_group(states, group));
        }
        Self { simd, ends, terms }
    }

    fn part(&self, plan: &Plan, block: usize, part: usize) -> &[T::Vector<S>] {
        &self.ends[(block * plan.parts + part) * self.terms..][..self.terms]
    }

    /// The signatures of the stretches.
    pub(super) fn join(&self, plan: &Plan) -> Segments<T> {
        let (simd, terms, tree) = (self.simd, self.terms, &plan.tree.below_top());
        let mut data = pages::unwritten(plan.lanes_in_all() * terms);
        let blocks: Vec<&mut [_]> = data.chunks_mut((plan.lanes * terms).max(1)).collect();
        each(
            blocks,
            plan.groups() * tree.product_cost(),
            || [(); 2].map(|()| Scratch::new(terms)),
            |[left, out], block, rows| {
                left.copy_from_slice(self.part(plan, block, 0));
                for part in 1..plan.parts {
                    simd.vectorize(Product::<T, S> {
                        simd,
                        tree,
                        left,
                        right: self.part(plan, block, part),
                        out,
                    });
                    swap(left, out);
                }
                store_all(simd, left, rows, terms);
            },
        );
        Segments {
            // SAFETY: the loop stored every lane of a block into its row.
            data: unsafe { pages::written(data) },
            rows: plan.rows,
            segments: plan.stretches,
        }
    }

    /// The gradients of all terms of the parts, `[block][part][term]`, from those of the stretches,
    /// `[stretch][term]`.
    pub(super) fn join_adjoint(&self, plan: &Plan, stretches: &[T]) -> Scratch<T::Vector<S>> {
        let (simd, tree) = (self.simd, &plan.tree);
        let (terms, below_top) = (tree.terms(), tree.below_top());
        let mut gradients = Scratch::new(plan.groups() * terms);
        let blocks: Vec<&mut [_]> = gradients.chunks_mut(plan.parts * terms).collect();
        each(
            blocks,
            3 * plan.groups() * tree.product_cost(),
            || {
                let prefixes = Scratch::new(plan.parts * self.terms);
                (prefixes, [(); 2].map(|()| Scratch::new(terms)))
            },
            |(prefixes, [gradient, left_gradient]), block, out| {
                prefixes[..self.terms].copy_from_slice(self.part(plan, block, 0));
                for part in 1..plan.parts - 1 {
                    let (before, rest) = prefixes.split_at_mut(part * self.terms);
                    simd.vectorize(Product::<T, S> {
                        simd,
                        tree: &below_top,
                        left: &before[(part - 1) * self.terms..],
                        right: self.part(plan, block, part),
                        out: &mut rest[..self.terms],
                    });
                }
                let first = block * plan.lanes;
                let offsets: Vec<_> = (first..first + plan.lanes)
                    .map(|lane| (lane < plan.lanes_in_all()).then_some(lane * terms))
                    .collect();
                load_rows(simd, stretches, &offsets, gradient);
                for part in (1..plan.parts).rev() {
                    simd.vectorize(ProductAdjoint::<T, S> {
                        simd,
                        tree,
                        left: &prefixes[(part - 1) * self.terms..][..self.terms],
                        right: self.part(plan, block, part),
                        gradient,
                        left_gradient,
                        right_gradient: &mut out[part * terms..][..terms],
                    });
                    swap(gradient, left_gradient);
                }
                out[..terms].copy_from_slice(gradient);
            },
        );
        gradients
    }
}
