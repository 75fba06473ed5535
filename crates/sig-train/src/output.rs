//! Lines on the standard error and results on the standard output. A pipe that nobody reads any more
//! is no error: the training goes on.

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
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<(), Error> {
    let mut output = io::stdout();
    match output
        .write_all(text.as_ref())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != BrokenPipe => Err(Error::io(Path::new("the output"))(error)),
        _ => Ok(()),
    }
}
