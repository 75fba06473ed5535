//! Batches of paths, of one length or of different ones.

use burn::tensor::Tensor;

use super::SignatureKernelOptions;
use super::compute::pair;
use crate::devices::assert_enabled;
use crate::transforms::{PathTransform, check_lengths, select_points};

/// A batch of paths `[batch, length, channels]`: a tensor, or with [`ragged`](Self::ragged) paths of
/// different lengths that were padded to one.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::signature_kernels::{Paths, SignatureKernelOptions, signature_kernel_gram};
///
/// let device = Device::flex();
/// let padded = [[[0.], [1.], [3.]], [[0.], [2.], [f32::NAN]]];
/// let x = Paths::ragged(Tensor::<3>::from_floats(padded, &device), &[3, 2]);
/// let y = Tensor::<3>::from_floats([[[0.], [1.]]], &device);
/// let gram = signature_kernel_gram(x, y, &SignatureKernelOptions::new());
/// assert!(gram.into_data().iter::<f32>().all(f32::is_finite));
/// ```
#[derive(Clone, Debug)]
pub struct Paths {
    points: Tensor<3>,
    lengths: Option<Vec<usize>>,
}

impl From<Tensor<3>> for Paths {
    fn from(points: Tensor<3>) -> Self {
        Self {
            points,
            lengths: None,
        }
    }
}

impl Paths {
    /// Paths of different lengths. Each row has the kernels and gradients it has alone, whatever the
    /// padding holds, NaN included.
    ///
    /// # Arguments
    ///
    /// - `points`: padded paths; values after the last point of a row are ignored.
    /// - `lengths`: how many points each row has, from 1 to `length`.
    ///
    /// # Shapes
    ///
    /// - points: `[batch, length, channels]`
    ///
    /// # Panics
    ///
    /// If there are not as many lengths as rows, or one is 0 or exceeds the length of the paths.
    #[doc(alias = "padding")]
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn ragged(points: Tensor<3>, lengths: &[usize]) -> Self {
        check_lengths("Paths::ragged", &points, lengths);
        Self {
            points,
            lengths: Some(lengths.to_vec()),
        }
    }

    /// The number of paths.
    pub(super) fn count(&self) -> usize {
        self.points.dims()[0]
    }

    /// Without a part in any gradient.
    pub(super) fn detach(self) -> Self {
        Self {
            points: self.points.detach(),
            ..self
        }
    }

    /// The paths of both after the transforms, the shorter ones resting at their first point.
    #[track_caller]
    pub(super) fn pooled(
        self,
        other: Self,
        options: &SignatureKernelOptions,
        operation: &str,
    ) -> Tensor<3> {
        let both = pair(operation, self, other, options, Rest::First);
        let length = both[0].dims()[1].max(both[1].dims()[1]);
        let padded = both.map(|paths| match paths.dims()[1] {
            points if points == length => paths,
            points => resting_first(paths, length, |_| points),
        });
        Tensor::cat(padded.into(), 0)
    }

    /// The number of channels before the transforms.
    pub(super) fn channels(&self) -> usize {
        self.points.dims()[2]
    }

    /// The paths after the transforms.
    #[track_caller]
    pub(super) fn prepared(
        self,
        operation: &str,
        name: &str,
        transforms: &[PathTransform],
        rest: Rest,
    ) -> Tensor<3> {
        assert_enabled(operation, &self.points.device());
        let [batch, length, channels] = self.points.dims();
        assert!(
            length > 0 && channels > 0,
            "{operation}: {name} needs at least 1 point and 1 channel, got \
             [batch, length, channels] = [{batch}, {length}, {channels}]"
        );
        match self.lengths {
            None => PathTransform::forward_all(transforms, self.points),
            Some(lengths) => {
                let (paths, lengths) =
                    PathTransform::forward_all_ragged(transforms, self.points, &lengths);
                match rest {
                    Rest::Last => paths,
                    Rest::First => {
                        let length = paths.dims()[1];
                        resting_first(paths, length, |row| lengths[row])
                    }
                }
            }
        }
    }
}

/// Where paths of a batch that are shorter than others rest.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    /// At the first point, where a series of any order has nothing to cut off: each path has the kernel
    /// that it has alone.
    First,
    /// At the last point, so that the prefixes of all paths begin at the same place.
    Last,
}

/// Paths of `length` points: each row stays at its first point until its first `points(row)` points
/// fill the rest.
pub(super) fn resting_first(
    paths: Tensor<3>,
    length: usize,
    points: impl Fn(usize) -> usize,
) -> Tensor<3> {
    select_points(paths, length, |row, t| {
        (t + points(row)).saturating_sub(length)
    })
}
