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
            9 => {
                const $B: usize = 9;
                $body
            }
            10 => {
                const $B: usize = 10;
                $body
            }
            _ => unreachable!("no block is wider than WIDEST"),
        }
    };
}
pub(super) use with_width;

/// Calls a function with the height of a block, at most `$most`, as its const argument.
macro_rules! with_rows {
    ($height:expr, $most:expr, $P:ident => $body:expr) => {
        match $height {
            4 if const { $most >= 4 } => {
                const $P: usize = 4;
                $body
            }
            3 if const { $most >= 3 } => {
                const $P: usize = 3;
                $body
            }
            2 if const { $most >= 2 } => {
                const $P: usize = 2;
                $body
            }
            _ => {
                const $P: usize = 1;
                $body
            }
        }
    };
}
pub(super) use with_rows;

/// The widest block that a function is made for.
pub(super) const WIDEST: usize = 10;

/// How many rows of a matrix with `width` columns are held in registers at once, beside a vector
/// or more for each row and the operands.
#[inline(always)]
pub(super) const fn rows_at_once(registers: usize, width: usize) -> usize {
    match (registers >= 32, width) {
        (_, ..=3) => width,
        (true, 4..=5) => 4,
        (true, 6..=7) => 3,
        (true, _) => 2,
        (false, 4..=6) => 2,
        (false, _) => 1,
    }
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
