//! Which blocks make up an interval.

use core::ops::Range;

use super::BLOCK;

/// How an interval is put together.
pub(crate) struct Cover {
    /// Points before the first block, the last of them where it starts.
    pub(crate) before: Range<usize>,
    /// Of each level, the block on the way up and that on the way down.
    pub(crate) blocks: Vec<[Option<usize>; 2]>,
    /// Points after the last block, the first of them where it ends.
    pub(crate) after: Range<usize>,
}

impl Cover {
    pub(crate) fn of(interval: &Range<usize>, levels: usize) -> Self {
        let (start, end) = (interval.start, interval.end - 1);
        let mut blocks = vec![[None; 2]; levels];
        let (mut first, mut last) = (start.div_ceil(BLOCK), end / BLOCK);
        if first >= last {
            return Self {
                before: interval.clone(),
                blocks,
                after: end..end + 1,
            };
        }
        let cover = (start..first * BLOCK + 1, last * BLOCK..end + 1);
        for level in &mut blocks {
            if first < last && !first.is_multiple_of(2) {
                level[0] = Some(first);
                first += 1;
            }
            if first < last && !last.is_multiple_of(2) {
                last -= 1;
                level[1] = Some(last);
            }
            (first, last) = (first / 2, last / 2);
        }
        Self {
            before: cover.0,
            blocks,
            after: cover.1,
        }
    }
}
