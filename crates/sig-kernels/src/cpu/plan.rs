//! How the work is cut into segments, groups, parts and chunks, which `mod.rs` defines.
//!
//! A path is cut into segments where that fills lanes which would be empty, and a group into parts
//! where there are fewer groups than the threads of a machine could take. Both cost joins. The
//! segments of a path never lie in two groups, so a group has `lanes / segments` paths.

use std::ops::Range;

use pulp::Simd;

use super::Signature;
use super::simd::lanes;
use super::split::Share;
use super::tree::Tree;
use crate::Real;

/// Parts that are enough to keep the threads of a machine busy: more only cost more joins.
const PARTS: usize = 32;
/// Steps that a segment has at least, in multiples of what joining it to the one before costs.
const STEPS_PER_JOIN: usize = 8;
/// The same for a part, by which only threads gain.
const STEPS_PER_JOIN_OF_PARTS: usize = 50;
/// Steps of a chunk at most, and the memory that its increments may take.
const CHUNK: usize = 36;
const CHUNK_BYTES: usize = 24 << 10;

/// Some steps of a path: where its first point lies among the numbers of all paths, and how many
/// steps it has. Beyond these the path stands still, which leaves a signature as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) steps: usize,
}

impl Span {
    /// The span of a whole path, that of this row. `spans` holds the spans of all paths; without it the
    /// paths lie one after another.
    pub(super) fn of<T>(call: &Signature<'_, T>, spans: Option<&[Span]>, row: usize) -> Self {
        match spans {
            Some(spans) => spans[row],
            None => Self {
                start: row * (call.steps + 1) * call.spec.channels(),
                steps: call.steps,
            },
        }
    }

    /// The points of a path that lies there.
    pub(super) fn points<'a, T>(&self, call: &Signature<'a, T>) -> &'a [T] {
        &call.paths[self.start..][..(self.steps + 1) * call.spec.channels()]
    }
}

/// The sizes of a call.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) tree: Tree,
    pub(super) rows: usize,
    /// Steps of a path.
    pub(super) steps: usize,
    /// Segments of a path, a lane each.
    pub(super) segments: usize,
    /// Parts of a group, each of `part_steps` steps; the last ones of a path have fewer or none.
    pub(super) parts: usize,
    pub(super) part_steps: usize,
    /// Lanes of a vector.
    pub(super) lanes: usize,
    /// Steps of a chunk at most.
    pub(super) chunk: usize,
    /// Memory that the increments of a step take in lanes.
    pub(super) step_bytes: usize,
    /// Where each path lies, if not one after another.
    paths: Option<Vec<Span>>,
}

impl Plan {
    /// The cut of a call for vectors of `S`. With `spans` the paths lie there, none with more steps
    /// than the call's.
    pub(super) fn of<T: Real, S: Simd>(tree: Tree, Share { call, spans }: &Share<'_, T>) -> Self {
        let lanes = lanes::<T, S>();
        let plan = Self::new(
            tree,
            call.rows,
            call.steps,
            call.stream,
            lanes,
            size_of::<T>(),
        );
        Self {
            paths: spans.map(<[_]>::to_vec),
            ..plan
        }
    }

    /// Cuts `rows` paths of `steps` steps for vectors of `lanes` numbers of `bytes` bytes.
    fn new(tree: Tree, rows: usize, steps: usize, whole: bool, lanes: usize, bytes: usize) -> Self {
        let (segments, parts) = if whole {
            (1, 1)
        } else {
            cut(&tree, rows, steps, lanes)
        };
        let part_steps = steps.div_ceil(segments * parts);
        let step_bytes = tree.channels * tree.depth * lanes * bytes;
        let most = (CHUNK_BYTES / step_bytes).clamp(8, CHUNK);
        let chunk = part_steps.div_ceil(part_steps.div_ceil(most));
        Self {
            rows,
            steps,
            segments,
            parts,
            part_steps,
            lanes,
            chunk,
            step_bytes,
            tree,
            paths: None,
        }
    }

    /// Whether anything has to be joined.
    pub(super) fn is_cut(&self) -> bool {
        self.segments * self.parts > 1
    }

    /// Paths of a group.
    pub(super) fn group_rows(&self) -> usize {
        self.lanes / self.segments
    }

    pub(super) fn groups(&self) -> usize {
        self.rows.div_ceil(self.group_rows())
    }

    /// Parts of all groups: those of the first group, then those of the next.
    pub(super) fn all_parts(&self) -> usize {
        self.groups() * self.parts
    }

    /// The paths of a group.
    pub(super) fn rows_of(&self, group: usize) -> Range<usize> {
        let first = group * self.group_rows();
        first..self.rows.min(first + self.group_rows())
    }

    /// The path of each lane of a group. Lanes left over repeat the last one.
    pub(super) fn row_of_each_lane(&self, group: usize) -> impl Iterator<Item = usize> {
        let (rows, segments) = (self.rows_of(group), self.segments);
        (0..self.lanes).map(move |lane| (rows.start + lane / segments).min(rows.end - 1))
    }

    /// What each lane of a part goes through, of all parts counted.
    pub(super) fn spans(&self, part: usize) -> Vec<Span> {
        let rows = self.row_of_each_lane(part / self.parts).enumerate();
        rows.map(|(lane, row)| self.span(row, lane % self.segments, part % self.parts))
            .collect()
    }

