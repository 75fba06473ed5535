//! The signature by its definition, on the host: `exp(z_1) ⊗ … ⊗ exp(z_K)` with full products of
//! tensor series. It shares no formula with the crate, which multiplies in Horner form.

use std::ops::Range;

use sig_core::logsignatures::{LogSignatureBasis, logsignature_channels};
use sig_core::signatures::SignatureSpec;
use sig_core::windows::Windows;

use super::compare;
use super::dual::{Dual, Number, gradient};
use super::lie;
use super::tensors::Array;
use super::transform::Transform;

/// Levels `0..=depth` of a tensor series, level `k` with `d^k` terms in C order.
pub(super) type Series<T> = Vec<Vec<T>>;

/// One call: a batch of paths and the options of the crate.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) depth: usize,
    /// `[batch, length, channels]`.
    pub(crate) path: Array,
    /// `[batch, channels]`.
    pub(crate) basepoint: Option<Array>,
    /// `[batch, terms]`, with a scalar term in front if `scalar_term`.
    pub(crate) initial: Option<Array>,
    pub(crate) inverse: bool,
    pub(crate) scalar_term: bool,
    pub(crate) stream: bool,
    /// What is done to the paths first.
    pub(crate) transform: Transform,
    /// The result is that of windows of the path.
    pub(crate) windows: Option<Windows>,
    /// The result is the log-signature in a basis.
    pub(crate) log: Option<LogSignatureBasis>,
}

/// The tensors of a call that have gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Path,
    Basepoint,
    Initial,
}

impl Call {
    /// The plain signature.
    pub(crate) fn new(path: Array, depth: usize) -> Self {
        Self {
            depth,
            path,
            basepoint: None,
            initial: None,
            inverse: false,
            scalar_term: false,
            stream: false,
            transform: Transform::default(),
            windows: None,
            log: None,
        }
    }

    /// Channels of the path that the signature is taken of.
    pub(crate) fn channels(&self) -> usize {
        self.transform.channels(self.path.shape[2])
    }

    /// The levels of the result, counted from 1, without a scalar term.
    pub(crate) fn levels(&self) -> Vec<(usize, Range<usize>)> {
        let spec = SignatureSpec::new(self.channels(), self.depth);
        match self.log {
            Some(basis) if basis != LogSignatureBasis::Expand => {
                let count = |depth| logsignature_channels(self.channels(), depth);
                let start = |level| if level == 1 { 0 } else { count(level - 1) };
                let level = |level| (level, start(level)..count(level));
                (1..=self.depth).map(level).collect()
            }
            _ => compare::levels(spec.terms(), self.channels()),
        }
    }

    /// The same call with every input changed.
    pub(crate) fn map(&self, change: impl Fn(&Array) -> Array) -> Self {
        Self {
            path: change(&self.path),
            basepoint: self.basepoint.as_ref().map(&change),
            initial: self.initial.as_ref().map(&change),
            ..self.clone()
        }
    }

    pub(crate) fn input(&self, input: Input) -> &Array {
        match input {
            Input::Path => Some(&self.path),
            Input::Basepoint => self.basepoint.as_ref(),
            Input::Initial => self.initial.as_ref(),
        }
        .expect("the call has this input")
    }

    /// The same call with another input.
    pub(crate) fn with_input(&self, input: Input, value: Array) -> Self {
        let mut call = self.clone();
        match input {
            Input::Path => call.path = value,
            Input::Basepoint => call.basepoint = Some(value),
            Input::Initial => call.initial = Some(value),
        }
        call
    }

    /// The result, `[batch, terms]` or `[batch, steps, terms]`.
    pub(crate) fn evaluate(&self) -> Array {
        let rows = (0..self.path.shape[0]).flat_map(|row| {
            let part = |array: &Array| array.row(row).values;
            let basepoint = self.basepoint.as_ref().map(part);
            let initial = self.initial.as_ref().map(part);
            self.row(&part(&self.path), basepoint.as_deref(), initial.as_deref())
        });
        Array::new(self.output_shape(), rows.collect())
    }

    /// The gradient of `Σ cotangent · result` in one input.
    pub(crate) fn gradient(&self, of: Input, cotangent: &Array) -> Array {
        let dual = |values: Vec<f64>| values.into_iter().map(Dual::from).collect::<Vec<_>>();
        let rows = (0..self.path.shape[0]).flat_map(|row| {
            let part = |array: &Array| array.row(row).values;
            let path = dual(part(&self.path));
            let basepoint = self.basepoint.as_ref().map(part).map(dual);
            let initial = self.initial.as_ref().map(part).map(dual);
            let inputs = part(self.input(of));
            gradient(&inputs, &part(cotangent), |x| match of {
                Input::Path => self.row(x, basepoint.as_deref(), initial.as_deref()),
                Input::Basepoint => self.row(&path, Some(x), initial.as_deref()),
                Input::Initial => self.row(&path, basepoint.as_deref(), Some(x)),
            })
        });
        Array::new(self.input(of).shape.clone(), rows.collect())
    }

