use core::ops::Range;

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{IndexingUpdateOp, Shape};
#[cfg(feature = "host-backend")]
use sig_kernels::cpu;
use sig_kernels::similar_windows;

use super::{Operation, Signature};
#[cfg(feature = "host-backend")]
use crate::backends::host::{HostNumber, HostTensor};
use crate::ops::{SignatureOps, Tensors};
use crate::portable::{concatenate, indices, select};
use crate::{SignatureMethod, SignatureSpec};

/// The signatures of windows of paths `[batch, length, channels]`: `[batch, windows, terms]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureWindows {
    /// The last level kept, at least 1.
    pub depth: usize,
    /// A method, with [`SignatureMethod::Auto`] resolved.
    pub method: SignatureMethod,
    /// At least one; each has at least one point and is within the path.
    pub windows: Vec<Range<usize>>,
}

impl Operation<1> for SignatureWindows {
    const IDS: [&'static str; 2] = [
        "sig::signature_windows@2",
        "sig::signature_windows_backward@2",
    ];

    /// The depth, then where each window begins and ends.
    fn numbers(&self) -> Vec<usize> {
        let ends = self
            .windows
            .iter()
            .flat_map(|range| [range.start, range.end]);
        core::iter::once(self.depth).chain(ends).collect()
    }

    fn read(numbers: &[usize]) -> Option<Self> {
        let (&depth, ends) = numbers.split_first()?;
        let (ends, []) = ends.as_chunks() else {
            return None;
        };
        Some(Self {
            depth,
            method: SignatureMethod::Fused,
            windows: ends.iter().map(|&[start, end]| start..end).collect(),
        })
    }

    fn inputs(&self, path: &Shape) -> [Shape; 1] {
        [path.clone()]
    }

    fn output(&self, path: &Shape) -> Shape {
        let [batch, length, channels] = path.dims();
        for window in &self.windows {
            assert!(
                window.start < window.end && window.end <= length,
                "the window {window:?} is not within a path of {length} points"
            );
        }
        let terms = SignatureSpec::new(channels, self.depth).terms();
        Shape::from([batch, self.windows.len(), terms])
    }

    fn is_chain(&self) -> bool {
        self.method != SignatureMethod::Fused
    }

    /// Windows of a similar length at a time, padded to the longest of their group by resting at their
    /// last point.
    fn portable<B: SignatureOps>(&self, [path]: [FloatTensor<B>; 1]) -> FloatTensor<B> {
        let batch = path.shape()[0];
        let groups = similar_windows(&self.windows);
        let of_group = |windows: &Vec<usize>| {
            let (parts, _) = self.gathered::<B>(path.clone(), windows);
            let signatures = B::forward(self.of_part(), Tensors::new([parts]));
            let terms = signatures.shape()[1];
            B::float_reshape(signatures, Shape::from([batch, windows.len(), terms]))
        };
        let signatures = concatenate::<B>(groups.iter().map(of_group).collect(), 1);
        if groups.len() == 1 {
            return signatures;
        }
        let mut order: Vec<(usize, usize)> = groups.into_iter().flatten().zip(0..).collect();
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, found)| found).collect();
        select::<B>(signatures, 1, &order)
    }

    fn portable_gradients<B: SignatureOps>(
        &self,
        [path]: [FloatTensor<B>; 1],
        output: FloatTensor<B>,
    ) -> [FloatTensor<B>; 1] {
        let (shape, dtype, device) = (path.shape(), path.dtype(), path.device());
        let [batch, _, channels] = shape.dims();
        let mut gradient = B::float_zeros(shape, &device, dtype.into());
        for windows in similar_windows(&self.windows) {
            let (parts, points) = self.gathered::<B>(path.clone(), &windows);
            let output = select::<B>(output.clone(), 1, &windows);
            let terms = output.shape()[2];
            let output = B::float_reshape(output, Shape::from([batch * windows.len(), terms]));
            let [parts] = B::backward(self.of_part(), Tensors::new([parts]), output).array();
            let parts = B::float_reshape(parts, Shape::from([batch, points.len(), channels]));
            let points = indices::<B>(&points, &device);
            gradient = B::float_select_assign(gradient, 1, points, parts, IndexingUpdateOp::Add);
        }
        [gradient]
    }

    #[cfg(feature = "host-backend")]
    fn host<T: HostNumber>(
        &self,
        [path]: [HostTensor<'_, T>; 1],
        _keeps: bool,
    ) -> Option<(Vec<T>, Option<Vec<T>>)> {
        let values = self.call(path)?.values();
        Some((values, None))
    }

    #[cfg(feature = "host-backend")]
    fn host_gradients<T: HostNumber>(
        &self,
        [path]: [HostTensor<'_, T>; 1],
        output: &[T],
        _kept: Option<&[T]>,
    ) -> Option<[Vec<T>; 1]> {
        let gradient = self.call(path)?.gradient(output);
        Some([gradient])
    }
}

impl SignatureWindows {
    fn of_part(&self) -> Signature {
        Signature {
            depth: self.depth,
            stream: false,
            method: self.method,
        }
    }

    /// The points of some windows, `[batch · windows, longest, channels]`, and where they are in the
    /// path.
    fn gathered<B: SignatureOps>(
        &self,
        path: FloatTensor<B>,
        windows: &[usize],
    ) -> (FloatTensor<B>, Vec<usize>) {
        let [batch, _, channels] = path.shape().dims();
        let ranges = || windows.iter().map(|&window| &self.windows[window]);
        // Of a point alone, a path that rests there.
        let longest = ranges().map(ExactSizeIterator::len).fold(2, usize::max);
        let points = ranges()
            .flat_map(|range| (range.start..range.start + longest).map(|t| t.min(range.end - 1)));
        let points: Vec<usize> = points.collect();
        let parts = select::<B>(path, 1, &points);
        let shape = Shape::from([batch * windows.len(), longest, channels]);
        (B::float_reshape(parts, shape), points)
    }

    #[cfg(feature = "host-backend")]
    fn call<'a, T>(&'a self, path: HostTensor<'a, T>) -> Option<cpu::Windows<'a, T>> {
        let [rows, length, channels] = path.shape.dims();
        self.of_part()
            .has_kernels(crate::method::fits_host, path.shape)
            .then(|| cpu::Windows {
                spec: SignatureSpec::new(channels, self.depth),
                paths: path.numbers,
                rows,
                length,
                windows: &self.windows,
            })
    }
}
