//! Channels cut into tiles whose vectors fit the registers.

/// Calls a function with the width of a tile, at most `$widest`, as its const argument.
macro_rules! with_width {
    ($width:expr, $widest:expr, $B:ident => $body:expr) => {
        with_width!($width, $widest, $B => $body, 10 9 8 7 6 5 4 3 2)
    };
    ($width:expr, $widest:expr, $B:ident => $body:expr, $($n:literal)*) => {
        match $width {
            $($n if const { $widest >= $n } => {
                const $B: usize = $n;
                $body
            })*
            _ => {
                const $B: usize = 1;
                $body
            }
        }
    };
}
pub(super) use with_width;

/// The widest tile that a function is made for.
pub(super) const WIDEST: usize = 10;

/// Whether a machine has as many registers as AVX-512 and NEON, rather than half as many.
#[inline(always)]
pub(super) const fn are_many(registers: usize) -> bool {
    registers >= 32
}

/// How many rows of a matrix with `width` columns are held in registers at once, beside a vector
/// or more for each row and the operands.
#[inline(always)]
pub(super) const fn rows_at_once(registers: usize, width: usize) -> usize {
    match (are_many(registers), width) {
        (_, ..=3) => width,
        (true, 4..=5) => 4,
        (true, 6..=7) => 3,
        (true, _) => 2,
        (false, 4..=5) => 2,
        (false, _) => 1,
    }
}

/// Starts and widths of tiles of nearly the same width that cover `0..channels`.
#[inline(always)]
pub(super) fn tiles(channels: usize, widest: usize) -> impl Iterator<Item = (usize, usize)> {
    // Mostly there is one, and a division takes as long as some steps of a small tile.
    let (count, width, wider) = match channels.div_ceil(widest) {
        _ if channels <= widest => (1, channels, 0),
        count => (count, channels / count, channels % count),
    };
    (0..count).map(move |tile| {
        let start = tile * width + tile.min(wider);
        (start, width + usize::from(tile < wider))
    })
}
