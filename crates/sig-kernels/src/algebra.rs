//! The truncated tensor algebra on slices, an element at a time. A signature has its levels `1..`
//! one after another; its scalar term is 1 and not stored, so zeros are the signature of a point.

use crate::{Real, SignatureSpec};

/// The products of signatures of a spec, with the room that they need beside their operands.
///
/// ```
/// use sig_kernels::{Algebra, SignatureSpec};
///
/// let mut algebra = Algebra::<f64>::new(SignatureSpec::new(2, 2));
/// let mut signature = vec![0.; 6];
/// algebra.append(&mut signature, &[1., 0.]);
/// algebra.append(&mut signature, &[0., 1.]);
/// assert_eq!(signature, [1., 1., 0.5, 1., 0., 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Algebra<T> {
    spec: SignatureSpec,
    levels: [Vec<T>; 2],
    /// The increment divided by 1, 2, …
    divided: Vec<T>,
}

impl<T: Real> Algebra<T> {
    /// That of a spec.
    pub fn new(spec: SignatureSpec) -> Self {
        let largest = spec.level_terms(spec.depth() - 1);
        Self {
            spec,
            levels: [vec![T::default(); largest], vec![T::default(); largest]],
            divided: vec![T::default(); spec.channels() * spec.depth()],
        }
    }

    /// Channels, depth and the order of the terms.
    pub fn spec(&self) -> SignatureSpec {
        self.spec
    }

    /// The signature of a point, all zeros.
    pub fn unit(&self) -> Vec<T> {
        vec![T::default(); self.spec.terms()]
    }

    /// `S ← S ⊗ exp(z)` by the Horner form of
    /// [Kidger & Lyons 2021, A.1.3](https://arxiv.org/abs/2001.00706).
    pub fn append(&mut self, signature: &mut [T], z: &[T]) {
        self.step(signature, z, |h, z, out| add_outer(h, z, out));
    }

    /// `S ← exp(z) ⊗ S`.
    pub fn prepend(&mut self, signature: &mut [T], z: &[T]) {
        self.step(signature, z, |h, z, out| add_outer(z, h, out));
    }

    /// `a ⊗ b`, Chen's identity.
    pub fn product(&self, a: &[T], b: &[T]) -> Vec<T> {
        let level = |k: usize| self.spec.level_range(k);
        let mut product: Vec<T> = a.iter().zip(b).map(|(&a, &b)| a + b).collect();
        for k in 2..=self.spec.depth() {
            for i in 1..k {
                add_outer(&a[level(i)], &b[level(k - i)], &mut product[level(k)]);
            }
        }
        product
    }

    /// The step from one side; `outer(h, z, out)` adds the product of `h` and `z` to `out`.
    fn step(&mut self, signature: &mut [T], z: &[T], outer: impl Fn(&[T], &[T], &mut [T])) {
        let (spec, channels) = (self.spec, self.spec.channels());
        for (c, divided) in self.divided.chunks_exact_mut(channels).enumerate() {
            let factor = T::nearest(1.0 / (c + 1) as f64);
            let ends = divided.iter_mut().zip(z);
            ends.for_each(|(divided, &z)| *divided = z * factor);
        }
        let divided = |c: usize| &self.divided[(c - 1) * channels..c * channels];
        let [h, next] = &mut self.levels;
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
}

/// `out += a ⊗ b`, of two levels.
fn add_outer<T: Real>(a: &[T], b: &[T], out: &mut [T]) {
    #[cfg(test)]
    tests::MULTIPLICATIONS.set(tests::MULTIPLICATIONS.get() + a.len() * b.len());
    for (out, &a) in out.chunks_exact_mut(b.len()).zip(a) {
        out.iter_mut().zip(b).for_each(|(out, &b)| *out += a * b);
    }
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
        Algebra::new(spec).append(&mut signature, z);
        signature
    }

    #[test]
    fn steps_from_either_side_are_products_with_a_segment() {
        for (channels, depth) in [(1, 1), (1, 5), (2, 1), (2, 6), (3, 4), (5, 2)] {
            let spec = SignatureSpec::new(channels, depth);
            let mut algebra = Algebra::new(spec);
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
            algebra.append(&mut appended, &z);
            close(&appended, &algebra.product(&start, &exp));
            let mut prepended = start.clone();
            algebra.prepend(&mut prepended, &z);
            close(&prepended, &algebra.product(&exp, &start));
        }
    }
}
