//! How the work is cut. A lane takes a path or, of few long paths, a stretch of one; lanes make up
//! blocks, as many as a vector has. Where there are too few blocks for the threads of a machine, each
//! is cut along time into parts, so that a group of lanes, the work of a thread, is a part of a block.
//! The cut depends on sizes alone, never on the number of threads, so that results don't either.

use super::View;
use super::increments::Span;
use super::tree::Tree;

/// Groups of lanes that are enough to keep the threads of a machine busy: more only cost more joins.
const GROUPS: usize = 32;
/// Steps that a stretch has at least, in multiples of what joining it to the one before costs.
const STEPS_PER_JOIN: usize = 8;
/// The same for a part, by which only threads gain.
const STEPS_PER_JOIN_OF_PARTS: usize = 50;
/// Steps of a chunk at most, and the memory that its increments may take.
const CHUNK: usize = 36;
const CHUNK_BYTES: usize = 36 << 10;

/// The sizes of a call.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) tree: Tree,
    pub(crate) rows: usize,
    /// Steps of a path.
    pub(crate) steps: usize,
    /// Stretches of a path, a lane each.
    pub(crate) stretches: usize,
    /// Parts of a stretch, each of `part_steps` steps; the last ones of a path have fewer or none.
    pub(crate) parts: usize,
    pub(crate) part_steps: usize,
    /// Lanes of a vector.
    pub(crate) lanes: usize,
    /// Steps of a chunk at most.
    pub(crate) chunk: usize,
    /// Memory that the increments of a step take in lanes.
    pub(crate) step_bytes: usize,
    /// Where each path lies, if not one after another.
    views: Option<Vec<View>>,
}

impl Plan {
    /// Cuts `rows` paths of `steps` steps for vectors of `lanes` numbers of `bytes` bytes.
    pub(crate) fn new(
        tree: Tree,
        rows: usize,
        steps: usize,
        whole: bool,
        lanes: usize,
        bytes: usize,
    ) -> Self {
        let (stretches, parts) = match whole {
            true => (1, 1),
            false => cut(&tree, rows, steps, lanes),
        };
        let part_steps = steps.div_ceil(stretches * parts);
        let step_bytes = tree.channels * tree.depth * lanes * bytes;
        let most = (CHUNK_BYTES / step_bytes).clamp(8, CHUNK);
        let chunk = part_steps.div_ceil(part_steps.div_ceil(most));
        Self {
            rows,
            steps,
            stretches,
            parts,
            part_steps,
            lanes,
            chunk,
            step_bytes,
            tree,
            views: None,
        }
    }

    /// The same for paths that lie elsewhere, none with more steps.
    pub(crate) fn with_views(mut self, views: &[View]) -> Self {
        self.views = Some(views.to_vec());
        self
    }

    /// Stretches of all paths, of which each takes a lane.
    pub(crate) fn lanes_in_all(&self) -> usize {
        self.rows * self.stretches
    }

    pub(crate) fn blocks(&self) -> usize {
        self.lanes_in_all().div_ceil(self.lanes)
    }

    /// Groups of lanes: the parts of the first block, then those of the next.
    pub(crate) fn groups(&self) -> usize {
        self.blocks() * self.parts
    }

    /// What the lanes of a group go through. Lanes left over repeat the last one.
    pub(crate) fn group(&self, group: usize) -> Vec<Span> {
        let first = group / self.parts * self.lanes;
        (first..first + self.lanes)
            .map(|lane| self.span(lane.min(self.lanes_in_all() - 1), group % self.parts))
            .collect()
    }

    /// A part of what a lane takes.
    pub(crate) fn span(&self, lane: usize, part: usize) -> Span {
        let (row, stretch) = (lane / self.stretches, lane % self.stretches);
        let view = match &self.views {
            Some(views) => views[row],
            None => View {
                start: row * (self.steps + 1) * self.tree.channels,
                steps: self.steps,
            },
        };
        let first = ((stretch * self.parts + part) * self.part_steps).min(view.steps);
        Span {
            start: view.start + first * self.tree.channels,
            steps: self.part_steps.min(view.steps - first),
        }
    }

    /// Chunks of a part: the first step and the number of steps of each.
    pub(crate) fn chunks(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator + use<> {
        let (steps, chunk) = (self.part_steps, self.chunk);
        (0..steps.div_ceil(chunk)).map(move |index| {
            let first = index * chunk;
            (first, chunk.min(steps - first))
        })
    }

    /// Whether paths are one increment each, with nothing before it: their signatures are exponentials.
    pub(crate) fn single_step<I>(&self, initial: Option<&I>) -> bool {
        self.steps == 1 && initial.is_none()
    }

    /// Multiply-adds of all steps in vectors, a measure of whether threads are worth it.
    pub(crate) fn cost(&self) -> usize {
        self.tree
            .step_cost()
            .saturating_mul(self.part_steps)
            .saturating_mul(self.groups())
    }
}

/// Into how many stretches a path is cut and these into how many parts.
fn cut(tree: &Tree, rows: usize, steps: usize, lanes: usize) -> (usize, usize) {
    let join = tree.product_cost().div_ceil(tree.step_cost().max(1));
    let blocks = |stretches: usize| (rows * stretches).div_ceil(lanes);
    // What takes the least time on one thread: full lanes, and few joins.
    let time = |&stretches: &usize| {
        let joins = (rows * (stretches - 1)).div_ceil(lanes) * join * STEPS_PER_JOIN / 2;
        blocks(stretches) * steps.div_ceil(stretches) + joins
    };
    let most = (steps / (STEPS_PER_JOIN * join)).clamp(1, lanes);
    let stretches = (1..=most).min_by_key(time).expect("at least one");
    let most = steps / stretches / (STEPS_PER_JOIN_OF_PARTS * join);
    match GROUPS.div_ceil(blocks(stretches)).min(most) {
        0 | 1 => (stretches, 1),
        // Halves for two threads.
        parts => (stretches, parts / 2 * 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan([rows, steps, channels, depth]: [usize; 4]) -> Plan {
        Plan::new(Tree::new(channels, depth), rows, steps, false, 16, 4)
    }

    #[test]
    fn every_step_is_in_one_span() {
        for rows in [1, 2, 3, 7, 15, 16, 17, 40, 1000] {
            for steps in [1, 2, 7, 15, 16, 17, 99, 1000, 9999] {
                let plan = plan([rows, steps, 3, 4]);
                let lanes = 0..plan.lanes_in_all();
                let spans = lanes.flat_map(|lane| {
                    (0..plan.parts).map(move |part| (lane / plan.stretches, lane, part))
                });
                let mut next = vec![0; rows];
                for (row, lane, part) in spans {
                    let span = plan.span(lane, part);
                    assert_eq!(span.start, (row * (steps + 1) + next[row]) * 3);
                    next[row] += span.steps;
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
            (plan.stretches, plan.parts)
        };
        assert_eq!(cut([1000, 100, 3, 4]), (1, 1));
        assert_eq!(cut([1, 10_000, 4, 4]), (16, 4));
        assert_eq!(cut([3, 1000, 4, 4]), (5, 1));
        assert_eq!(cut([16, 10_000, 4, 4]), (1, 32));
        assert_eq!(cut([1, 4, 4, 4]), (1, 1));
    }
}
