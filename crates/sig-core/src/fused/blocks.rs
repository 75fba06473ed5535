//! Channels cut into blocks whose vectors fit the registers.

/// Calls a function with the width of a block as its const argument.
macro_rules! with_width {
    ($width:expr, $B:ident => $body:expr) => {
        match $width {
            1 => {
                const $B: usize = 1;
                $body
            }
            2 => {
                const $B: usize = 2;
                $body
            }
            3 => {
                const $B: usize = 3;
                $body
            }
            4 => {
                const $B: usize = 4;
                $body
            }
            5 => {
                const $B: usize = 5;
                $body
            }
            6 => {
                const $B: usize = 6;
                $body
            }
            7 => {
                const $B: usize = 7;
                $body
            }
            8 => {
                const $B: usize = 8;
                $body
            }
            _ => unreachable!("blocks have at most 8 channels"),
        }
    };
}
pub(super) use with_width;

/// The widest block for a number of vector registers.
#[inline(always)]
pub(super) const fn widest(registers: usize) -> usize {
    if registers >= 32 { 8 } else { 6 }
}

/// Starts and widths of blocks of nearly the same width that cover `0..channels`.
#[inline(always)]
pub(super) fn blocks(channels: usize, widest: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = channels.div_ceil(widest);
    let (width, wider) = (channels / count, channels % count);
    (0..count).map(move |block| {
        let start = block * width + block.min(wider);
        (start, width + usize::from(block < wider))
    })
}
