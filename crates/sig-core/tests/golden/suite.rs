//! The tests: each check of each case on each engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use burn::tensor::DType;
use libtest_mimic::{Failed, Trial};
use sig_core::signatures::SignatureMethod;

use super::algebra::Algebra;
use super::checks::Check;
use super::exceptions::{self, Exception};
use super::fields::Fields;
use super::kernels::KernelCheck;
use super::{cases, files};
use crate::support::engines::targets;
use crate::support::run::{Engine, engines};

/// All tests, and what they come to.
pub(crate) struct Suite {
    pub(crate) trials: Vec<Trial>,
    engines: Vec<Engine>,
    cases: usize,
    checks: usize,
    skipped: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Suite {
    /// Reads every file and makes the tests.
    pub(crate) fn read() -> Self {
        let read = files::read();
        let mut suite = Self {
            trials: super::format::trials(),
            engines: all_engines(),
            cases: 0,
            checks: 0,
            skipped: BTreeMap::new(),
        };
        for (place, message) in read.problems {
            suite.fail(place, message);
        }
        for raw in &read.cases {
            let place = format!("{}::{}", raw.file, raw.name);
            let fields = Fields(&raw.fields);
            let exception = exceptions::of(&raw.file, &raw.name, fields);
            match exception.and_then(|exception| Ok((exception, cases::read(fields)?))) {
                Err(message) => {
                    let message = format!("{}, case \"{}\": {message}", raw.file, raw.name);
                    suite.fail(place, message);
                }
                Ok((exception, case)) => {
                    let tested = !(case.checks.is_empty() && case.kernels.is_empty());
                    suite.cases += usize::from(tested);
                    for what in case.skipped {
                        suite.skip(&place, what);
                    }
                    for check in case.checks {
                        suite.check(&place, check, exception);
                    }
                    for algebra in case.algebra {
                        suite.algebra(&place, algebra, exception);
                    }
                    for kernel in case.kernels {
                        suite.kernel(&place, kernel, exception);
                    }
                }
            }
        }
        suite
    }

    /// One line: what is tested on what, and what is skipped.
    pub(crate) fn summary(&self) -> String {
        let devices: BTreeSet<_> = self
            .engines
            .iter()
            .map(|engine| format!("{} {:?}", engine.target.name, engine.dtype))
            .collect();
        let devices: Vec<_> = devices.into_iter().collect();
        let skipped = self.skipped.values().map(BTreeSet::len).sum::<usize>();
        let names: Vec<_> = self
            .skipped
            .iter()
            .map(|(what, places)| format!("{what} ({})", places.len()))
            .collect();
        format!(
            "golden: {} checks over {} cases on devices [{}]; skipped {skipped}: {}\n",
            self.checks,
            self.cases,
            devices.join(", "),
            names.join(", "),
        )
    }

    fn check(&mut self, place: &str, check: Check, exception: Exception) {
        let check = Arc::new(check);
        let name = format!("{place}::{}", check.label);
        let on_host = check.clone();
        self.trial(format!("{name}::host"), move || on_host.on_host(exception));
        for engine in self.engines.clone() {
            let check = check.clone();
            self.trial(format!("{name}::{engine}"), move || {
                check.on_engine(&engine, exception)
            });
        }
    }

    /// What no method computes, on each device in f64 and f32.
    fn algebra(&mut self, place: &str, algebra: Algebra, exception: Exception) {
        for target in targets() {
            let full = |dtype: &DType| matches!(dtype, DType::F64 | DType::F32);
            for dtype in target.dtypes().into_iter().filter(full) {
                let (algebra, target) = (algebra.clone(), target.clone());
                let name = format!("{place}::{}::{}::{dtype:?}", algebra.label, target.name);
                self.trial(name, move || algebra.check(&target, dtype, exception));
            }
        }
    }

    /// Signature kernels as each device computes them, and on the first host by tensor operations, too.
    fn kernel(&mut self, place: &str, kernel: KernelCheck, exception: Exception) {
        for (index, target) in targets().into_iter().enumerate() {
            let full = |dtype: &DType| matches!(dtype, DType::F64 | DType::F32);
            for dtype in target.dtypes().into_iter().filter(full) {
                let both = [SignatureMethod::Auto, SignatureMethod::Parallel];
                let portable = index == 0 && target.on_host() && !kernel.is_long;
                for &method in &both[..1 + usize::from(portable)] {
                    let (kernel, target) = (kernel.clone(), target.clone());
                    let name = format!(
                        "{place}::{}::{}::{dtype:?}::{method:?}",
                        kernel.label, target.name
                    );
                    self.trial(name, move || {
                        kernel.check(&target, dtype, method, exception)
                    });
                }
            }
        }
    }

    fn trial(&mut self, name: String, run: impl FnOnce() -> Result<(), String> + Send + 'static) {
        self.checks += 1;
        let run = || run().map_err(Failed::from);
        self.trials.push(Trial::test(name, run));
    }

    fn fail(&mut self, name: String, message: String) {
        let fail = || Err(Failed::from(message));
        self.trials.push(Trial::test(name, fail));
    }

    fn skip(&mut self, place: &str, what: &'static str) {
        self.skipped
            .entry(what)
            .or_default()
            .insert(place.to_owned());
        let name = format!("{place}::{what} (not supported here)");
        let trial = Trial::test(name, || Ok(()));
        self.trials.push(trial.with_ignored_flag(true));
    }
}

fn all_engines() -> Vec<Engine> {
    let mut all = Vec::new();
    for target in targets() {
        for dtype in target.dtypes() {
            all.extend(engines(&target, dtype));
        }
    }
    all
}
