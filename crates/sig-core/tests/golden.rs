//! Golden values: every JSON file of the workspace's `testdata`, and of the folder that
//! `SIG_TESTDATA` names, through every method, backend compiled in and dtype, values and gradients.
//!
//! The format of the files is described in `testdata/README.md`. A case becomes one test for each
//! thing it says and each engine, named `file::case::check::device::dtype::method`, beside one for
//! the host reference of these tests; what is not supported yet is listed as ignored.
//! Comparisons are defined in `support/compare.rs`, exceptions from them in
//! `golden/exceptions.rs`.

mod golden {
    pub(crate) mod algebra;
    pub(crate) mod cases;
    pub(crate) mod checks;
    mod chen;
    pub(crate) mod exceptions;
    pub(crate) mod fields;
    pub(crate) mod files;
    pub(crate) mod format;
    pub(crate) mod kernels;
    mod logarithms;
    mod rotations;
    pub(crate) mod suite;
    mod transforms;
}
mod support;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let suite = golden::suite::Suite::read();
    let summary = suite.summary();
    let conclusion = libtest_mimic::run(&arguments, suite.trials);
    if !arguments.list {
        println!("{summary}");
    }
    conclusion.exit_code()
}
