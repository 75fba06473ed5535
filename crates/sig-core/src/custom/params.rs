//! What the operations depend on beside tensors, as numbers and back, and the shapes that follow.

use core::ops::Range;

use burn::backend::ir::ScalarIr;
use burn::tensor::Shape;

use super::CustomParams;
use crate::{
    AlgebraParams, PowerSeries, SignatureMethod, SignatureParams, SignatureSpec,
    SignatureWindowsParams,
};

/// The shapes of what a signature is computed from, of it, and of the gradients of both.
pub(super) struct SignatureShapes {
    pub(super) path: Shape,
    pub(super) initial: Shape,
    pub(super) terms: Shape,
}

impl SignatureParams {
    pub(super) fn shapes(self, path: &Shape) -> SignatureShapes {
        let [batch, length, channels] = path.dims();
        assert!(
            length > 1,
            "a path of at least two points is expected, got {length}"
        );
        let terms = SignatureSpec::new(channels, self.depth).terms();
        let initial = Shape::from([batch, terms]);
        SignatureShapes {
            path: path.clone(),
            terms: match self.stream {
                false => initial.clone(),
                true => Shape::from([batch, length - 1, terms]),
            },
            initial,
        }
    }
}

/// Described are fused signatures: the portable ones are chains of primitives, which are described
/// one by one.
impl CustomParams for SignatureParams {
    fn scalars(&self) -> Vec<ScalarIr> {
        vec![
            number(self.depth),
            ScalarIr::Bool(self.stream),
            ScalarIr::Bool(self.inverse),
        ]
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        let [depth, ScalarIr::Bool(stream), ScalarIr::Bool(inverse)] = *scalars else {
            return None;
        };
        Some(Self {
            depth: size(depth)?,
            stream,
            inverse,
            method: SignatureMethod::Fused,
        })
    }
}

/// The shapes of paths and of the signatures of their windows.
pub(super) struct WindowsShapes {
    pub(super) path: Shape,
    pub(super) windows: Shape,
}

impl SignatureWindowsParams {
    pub(super) fn shapes(&self, path: &Shape) -> WindowsShapes {
        let [batch, length, channels] = path.dims();
        for window in &self.windows {
            assert!(
                window.start < window.end && window.end <= length,
                "the window {window:?} is not within a path of {length} points"
            );
        }
        let terms = SignatureSpec::new(channels, self.depth).terms();
        WindowsShapes {
            path: path.clone(),
            windows: Shape::from([batch, self.windows.len(), terms]),
        }
    }
}

/// Fused ones, too: the depth, the inverse, and where each window begins and ends.
impl CustomParams for SignatureWindowsParams {
    fn scalars(&self) -> Vec<ScalarIr> {
        let ends = self
            .windows
            .iter()
            .flat_map(|range| [range.start, range.end]);
        let head = [number(self.depth), ScalarIr::Bool(self.inverse)];
        head.into_iter().chain(ends.map(number)).collect()
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        let [depth, ScalarIr::Bool(inverse), ref ends @ ..] = *scalars else {
            return None;
        };
        let (ends, []) = ends.as_chunks() else {
            return None;
        };
        let range = |&[start, end]: &[ScalarIr; 2]| Some(size(start)?..size(end)?);
        Some(Self {
            depth: size(depth)?,
            inverse,
            method: SignatureMethod::Fused,
            windows: ends
                .iter()
                .map(range)
                .collect::<Option<Vec<Range<usize>>>>()?,
        })
    }
}

/// The shapes of factors and of their product.
pub(super) struct ProductShapes {
    pub(super) a: Shape,
    pub(super) b: Shape,
    pub(super) product: Shape,
}

impl AlgebraParams {
    /// Those of elements, which must have all terms.
    fn element(self, shape: &Shape) -> Shape {
        let [rows, _] = shape.dims();
        Shape::from([rows, SignatureSpec::new(self.channels, self.depth).terms()])
    }

    pub(super) fn shapes(self, a: &Shape) -> ProductShapes {
        let [a, b, product] = [(); 3].map(|()| self.element(a));
        ProductShapes { a, b, product }
    }
}

impl CustomParams for AlgebraParams {
    fn scalars(&self) -> Vec<ScalarIr> {
        [self.channels, self.depth].map(number).to_vec()
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        let [channels, depth] = *scalars else {
            return None;
        };
        Some(Self {
            channels: size(channels)?,
            depth: size(depth)?,
        })
    }
}

/// A power series and the algebra of its elements.
pub(crate) struct Power(pub(crate) PowerSeries, pub(crate) AlgebraParams);

/// The shapes of elements and of their series.
pub(super) struct PowerShapes {
    pub(super) element: Shape,
    pub(super) series: Shape,
}

/// A series is described by its place here.
const SERIES: [PowerSeries; 4] = [
    PowerSeries::Exp,
    PowerSeries::Log,
    PowerSeries::LogAtLyndon,
    PowerSeries::Inverse,
];

impl Power {
    pub(super) fn shapes(&self, element: &Shape) -> PowerShapes {
        let Self(series, params) = self;
        let element = params.element(element);
        PowerShapes {
            series: Shape::from([element[0], series.terms(params.spec())]),
            element,
        }
    }
}

impl CustomParams for Power {
    fn scalars(&self) -> Vec<ScalarIr> {
        let Self(series, params) = self;
        let place = SERIES.iter().position(|other| other == series);
        let place = place.expect("every series is in the list");
        core::iter::once(number(place))
            .chain(params.scalars())
            .collect()
    }

    fn read(scalars: &[ScalarIr]) -> Option<Self> {
        let (&place, params) = scalars.split_first()?;
        let series = SERIES.get(size(place)?)?;
        Some(Self(*series, AlgebraParams::read(params)?))
    }
}

fn number(size: usize) -> ScalarIr {
    ScalarIr::UInt(size as u64)
}

fn size(number: ScalarIr) -> Option<usize> {
    match number {
        ScalarIr::UInt(size) => usize::try_from(size).ok(),
        _ => None,
    }
}
