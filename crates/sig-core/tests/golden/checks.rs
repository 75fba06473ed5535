//! One thing a case says, checked on one engine or on the host reference.

use burn::tensor::DType;

use super::exceptions::Exception;
use crate::support::compare::{self, Floor, levels};
use crate::support::engines::tolerance;
use crate::support::naive::{Call, Input};
use crate::support::run::Engine;
use crate::support::scale;
use crate::support::tensors::Array;

/// A call and what it must give.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) label: String,
    pub(crate) call: Call,
    pub(crate) expected: Expected,
}

/// What a case says of a call.
#[derive(Clone)]
pub(crate) enum Expected {
    /// All terms.
    Terms(Array),
    /// Of a large signature, parts and sums of it.
    Sampled(Sampled),
    /// The gradient of `Σ cotangent · result` in an input.
    Gradient {
        of: Input,
        cotangent: Array,
        want: Array,
    },
}

/// What is kept of a signature of many terms.
#[derive(Clone)]
pub(crate) struct Sampled {
    /// Euclidean norms of the levels, `[depth, batch]`.
    pub(crate) level_norms: Array,
    pub(crate) index: Vec<usize>,
    /// Terms at `index`, `[batch, index]`.
    pub(crate) value: Array,
    /// `Σ_j S_j cos(0.7 j)`, `[batch]`.
    pub(crate) dot_cos: Array,
}

impl Check {
    /// Checks an engine. Halves, and f32 where the exceptions say so, are compared with the host
    /// reference at the inputs rounded to the dtype, since this rounding alone, which is not the
    /// crate's, moves the result further than the tolerance.
    pub(crate) fn on_engine(&self, engine: &Engine, exception: Exception) -> Result<(), String> {
        let dtype = engine.dtype;
        let rounded = matches!(dtype, DType::F16 | DType::BF16)
            || (dtype == DType::F32 && exception.rounded_inputs);
        let check = if rounded {
            self.at_rounded_inputs(dtype)
        } else {
            self.clone()
        };
        let got = match &check.expected {
            Expected::Gradient { of, cotangent, .. } => {
                engine.gradient(&check.call, *of, cotangent)
            }
            _ => engine.evaluate(&check.call),
        };
        let (floor, tolerance) = (check.floor(dtype, exception), tolerance(dtype));
        if let Expected::Gradient { of, cotangent, .. } = &check.expected
            && let Some(explicit) = engine.backprop(&check.call, *of, cotangent)
        {
            check
                .compare(&explicit, &floor, tolerance)
                .map_err(|problem| format!("without autodiff: {problem}"))?;
        }
        check.compare(&got, &floor, tolerance)
    }

    /// Checks the host reference, which other checks rely on.
    pub(crate) fn on_host(&self, exception: Exception) -> Result<(), String> {
        let got = match &self.expected {
            Expected::Gradient { of, cotangent, .. } => self.call.gradient(*of, cotangent),
            _ => self.call.evaluate(),
        };
        self.compare(
            &got,
            &self.floor(DType::F64, exception),
            tolerance(DType::F64),
        )
    }

    fn floor(&self, dtype: DType, exception: Exception) -> Floor {
        Floor {
            of_pieces: exception.cancels.then(|| scale::of_pieces(&self.call)),
            ..Floor::of_dtype(dtype)
        }
    }

    fn compare(&self, got: &Array, floor: &Floor, tolerance: f64) -> Result<(), String> {
        let channels = self.call.channels();
        match &self.expected {
            Expected::Terms(want) => {
                compare::by_level(got, want, &self.call.levels(), floor, tolerance)
            }
            Expected::Sampled(want) => want.compare(got, channels, floor, tolerance),
            Expected::Gradient { want, .. } => compare::gradients(got, want, floor, tolerance),
        }
    }

    fn at_rounded_inputs(&self, dtype: DType) -> Self {
        let call = self.call.map(|input| input.rounded(dtype));
        let expected = match &self.expected {
            Expected::Gradient { of, cotangent, .. } => {
                let cotangent = cotangent.rounded(dtype);
                let want = call.gradient(*of, &cotangent).rounded(dtype);
                Expected::Gradient {
                    of: *of,
                    cotangent,
                    want,
                }
            }
            Expected::Terms(_) | Expected::Sampled(_) => {
                Expected::Terms(call.evaluate().rounded(dtype))
            }
        };
        let label = self.label.clone();
        Self {
            label,
            call,
            expected,
        }
    }
}

impl Sampled {
    /// Terms are compared relative to the Euclidean norm of their level, which is that of the file;
    /// the sum over all terms relative to the norm of them all.
    fn compare(
        &self,
        got: &Array,
        channels: usize,
        floor: &Floor,
        tolerance: f64,
    ) -> Result<(), String> {
        for row in 0..got.shape[0] {
            let terms = got.row(row).values;
            let mut whole = 0.0;
            for (level, range) in levels(terms.len(), channels) {
                let place = |problem| format!("row {row}, level {level}: {problem}");
                let want = self.level_norms.row(level - 1).values[row];
                let floor = floor.level(row, level);
                let norm = terms[range.clone()]
                    .iter()
                    .map(|x| x * x)
                    .sum::<f64>()
                    .sqrt();
                compare::close(&[norm], &[want], floor, tolerance).map_err(place)?;
                whole += want * want;
                for (&index, &value) in self.index.iter().zip(&self.value.row(row).values) {
                    if range.contains(&index) {
                        compare::close(&[terms[index]], &[value], floor.max(want), tolerance)
                            .map_err(|problem| place(format!("term {index}: {problem}")))?;
                    }
                }
            }
            let dot = terms
                .iter()
                .enumerate()
                .map(|(j, x)| x * (0.7 * j as f64).cos());
            let want = self.dot_cos.values[row];
            compare::close(
                &[dot.sum()],
                &[want],
                floor.smallest.max(whole.sqrt()),
                tolerance,
            )
            .map_err(|problem| format!("sum of row {row}: {problem}"))?;
        }
        Ok(())
    }
}
