//! The golden values in f16 on devices whose tensors are in f16 unless they say otherwise. What a
//! device is set to holds for the whole process, so that this is a test of its own.

mod golden {
    pub(crate) mod algebra;
    pub(crate) mod cases;
    pub(crate) mod checks;
    mod chen;
    pub(crate) mod exceptions;
    pub(crate) mod fields;
    pub(crate) mod files;
    pub(crate) mod format;
    mod kernels;
    mod logarithms;
    mod rotations;
    pub(crate) mod suite;
    mod transforms;
}
mod support;

use std::process::ExitCode;

use burn::tensor::{DType, FloatDType};
use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    for mut target in support::engines::targets() {
        if target.device.supports_dtype(DType::F16) {
            let configured = target.device.configure(FloatDType::F16);
            configured.expect("nothing has been computed before");
        }
    }
    let mut suite = golden::suite::Suite::read();
    suite
        .trials
        .retain(|trial| trial.name().contains("::F16::"));
    if !arguments.list {
        println!("{}", suite.summary());
    }
    libtest_mimic::run(&arguments, suite.trials).exit_code()
}