    /// A part of a segment.
    pub(super) fn span(&self, row: usize, segment: usize, part: usize) -> Span {
        let path = match &self.paths {
            Some(paths) => paths[row],
            None => Span {
                start: row * (self.steps + 1) * self.tree.channels,
                steps: self.steps,
            },
        };
        let first = ((segment * self.parts + part) * self.part_steps).min(path.steps);
        Span {
            start: path.start + first * self.tree.channels,
            steps: self.part_steps.min(path.steps - first),
        }
    }

    /// Chunks of a part: the first step and the number of steps of each.
    pub(super) fn chunks(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator + use<> {
        let (steps, chunk) = (self.part_steps, self.chunk);
        (0..steps.div_ceil(chunk)).map(move |index| {
            let first = index * chunk;
            (first, chunk.min(steps - first))
        })
    }

    /// Multiply-adds of all steps in vectors, a measure of whether threads are worth it.
    pub(super) fn cost(&self) -> usize {
        self.tree
            .step_cost()
            .saturating_mul(self.part_steps)
            .saturating_mul(self.all_parts())
    }
}

/// Into how many segments a path is cut, and a group into how many parts.
fn cut(tree: &Tree, rows: usize, steps: usize, lanes: usize) -> (usize, usize) {
    let join = join(tree);
    let groups = |segments: usize| rows.div_ceil(lanes / segments);
    // What takes the least time on one thread: full lanes, and few joins.
    let time = |&segments: &usize| {
        let joins = (rows * (segments - 1)).div_ceil(lanes) * join * STEPS_PER_JOIN / 2;
        groups(segments) * steps.div_ceil(segments) + joins
    };
    let most = (steps / (STEPS_PER_JOIN * join)).clamp(1, lanes);
    let segments = (1..=most).min_by_key(time).expect("at least one");
    let most = steps / segments / (STEPS_PER_JOIN_OF_PARTS * join);
    match PARTS.div_ceil(groups(segments).max(1)).min(most) {
        0 | 1 => (segments, 1),
        // Halves for two threads.
        parts => (segments, parts / 2 * 2),
    }
}

/// An estimate of the time that paths take in lanes on one thread, in multiply-adds of vectors.
pub(super) fn lanes_time(tree: &Tree, rows: usize, steps: usize, lanes: usize) -> usize {
    /// What a round of joins within lanes takes, by itself and for each term.
    const ROUND: usize = 2000;
    const ROUND_OF_A_TERM: usize = 14;
    if rows == 0 {
        return 0;
    }
    if steps == 1 {
        return rows.div_ceil(lanes).saturating_mul(2 * tree.terms());
    }
    let (segments, _) = cut(tree, rows, steps, lanes);
    let rounds = segments.next_power_of_two().ilog2() as usize;
    let round = ROUND_OF_A_TERM
        .saturating_mul(tree.terms())
        .saturating_add(ROUND);
    let sweep = tree
        .step_cost()
        .saturating_mul(steps.div_ceil(segments))
        .saturating_add(round.saturating_mul(rounds));
    rows.div_ceil(lanes / segments).saturating_mul(sweep)
}

/// The same of all prefixes, with what it takes to turn each term from lanes to rows or back.
pub(super) fn stream_time(
    tree: &Tree,
    rows: usize,
    steps: usize,
    lanes: usize,
    of_a_term: usize,
) -> usize {
    let step = tree
        .step_cost()
        .saturating_add(of_a_term.saturating_mul(tree.terms()));
    rows.div_ceil(lanes)
        .saturating_mul(steps)
        .saturating_mul(step)
}

/// Steps that take as long as a join.
fn join(tree: &Tree) -> usize {
    tree.product_cost().div_ceil(tree.step_cost().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignatureSpec;

    fn plan([rows, steps, channels, depth]: [usize; 4]) -> Plan {
        let tree = Tree::new(SignatureSpec::new(channels, depth));
        Plan::new(tree, rows, steps, false, 16, 4)
    }

    #[test]
    fn every_step_is_in_one_span() {
        for rows in [1, 2, 3, 7, 15, 16, 17, 40, 1000] {
            for steps in [1, 2, 7, 15, 16, 17, 99, 1000, 9999] {
                let plan = plan([rows, steps, 3, 4]);
                let mut next = vec![0; rows];
                for row in (0..plan.groups()).flat_map(|group| plan.rows_of(group)) {
                    for cut in 0..plan.segments * plan.parts {
                        let span = plan.span(row, cut / plan.parts, cut % plan.parts);
                        assert_eq!(span.start, (row * (steps + 1) + next[row]) * 3);
                        next[row] += span.steps;
                    }
                }
                assert!(next.iter().all(|&all| all == steps));
                let chunks: usize = plan.chunks().map(|(_, steps)| steps).sum();
                assert_eq!(chunks, plan.part_steps);
            }
        }
    }

    #[test]
    fn few_paths_are_cut_to_fill_the_lanes_and_threads() {
        let cut = |shape| {
            let plan = plan(shape);
            (plan.segments, plan.parts)
        };
        assert_eq!(cut([1000, 100, 3, 4]), (1, 1));
        assert_eq!(cut([1, 10_000, 4, 4]), (16, 4));
        assert_eq!(cut([3, 1000, 4, 4]), (5, 1));
        assert_eq!(cut([16, 10_000, 4, 4]), (1, 32));
        assert_eq!(cut([1, 4, 4, 4]), (1, 1));
    }
}
