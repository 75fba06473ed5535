//! What is told on the standard output and error. Whoever reads them may have read enough, so a pipe
//! that nobody reads any more ends no training.

use std::io::{self, ErrorKind::BrokenPipe, Write};
use std::path::Path;

use crate::Error;

/// Tells a line on the standard error, as `eprintln!` does.
macro_rules! tell {
    ($($part:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), $($part)*);
    }};
}

/// Writes a result to the standard output.
pub(crate) fn print(text: &[u8]) -> Result<(), Error> {
    let mut output = io::stdout();
    match output.write_all(text).and_then(|()| output.flush()) {
        Err(error) if error.kind() != BrokenPipe => Err(Error::io(Path::new("the output"))(error)),
        _ => Ok(()),
    }
}