    pub(crate) fn output_shape(&self) -> Vec<usize> {
        let [batch, length, _] = self.path.shape[..] else {
            panic!("a path has 3 axes")
        };
        let length = self.transform.length(length);
        let steps = length - usize::from(self.basepoint.is_none());
        let levels = self.levels();
        let terms = levels[levels.len() - 1].1.end + usize::from(self.scalar_term);
        match (&self.windows, self.stream) {
            (Some(windows), _) => vec![batch, windows.ranges(length).len(), terms],
            (None, true) => vec![batch, steps, terms],
            (None, false) => vec![batch, terms],
        }
    }

    /// One row of the batch, its path `[length · channels]`.
    fn row<T: Number>(&self, path: &[T], basepoint: Option<&[T]>, initial: Option<&[T]>) -> Vec<T> {
        let path = self.transform.apply(path, self.path.shape[2]);
        let d = self.channels();
        let points: Vec<&[T]> = basepoint.into_iter().chain(path.chunks(d)).collect();
        match &self.windows {
            None => self.signature(&points, initial),
            Some(windows) => {
                let ranges = windows.ranges(points.len()).into_iter();
                let window = |range: Range<usize>| self.signature(&points[range], initial);
                ranges.flat_map(window).collect()
            }
        }
    }

    /// The result for points of one row.
    fn signature<T: Number>(&self, points: &[&[T]], initial: Option<&[T]>) -> Vec<T> {
        let d = self.channels();
        let scalar = usize::from(self.scalar_term);
        let mut state = match initial {
            Some(terms) => series(&terms[scalar..], d, self.depth),
            None => exp(&vec![T::from(0.0); d], self.depth),
        };
        let mut prefixes = Vec::new();
        for pair in points.windows(2) {
            let z = pair[1]
                .iter()
                .zip(pair[0])
                .map(|(&b, &a)| match self.inverse {
                    false => b - a,
                    true => a - b,
                });
            let step = exp(&z.collect::<Vec<_>>(), self.depth);
            state = match self.inverse {
                false => product(&state, &step),
                true => product(&step, &state),
            };
            if self.stream {
                prefixes.extend(self.result(&state));
            }
        }
        match self.stream {
            true => prefixes,
            false => self.result(&state),
        }
    }

    fn result<T: Number>(&self, signature: &Series<T>) -> Vec<T> {
        match self.log {
            Some(basis) => lie::coordinates(&log(signature), self.channels(), basis),
            None => signature[1 - usize::from(self.scalar_term)..].concat(),
        }
    }
}

/// `S ⊗ T` of signatures `[batch, terms]`, row by row.
pub(crate) fn multiply(a: &Array, b: &Array, channels: usize, depth: usize) -> Array {
    let rows = (0..a.shape[0]).flat_map(|row| {
        let series = |array: &Array| series(&array.row(row).values, channels, depth);
        product(&series(a), &series(b))[1..].concat()
    });
    Array::new(a.shape.clone(), rows.collect())
}

/// `1, z, z⊗z/2, …`
fn exp<T: Number>(z: &[T], depth: usize) -> Series<T> {
    let mut levels = vec![vec![T::from(1.0)]];
    for k in 1..=depth {
        let factor = T::from(1.0 / k as f64);
        let below = &levels[k - 1];
        let level = below
            .iter()
            .flat_map(|&a| z.iter().map(move |&b| a * b * factor));
        levels.push(level.collect());
    }
    levels
}

/// `x − x²/2 + x³/3 − …` of a series `1 + x`, with full products.
fn log<T: Number>(series: &Series<T>) -> Series<T> {
    let mut x = series.clone();
    x[0][0] = T::from(0.0);
    let (mut power, mut sum) = (x.clone(), x.clone());
    for n in 2..x.len() {
        power = product(&power, &x);
        let factor = T::from(if n % 2 == 1 { 1.0 } else { -1.0 } / n as f64);
        for (sum, power) in sum.iter_mut().flatten().zip(power.iter().flatten()) {
            *sum = *sum + *power * factor;
        }
    }
    sum
}

/// `(a ⊗ b)_k = Σ_i a_i ⊗ b_{k−i}`.
pub(super) fn product<T: Number>(a: &Series<T>, b: &Series<T>) -> Series<T> {
    let level = |k: usize| {
        let mut sum = vec![T::from(0.0); a[k].len()];
        for i in 0..=k {
            let right = &b[k - i];
            for (out, &left) in sum.chunks_mut(right.len()).zip(&a[i]) {
                for (out, &right) in out.iter_mut().zip(right) {
                    *out = *out + left * right;
                }
            }
        }
        sum
    };
    (0..a.len()).map(level).collect()
}

/// Terms of levels `1..=depth` with the scalar 1 in front.
fn series<T: Number>(terms: &[T], channels: usize, depth: usize) -> Series<T> {
    let mut levels = vec![vec![T::from(1.0)]];
    let mut start = 0;
    for k in 1..=depth {
        let end = start + channels.pow(k as u32);
        levels.push(terms[start..end].to_vec());
        start = end;
    }
    levels
}
