//! One product in the truncated tensor algebra, on slices. A signature has its levels `1..` one
//! after another; its scalar term is 1 and not stored, so that zeros are the signature of a point.

use crate::{Real, SignatureSpec};

/// What a step needs beside its operands: two levels, and the increment divided.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    levels: [Vec<T>; 2],
    divided: Vec<T>,
}

impl<T: Real> Workspace<T> {
    /// For any number of steps of a signature.
    pub fn new(spec: SignatureSpec) -> Self {
        let largest = spec.level_terms(spec.depth() - 1);
        Self {
            levels: [vec![T::default(); largest], vec![T::default(); largest]],
            divided: vec![T::default(); spec.channels() * spec.depth()],
        }
    }
}

/// `S ← S ⊗ exp(z)` by the Horner form of
/// [Kidger & Lyons 2021, A.1.3](https://arxiv.org/abs/2001.00706).
pub fn append<T: Real>(
    signature: &mut [T],
    z: &[T],
    spec: SignatureSpec,
    workspace: &mut Workspace<T>,
) {
    step(signature, z, spec, workspace, |h, z, out| {
        add_outer(h, z, out)
    });
}

/// `S ← exp(z) ⊗ S`.
pub fn prepend<T: Real>(
    signature: &mut [T],
    z: &[T],
    spec: SignatureSpec,
    workspace: &mut Workspace<T>,
) {
    step(signature, z, spec, workspace, |h, z, out| {
        add_outer(z, h, out)
    });
}

/// The step from one side; `outer(h, z, out)` adds the product of `h` and `z` to `out`.
fn step<T: Real>(
    signature: &mut [T],
    z: &[T],
    spec: SignatureSpec,
    workspace: &mut Workspace<T>,
    outer: impl Fn(&[T], &[T], &mut [T]),
) {
    let channels = spec.channels();
    let Workspace { levels, divided } = workspace;
    for (c, divided) in divided.chunks_exact_mut(channels).enumerate() {
        let factor = T::nearest(1.0 / (c + 1) as f64);
        let ends = divided.iter_mut().zip(z);
        ends.for_each(|(divided, &z)| *divided = z * factor);
    }
    let divided = |c: usize| &divided[(c - 1) * channels..c * channels];
    let [h, next] = levels;
    for k in (2..=spec.depth()).rev() {
        let first = h.iter_mut().zip(&signature[..channels]);
        first.zip(divided(k)).for_each(|((h, &s), &z)| *h = s + z);
        let mut size = channels;
        for j in 2..k {
            let level = &signature[spec.level_range(j)];
            let next_level = &mut next[..level.len()];
            next_level.copy_from_slice(level);
            outer(&h[..size], divided(k + 1 - j), next_level);
            size = level.len();
            core::mem::swap(h, next);
        }
        outer(&h[..size], z, &mut signature[spec.level_range(k)]);
    }
    let level = signature[..channels].iter_mut().zip(z);
    level.for_each(|(s, &z)| *s += z);
}

/// `out += a ⊗ b`, of two levels.
fn add_outer<T: Real>(a: &[T], b: &[T], out: &mut [T]) {
    #[cfg(test)]
    tests::MULTIPLICATIONS.set(tests::MULTIPLICATIONS.get() + a.len() * b.len());
    for (out, &a) in out.chunks_exact_mut(b.len()).zip(a) {
        out.iter_mut().zip(b).for_each(|(out, &b)| *out += a * b);
    }
}

/// `a ⊗ b`, Chen's identity.
pub fn product<T: Real>(a: &[T], b: &[T], spec: SignatureSpec) -> Vec<T> {
    let mut product: Vec<T> = a.iter().zip(b).map(|(&a, &b)| a + b).collect();
    for k in 2..=spec.depth() {
        let out = &mut product[spec.level_range(k)];
        for i in 1..k {
            add_outer(&a[spec.level_range(i)], &b[spec.level_range(k - i)], out);
        }
    }
    product
}

#[cfg(test)]
pub(crate) mod tests {
    use core::cell::Cell;

    use super::*;

    std::thread_local! {
        /// Those of products of levels on this thread so far.
        pub(crate) static MULTIPLICATIONS: Cell<usize> = const { Cell::new(0) };
    }

    fn segment(z: &[f64], spec: SignatureSpec) -> Vec<f64> {
        let mut signature = vec![0.0; spec.terms()];
        append(&mut signature, z, spec, &mut Workspace::new(spec));
        signature
    }

    #[test]
    fn steps_from_either_side_are_products_with_a_segment() {
        for (channels, depth) in [(1, 1), (1, 5), (2, 1), (2, 6), (3, 4), (5, 2)] {
            let spec = SignatureSpec::new(channels, depth);
            let mut workspace = Workspace::new(spec);
            let z: Vec<f64> = (0..channels).map(|i| (i as f64 + 0.5).sin()).collect();
            let start: Vec<f64> = (0..spec.terms()).map(|i| (i as f64).cos()).collect();
            let exp = segment(&z, spec);
            let of_a_letter = |k: usize| z[0].powi(k as i32) / (1..=k).product::<usize>() as f64;
            for k in 1..=depth {
                assert!((exp[spec.level_range(k).start] - of_a_letter(k)).abs() < 1e-15);
            }
            let close = |got: &[f64], want: &[f64]| {
                let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs());
                assert!(worst.fold(0.0, f64::max) < 1e-13, "{channels}, {depth}");
            };
            let mut appended = start.clone();
            append(&mut appended, &z, spec, &mut workspace);
            close(&appended, &product(&start, &exp, spec));
            let mut prepended = start.clone();
            prepend(&mut prepended, &z, spec, &mut workspace);
            close(&prepended, &product(&exp, &start, spec));
        }
    }
}
