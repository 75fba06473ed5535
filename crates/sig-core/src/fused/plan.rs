//! How the work is cut: paths into lanes, long paths of a small batch into segments, groups of lanes
//! for the threads. The cut depends on sizes alone, never on the number of threads, so that results
//! don't either.

use super::View;
use super::increments::Span;
use super::tree::Tree;

/// Groups of lanes that are enough to keep the threads of a machine busy: more only cost more joins.
const GROUPS: usize = 32;
/// Steps that a segment has at least, in multiples of what joining it to the one before costs.
const STEPS_PER_JOIN: usize = 8;
/// The same where the lanes of a vector are full without it, and only threads gain.
const STEPS_PER_JOIN_FOR_THREADS: usize = 40;
/// Steps of a chunk at most, and the memory that its increments may take.
const CHUNK: usize = 32;
const CHUNK_BYTES: usize = 20 << 10;

/// The sizes of a call.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) tree: Tree,
    pub(crate) rows: usize,
    /// Steps of a path.
    pub(crate) steps: usize,
    /// Segments of a path, each with `segment_steps` steps but the last.
    pub(crate) segments: usize,
    pub(crate) segment_steps: usize,
    /// Lanes of a vector.
    pub(crate) lanes: usize,
    /// Steps of a chunk at most.
    pub(crate) chunk: usize,
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
        let segments = match whole {
            true => 1,
            false => segments(&tree, rows, steps, lanes),
        };
        let segment_steps = steps.div_ceil(segments);
        let step_bytes = tree.channels * tree.depth * lanes * bytes;
        let most = (CHUNK_BYTES / step_bytes).clamp(8, CHUNK);
        let chunk = segment_steps.div_ceil(segment_steps.div_ceil(most));
        Self {
            rows,
            steps,
            // Rounding up may have left nothing for the last ones.
            segments: steps.div_ceil(segment_steps),
            segment_steps,
            lanes,
            chunk,
            tree,
            views: None,
        }
    }

    /// The same for paths that lie elsewhere, none with more steps.
    pub(crate) fn with_views(mut self, views: &[View]) -> Self {
        self.views = Some(views.to_vec());
        self
    }

    /// Segments of all paths, of which each takes a lane.
    pub(crate) fn spans(&self) -> usize {
        self.rows * self.segments
    }

    /// Groups of lanes.
    pub(crate) fn groups(&self) -> usize {
        self.spans().div_ceil(self.lanes)
    }

    /// The segments of a group. Lanes left over repeat the last one.
    pub(crate) fn group(&self, group: usize) -> Vec<Span> {
        let spans = group * self.lanes..(group + 1) * self.lanes;
        spans.map(|span| self.span(span)).collect()
    }

    /// How many lanes of a group are not left over.
    pub(crate) fn lanes_used(&self, group: usize) -> usize {
        (self.spans() - group * self.lanes).min(self.lanes)
    }

    fn span(&self, span: usize) -> Span {
        let span = span.min(self.spans() - 1);
        let (row, segment) = (span / self.segments, span % self.segments);
        let view = match &self.views {
            Some(views) => views[row],
            None => View {
                start: row * (self.steps + 1) * self.tree.channels,
                steps: self.steps,
            },
        };
        let first = (segment * self.segment_steps).min(view.steps);
        Span {
            start: view.start + first * self.tree.channels,
            steps: self.segment_steps.min(view.steps - first),
        }
    }

    /// Chunks of a segment: the first step and the number of steps of each.
    pub(crate) fn chunks(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator + use<> {
        let (steps, chunk) = (self.segment_steps, self.chunk);
        (0..steps.div_ceil(chunk)).map(move |index| {
            let first = index * chunk;
            (first, chunk.min(steps - first))
        })
    }

    /// Multiply-adds of all steps in vectors, a measure of whether threads are worth it.
    pub(crate) fn cost(&self) -> usize {
        self.tree
            .step_cost()
            .saturating_mul(self.segment_steps)
            .saturating_mul(self.groups())
    }
}

/// Into how many segments a path is cut: as many as fill the lanes, then as many as give the
/// threads work, as long as joining them costs little beside their steps.
fn segments(tree: &Tree, rows: usize, steps: usize, lanes: usize) -> usize {
    let join = join_cost(tree).div_ceil(tree.step_cost().max(1));
    let most = (steps / (STEPS_PER_JOIN * join)).max(1);
    let fill = (lanes / rows).max(1);
    if rows < lanes && most <= fill {
        return most;
    }
    let most = (steps / (STEPS_PER_JOIN_FOR_THREADS * join)).max(1);
    let wanted = (GROUPS * lanes).div_ceil(rows).min(most).max(fill);
    // Full lanes rather than one more segment, and halves for two threads.
    let groups = match (rows * wanted / lanes).max(1) {
        groups @ 2.. if rows < lanes => groups / 2 * 2,
        groups => groups,
    };
    (groups * lanes / rows).max(1)
}

/// Multiply-adds of a product of two signatures: `Σ_k (k − 1) d^k`, and the levels' own sums.
fn join_cost(tree: &Tree) -> usize {
    (1..=tree.depth)
        .map(|level| level.saturating_mul(tree.words(level)))
        .fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan([rows, steps, channels, depth]: [usize; 4]) -> Plan {
        Plan::new(Tree::new(channels, depth), rows, steps, false, 16, 4)
    }

    #[test]
    fn every_step_is_in_one_segment() {
        for rows in [1, 2, 3, 7, 15, 16, 17, 40, 1000] {
            for steps in [1, 2, 7, 15, 16, 17, 99, 1000, 9999] {
                let plan = plan([rows, steps, 3, 4]);
                let used = |g| plan.group(g).into_iter().take(plan.lanes_used(g));
                let spans: Vec<Span> = (0..plan.groups()).flat_map(used).collect();
                assert_eq!(spans.len(), plan.spans());
                assert!(spans.iter().all(|span| span.steps > 0));
                let all: usize = spans.iter().map(|span| span.steps).sum();
                assert_eq!(all, rows * steps);
                let chunks: usize = plan.chunks().map(|(_, steps)| steps).sum();
                assert_eq!(chunks, plan.segment_steps);
            }
        }
    }

    #[test]
    fn few_paths_are_cut_to_fill_the_lanes() {
        assert_eq!(plan([1000, 100, 3, 4]).segments, 1);
        assert!(plan([1, 10_000, 4, 4]).spans() >= 64);
        assert!(plan([3, 1000, 4, 4]).spans() >= 15);
        assert_eq!(plan([1, 4, 4, 4]).segments, 1);
    }
}
