//! The multiply-adds that a core can do in a second, measured here and now.

use std::hint::black_box;
use std::time::Instant;

use burn::tensor::DType;
use pulp::{Arch, Simd, WithSimd};

/// Multiply-adds a second of one thread in the type that a dtype is computed in, the best of some
/// tries.
pub(crate) fn peak(dtype: DType) -> f64 {
    let once = || match dtype {
        DType::F64 => Arch::new().dispatch(Doubles),
        _ => Arch::new().dispatch(Singles),
    };
    (0..20).map(|_| once()).fold(0.0, f64::max)
}

const ROUNDS: usize = 20_000;
/// More chains than any core has multiply-adds under way, in no more registers than it has.
const CHAINS: usize = 12;

macro_rules! multiply_adds {
    ($name:ident, $splat:ident, $multiply_add:ident, $lanes:ident) => {
        struct $name;

        impl WithSimd for $name {
            /// Multiply-adds a second.
            type Output = f64;

            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) -> f64 {
                let (a, b) = (simd.$splat(black_box(0.999)), simd.$splat(black_box(1e-3)));
                let mut chains = [simd.$splat(black_box(1.0)); CHAINS];
                let start = Instant::now();
                for _ in 0..ROUNDS {
                    for chain in &mut chains {
                        *chain = simd.$multiply_add(*chain, a, b);
                    }
                }
                let seconds = start.elapsed().as_secs_f64();
                black_box(chains);
                (ROUNDS * CHAINS * S::$lanes) as f64 / seconds
            }
        }
    };
}

multiply_adds!(Singles, splat_f32s, mul_add_e_f32s, F32_LANES);
multiply_adds!(Doubles, splat_f64s, mul_add_e_f64s, F64_LANES);
