//! Pieces of a path that its signature does not see.

use burn::tensor::{DType, Tensor};
use sig_kernels::Algebra;

use crate::series::constants;
use crate::signatures::SignatureSpec;

/// How [`tree_like_reduction`] looks for tree-like pieces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeLikeReduction {
    /// Levels of the signature of a piece that must vanish.
    pub order: usize,
    /// Steps that each segment is divided into: pieces start and end at these points.
    pub steps: usize,
    /// The length that a piece may have by its signature, in units of the path, and still be taken
    /// for tree-like: `max_k (k! ‖S_k‖)^{1/k}`, at most the length of the piece.
    pub tolerance: f64,
}

impl Default for TreeLikeReduction {
    /// Order 4, 10 steps, tolerance 0.01.
    fn default() -> Self {
        Self {
            order: 4,
            steps: 10,
            tolerance: 1e-2,
        }
    }
}

/// Removes tree-like pieces from a path: those that go out and come back the same way.
///
/// They do not change the signature ([Hambly & Lyons 2010](https://doi.org/10.4007/annals.2010.171.109)).
///
/// From the start on, each point jumps to the last later one from which the signature of the piece
/// between, up to [`order`](TreeLikeReduction::order), is zero within the tolerance. Points on a
/// straight line between their neighbours, within the tolerance, are left out. It is no
/// differentiable function: the numbers are read from the device.
///
/// # Arguments
///
/// - `path`: points, in order.
/// - `reduction`: see [`TreeLikeReduction`].
///
/// # Shapes
///
/// - path: `[length, channels]`
/// - output: `[points, channels]`, the ends of the path among them
///
/// # Panics
///
/// If the path has no points or no channels, order or steps are 0, or the tolerance is not a number
/// of at least 0.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::transforms::{TreeLikeReduction, tree_like_reduction};
///
/// // A way to the right with a detour upwards and back.
/// let points = [[0., 0.], [1., 0.], [1., 1.], [1., 0.], [2., 0.]];
/// let path = Tensor::<2>::from_floats(points, &Device::flex());
/// let reduced = tree_like_reduction(path, &TreeLikeReduction::default());
/// assert_eq!(reduced.dims(), [2, 2]);
/// ```
#[track_caller]
pub fn tree_like_reduction(path: Tensor<2>, reduction: &TreeLikeReduction) -> Tensor<2> {
    const OPERATION: &str = "tree_like_reduction";
    let TreeLikeReduction {
        order,
        steps,
        tolerance,
    } = *reduction;
    assert!(steps > 0, "{OPERATION}: steps must be at least 1, got 0");
    assert!(
        tolerance >= 0.0,
        "{OPERATION}: tolerance must be at least 0, got {tolerance}"
    );
    let [points, channels] = path.dims();
    assert!(
        points > 0,
        "{OPERATION}: a path needs at least 1 point, got length = 0 (axis 0)"
    );
    let spec = SignatureSpec::new_for(OPERATION, channels, order);
    let target = (&path.device(), path.dtype());
    let corners = path.into_data().convert_dtype(DType::F64);
    let corners = corners.try_to_vec::<f64>().expect("converted to f64 above");
    let kept = jumps(&refined(&corners, channels, steps), spec, tolerance);
    let kept = straightened(kept, tolerance);
    let shape = [kept.len(), channels];
    constants(kept.concat(), shape, target)
}

/// The points of a path with each segment divided into so many steps.
fn refined(corners: &[f64], channels: usize, steps: usize) -> Vec<Vec<f64>> {
    let corners: Vec<&[f64]> = corners.chunks(channels).collect();
    let mut points = vec![corners[0].to_vec()];
    for pair in corners.windows(2) {
        points.extend((1..=steps).map(|step| {
            let share = step as f64 / steps as f64;
            let ends = pair[0].iter().zip(pair[1]);
            ends.map(|(a, b)| a * (1.0 - share) + b * share).collect()
        }));
    }
    points
}

/// The points that are left when each jumps over the longest tree-like piece after it.
fn jumps(points: &[Vec<f64>], spec: SignatureSpec, tolerance: f64) -> Vec<Vec<f64>> {
    let mut algebra = Algebra::new(spec);
    let mut kept = vec![points[0].clone()];
    let mut at = 0;
    while at + 1 < points.len() {
        let mut signature = vec![0.0; spec.terms()];
        let mut end = at;
        for next in at + 1..points.len() {
            let z = difference(&points[next], &points[next - 1]);
            algebra.append(&mut signature, &z);
            // A piece of one step is no tree, however short.
            if next > at + 1 && length(&signature, spec) <= tolerance {
                end = next;
            }
        }
        // From here on nothing comes back: go one step. The point jumped to is this one again, but
        // for the last, which stays as it is.
        at = match end {
            _ if end == at => at + 1,
            _ if end + 1 == points.len() => {
                kept.pop();
                end
            }
            _ => end + 1,
        };
        kept.push(points[at].clone());
    }
    kept
}

/// `max_k (k! ‖S_k‖)^{1/k}`, which scales as the path does and is at most its length.
fn length(signature: &[f64], spec: SignatureSpec) -> f64 {
    let mut factorial = 1.0;
    let level = |(k, range): (usize, core::ops::Range<usize>)| {
        factorial *= (k + 1) as f64;
        let square: f64 = signature[range].iter().map(|s| s * s).sum();
        (factorial * square.sqrt()).powf(1.0 / (k + 1) as f64)
    };
    spec.level_ranges()
        .enumerate()
        .map(level)
        .fold(0.0, f64::max)
}

/// The points without those within the tolerance of the straight line between the last one kept and
/// the next, in its direction.
fn straightened(points: Vec<Vec<f64>>, tolerance: f64) -> Vec<Vec<f64>> {
    let mut kept: Vec<Vec<f64>> = Vec::new();
    let mut passed: Vec<Vec<f64>> = Vec::new();
    for point in points {
        let straight = kept.last().is_some_and(|start| {
            passed
                .iter()
                .all(|between| beside(between, start, &point) <= tolerance)
        });
        if !straight {
            kept.extend(passed.pop());
            passed.clear();
        }
        if kept.is_empty() {
            kept.push(point);
        } else {
            passed.push(point);
        }
    }
    kept.extend(passed.pop());
    kept
}

/// The distance of a point from the segment between two others.
fn beside(point: &[f64], start: &[f64], end: &[f64]) -> f64 {
    let (along, to_point) = (difference(end, start), difference(point, start));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let square = dot(&along, &along);
    let share = if square > 0.0 {
        (dot(&along, &to_point) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let off = to_point.iter().zip(&along).map(|(p, a)| p - share * a);
    off.map(|x| x * x).sum::<f64>().sqrt()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}
