//! Signatures of windows of paths, gathered into batches.

use burn::backend::{TensorMetadata, tensor::FloatTensor};
use burn::tensor::{IndexingUpdateOp, Shape};
use sig_kernels::similar_windows;

use super::{concatenate, indices, select};
use crate::{SignatureOps, SignatureParams, SignatureWindowsParams};

/// The signatures of windows, `[batch, windows, terms]`: those of a similar length at a time, padded to
/// the longest of their group by resting at their last point.
pub(crate) fn signature_windows<B: SignatureOps>(
    path: FloatTensor<B>,
    params: SignatureWindowsParams,
) -> FloatTensor<B> {
    let batch = path.shape()[0];
    let groups = similar_windows(&params.windows);
    let of_group = |windows: &Vec<usize>| {
        let (parts, _) = gathered::<B>(path.clone(), windows, &params);
        let signatures = B::signature(parts, of_part(&params));
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

/// The gradient of the paths, from that of the signatures of their windows.
pub(crate) fn signature_windows_gradient<B: SignatureOps>(
    path: FloatTensor<B>,
    output: FloatTensor<B>,
    params: SignatureWindowsParams,
) -> FloatTensor<B> {
    let (shape, dtype, device) = (path.shape(), path.dtype(), path.device());
    let [batch, _, channels] = shape.dims();
    let mut gradient = B::float_zeros(shape, &device, dtype.into());
    for windows in similar_windows(&params.windows) {
        let (parts, points) = gathered::<B>(path.clone(), &windows, &params);
        let output = select::<B>(output.clone(), 1, &windows);
        let terms = output.shape()[2];
        let output = B::float_reshape(output, Shape::from([batch * windows.len(), terms]));
        let parts = B::signature_backward(parts, output, of_part(&params));
        let parts = B::float_reshape(parts, Shape::from([batch, points.len(), channels]));
        let points = indices::<B>(&points, &device);
        gradient = B::float_select_assign(gradient, 1, points, parts, IndexingUpdateOp::Add);
    }
    gradient
}

fn of_part(params: &SignatureWindowsParams) -> SignatureParams {
    SignatureParams {
        depth: params.depth,
        stream: false,
        inverse: params.inverse,
        method: params.method,
    }
}

/// The points of some windows, `[batch · windows, longest, channels]`, and where they are in the path.
fn gathered<B: SignatureOps>(
    path: FloatTensor<B>,
    windows: &[usize],
    params: &SignatureWindowsParams,
) -> (FloatTensor<B>, Vec<usize>) {
    let [batch, _, channels] = path.shape().dims();
    let ranges = || windows.iter().map(|&window| &params.windows[window]);
    // Of a point alone, a path that rests there.
    let longest = ranges().map(ExactSizeIterator::len).fold(2, usize::max);
    let points = ranges()
        .flat_map(|range| (range.start..range.start + longest).map(|t| t.min(range.end - 1)));
    let points: Vec<usize> = points.collect();
    let parts = select::<B>(path, 1, &points);
    let shape = Shape::from([batch * windows.len(), longest, channels]);
    (B::float_reshape(parts, shape), points)
}
