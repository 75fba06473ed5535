use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;

use super::Operation;
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
#[cfg(feature = "host-backend")]
use crate::fused::PowerSeriesCall;
use crate::ops::SignatureOps;
use crate::{SignatureSpec, logsignature_channels, portable};

/// A power series without constant term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PowerSeries {
    /// `exp(x) − 1 = Σ x^n / n!`
    Exp,
    /// `log(1 + x) = Σ (−1)^{n+1} x^n / n`
    Log,
    /// [`Log`](Self::Log) at the Lyndon words alone.
    LogAtLyndon,
    /// `(1 + x)⁻¹ − 1 = Σ (−x)^n`
    Inverse,
}

impl PowerSeries {
    /// All of them: one is described by its place here.
    const ALL: [Self; 4] = [Self::Exp, Self::Log, Self::LogAtLyndon, Self::Inverse];

    /// Columns of the result.
    pub fn columns(self, spec: SignatureSpec) -> usize {
        match self {
            Self::LogAtLyndon => logsignature_channels(spec.channels(), spec.depth()),
            Self::Exp | Self::Log | Self::Inverse => spec.terms(),
        }
    }

    /// The factor of the `n`-th power.
    pub fn coefficient(self, n: usize) -> f64 {
        let sign = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
        match self {
            Self::Exp => 1.0 / (1..=n).map(|i| i as f64).product::<f64>(),
            Self::Log | Self::LogAtLyndon => -sign / n as f64,
            Self::Inverse => sign,
        }
    }
}

/// A power series of elements `[rows, terms]` of the truncated tensor algebra without scalar term:
/// `[rows, terms]`, or as many columns as there are Lyndon words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TensorSeries {
    /// The series.
    pub series: PowerSeries,
    /// Channels and depth of the algebra.
    pub spec: SignatureSpec,
}

impl Operation<1> for TensorSeries {
    const IDS: [&'static str; 2] = ["sig::power_series@1", "sig::power_series_backward@1"];

    fn numbers(&self) -> Vec<usize> {
        let place = PowerSeries::ALL.iter().position(|&one| one == self.series);
        let place = place.expect("every series is in the list");
        vec![place, self.spec.channels(), self.spec.depth()]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [place, channels, depth] = *numbers else {
            return None;
        };
        Some(Self {
            series: *PowerSeries::ALL.get(place)?,
            spec: SignatureSpec::try_new(channels, depth).ok()?,
        })
    }

    fn inputs(&self, element: &Shape) -> [Shape; 1] {
        let [rows, _] = element.dims();
        [Shape::from([rows, self.spec.terms()])]
    }

    fn output(&self, element: &Shape) -> Shape {
        let [rows, _] = element.dims();
        Shape::from([rows, self.series.columns(self.spec)])
    }

    fn portable<B: SignatureOps>(&self, [element]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        portable::power_series::<B>(element, self.series, self.spec)
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        [element]: [HostTensor<'_, T>; 1],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        Some((self.call(element).values(), None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        [element]: [HostTensor<'_, T>; 1],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 1]> {
        Some([self.call(element).gradient(output)])
    }
}

#[cfg(feature = "host-backend")]
impl TensorSeries {
    fn call<'a, T>(&self, element: HostTensor<'a, T>) -> PowerSeriesCall<'a, T> {
        PowerSeriesCall {
            channels: self.spec.channels(),
            depth: self.spec.depth(),
            series: self.series,
            x: element.numbers,
        }
    }
}
