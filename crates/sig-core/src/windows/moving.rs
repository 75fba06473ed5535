//! The signature of a window that moves along a batch of paths.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::algebra::{segment_signature, signature_append, signature_combine};
use crate::signatures::{SignatureOptions, SignatureSpec, signature_stream_with};

/// The signatures of a batch of paths that grow at their ends and are forgotten at their starts, on
/// tensors: on any device, and differentiable in every point.
///
/// A point that comes in is one [`signature_append`], the signature one [`signature_combine`]. Points
/// that go out are paid for together, by one
/// [`signature_stream`](crate::signatures::signature_stream) of the points within, which serves until
/// as many have gone. Nothing is divided by the signature of what was forgotten, so the error does not
/// grow with the age of the stream. For a single path in the memory of this process
/// [`SignatureQueue`](crate::streaming::SignatureQueue) is faster.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::windows::MovingWindow;
///
/// let device = Device::flex();
/// let mut window = MovingWindow::new(2);
/// for point in [[9., 9.], [0., 0.], [1., 0.], [1., 1.]] {
///     window.push(Tensor::from_floats([point], &device));
/// }
/// window.pop_front();
/// let terms = window.signature().expect("three points").into_data();
/// assert_eq!(terms.try_to_vec::<f32>().unwrap(), [1., 1., 0.5, 1., 0., 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct MovingWindow {
    depth: usize,
    points: VecDeque<Tensor<2>>,
    /// The signatures from each point before the middle to the middle, that of the first one last.
    front: Vec<Tensor<2>>,
    /// The signature from the middle to the end; none of a single point.
    back: Option<Tensor<2>>,
}

impl MovingWindow {
    /// A window without points.
    ///
    /// # Panics
    ///
    /// If `depth` is 0.
    #[track_caller]
    pub fn new(depth: usize) -> Self {
        assert!(
            depth > 0,
            "MovingWindow: the depth must be at least 1, got 0"
        );
        Self {
            depth,
            points: VecDeque::new(),
            front: Vec::new(),
            back: None,
        }
    }

    /// The number of points of each path within.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there are no points within.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The first point of each path within, `[batch, channels]`, which
    /// [`pop_front`](Self::pop_front) would forget.
    pub fn front(&self) -> Option<&Tensor<2>> {
        self.points.front()
    }

    /// Adds a point at the end of each path.
    ///
    /// # Shapes
    ///
    /// - point: `[batch, channels]`
    ///
    /// # Panics
    ///
    /// If the shape or the dtype is not that of the points within, or there are no channels.
    #[track_caller]
    pub fn push(&mut self, point: Tensor<2>) {
        let dims = point.dims();
        SignatureSpec::new_for("MovingWindow::push", dims[1], self.depth);
        if let Some(last) = self.points.back() {
            assert!(
                last.dims() == dims && last.dtype() == point.dtype(),
                "MovingWindow::push: a point must be {:?} (batch, channels) in {:?}, got {dims:?} in \
                 {:?}",
                last.dims(),
                last.dtype(),
                point.dtype()
            );
            let increment = point.clone() - last.clone();
            self.back = Some(match self.back.take() {
                Some(back) => signature_append(back, increment, self.depth),
                None => segment_signature(increment, self.depth),
            });
        }
        self.points.push_back(point);
    }

    /// Forgets the first point of each path, and returns it, `[batch, channels]`.
    pub fn pop_front(&mut self) -> Option<Tensor<2>> {
        if self.front.is_empty() && self.len() > 1 {
            // Backwards in time, the inverses of the signatures of what was passed are those of the
            // points from there to the end.
            let points = self.points.iter().rev().cloned();
            let path = Tensor::stack::<3>(points.collect(), 1);
            let options = SignatureOptions::new().with_inverse(true);
            let suffixes = signature_stream_with(path, self.depth, &options);
            let [batch, steps, terms] = suffixes.dims();
            let suffix = |step| suffixes.clone().narrow(1, step, 1).reshape([batch, terms]);
            self.front = (0..steps).map(suffix).collect();
            self.back = None;
        }
        self.front.pop();
        self.points.pop_front()
    }

    /// The signatures of the points within, `[batch, terms]` without scalar term: zeros for one
    /// point, nothing if there is none.
    pub fn signature(&self) -> Option<Tensor<2>> {
        let point = self.points.front()?;
        let [batch, channels] = point.dims();
        let spec = SignatureSpec::new(channels, self.depth);
        Some(match (self.front.last().cloned(), self.back.clone()) {
            (Some(front), Some(back)) => signature_combine(front, back, spec),
            (Some(signature), None) | (None, Some(signature)) => signature,
            (None, None) => Tensor::zeros([batch, spec.terms()], (&point.device(), point.dtype())),
        })
    }
}
