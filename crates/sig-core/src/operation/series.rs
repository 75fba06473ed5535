use burn::backend::tensor::FloatTensor;
use burn::tensor::Shape;

use super::Operation;
#[cfg(feature = "host-backend")]
use sig_kernels::cpu::Power;

#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::SignatureOps;
use crate::{PowerSeries, SignatureSpec, portable};

/// All of the series: one is described by its place here.
const ALL: [PowerSeries; 4] = [
    PowerSeries::Exp,
    PowerSeries::Log,
    PowerSeries::LogAtLyndon,
    PowerSeries::Inverse,
];

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
        let place = ALL.iter().position(|&one| one == self.series);
        let place = place.expect("every series is in the list");
        vec![place, self.spec.channels(), self.spec.depth()]
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let [place, channels, depth] = *numbers else {
            return None;
        };
        Some(Self {
            series: *ALL.get(place)?,
            spec: SignatureSpec::try_new(channels, depth).ok()?,
        })
    }

    fn inputs(&self, element: &Shape) -> [Shape; 1] {
        let [rows, _] = element.dims();
        [Shape::from([rows, self.spec.terms()])]
    }

    fn output(&self, element: &Shape) -> Shape {
        let [rows, _] = element.dims();
        Shape::from([rows, self.series.terms(self.spec)])
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
    fn call<'a, T>(&self, element: HostTensor<'a, T>) -> Power<'a, T> {
        Power {
            spec: self.spec,
            series: self.series,
            element: element.numbers,
        }
    }
}
