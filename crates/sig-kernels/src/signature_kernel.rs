//! Which signature kernel: of points, of paths, by which scheme, of which pairs.

use serde::{Deserialize, Serialize};

/// A kernel `κ(a, b)` of two points. The signature kernel is that of the paths lifted to the space
/// of features of `κ`. Below, `r = |a − b|`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StaticKernel {
    /// `⟨a, b⟩`: the inner product of the signatures of the paths themselves.
    #[default]
    Linear,
    /// `scale² ⟨a, b⟩`: as [`Linear`](Self::Linear) of paths multiplied by `scale`.
    Scaled {
        /// The factor of both paths.
        scale: f64,
    },
    /// `exp(−r² / sigma)`, the Gaussian kernel. `sigma` is not squared and has no factor 2:
    /// [`rbf_bandwidth`](Self::rbf_bandwidth) takes a standard deviation.
    Rbf {
        /// The scale of `r²`, above 0.
        sigma: f64,
    },
    /// `exp(−r / sigma)`. Where two points coincide it has no derivative, and 0 is taken.
    Matern12 {
        /// The scale of `r`, above 0.
        sigma: f64,
    },
    /// `(1 + u) exp(−u)` with `u = √3 r / sigma`.
    Matern32 {
        /// The scale of `r`, above 0.
        sigma: f64,
    },
    /// `(1 + u + u²/3) exp(−u)` with `u = √5 r / sigma`.
    Matern52 {
        /// The scale of `r`, above 0.
        sigma: f64,
    },
    /// `(1 + r² / (2 alpha sigma²))^−alpha`.
    RationalQuadratic {
        /// The scale of `r`, above 0.
        sigma: f64,
        /// The exponent, above 0.
        alpha: f64,
    },
    /// `scale (⟨a, b⟩ + gamma)^degree`.
    Polynomial {
        /// The exponent; if it is no whole number, `⟨a, b⟩ + gamma` must be positive.
        degree: f64,
        /// What is added to the inner product.
        gamma: f64,
        /// The factor.
        scale: f64,
    },
}

impl StaticKernel {
    /// The Gaussian kernel `exp(−r² / 2ℓ²)` with the bandwidth `ℓ`, as scikit-learn, GPyTorch and
    /// KSig mean it: `Rbf { sigma: 2ℓ² }`.
    pub fn rbf_bandwidth(bandwidth: f64) -> Self {
        Self::Rbf {
            // As negative as the bandwidth, so that it is refused where it is used.
            sigma: 2.0 * bandwidth * bandwidth.abs(),
        }
    }

    /// The factor of `⟨a, b⟩`, for the kernels that are a multiple of it.
    pub fn linear_factor(self) -> Option<f64> {
        match self {
            Self::Linear => Some(1.0),
            Self::Scaled { scale } => Some(scale * scale),
            _ => None,
        }
    }

    /// A number for the kind, then the parameters.
    pub fn numbers(self) -> (usize, [f64; 3]) {
        match self {
            Self::Linear => (0, [0.0; 3]),
            Self::Scaled { scale } => (1, [scale, 0.0, 0.0]),
            Self::Rbf { sigma } => (2, [sigma, 0.0, 0.0]),
            Self::Matern12 { sigma } => (3, [sigma, 0.0, 0.0]),
            Self::Matern32 { sigma } => (4, [sigma, 0.0, 0.0]),
            Self::Matern52 { sigma } => (5, [sigma, 0.0, 0.0]),
            Self::RationalQuadratic { sigma, alpha } => (6, [sigma, alpha, 0.0]),
            Self::Polynomial {
                degree,
                gamma,
                scale,
            } => (7, [degree, gamma, scale]),
        }
    }

    /// The kernel with such [`numbers`](Self::numbers).
    pub fn from_numbers(kind: usize, [a, b, c]: [f64; 3]) -> Option<Self> {
        Some(match kind {
            0 => Self::Linear,
            1 => Self::Scaled { scale: a },
            2 => Self::Rbf { sigma: a },
            3 => Self::Matern12 { sigma: a },
            4 => Self::Matern32 { sigma: a },
            5 => Self::Matern52 { sigma: a },
            6 => Self::RationalQuadratic { sigma: a, alpha: b },
            7 => Self::Polynomial {
                degree: a,
                gamma: b,
                scale: c,
            },
            _ => return None,
        })
    }

    /// What is wrong with the parameters, if anything.
    pub fn problem(self) -> Option<String> {
        let positive = |name: &str, value: f64| {
            let good = value > 0.0 && value.is_finite();
            (!good).then(|| format!("{name} must be positive and finite, got {value}"))
        };
        let finite = |name: &str, value: f64| {
            (!value.is_finite()).then(|| format!("{name} must be finite, got {value}"))
        };
        match self {
            Self::Linear => None,
            Self::Scaled { scale } => finite("scale", scale),
            Self::Rbf { sigma }
            | Self::Matern12 { sigma }
            | Self::Matern32 { sigma }
            | Self::Matern52 { sigma } => positive("sigma", sigma),
            Self::RationalQuadratic { sigma, alpha } => {
                positive("sigma", sigma).or_else(|| positive("alpha", alpha))
            }
            Self::Polynomial {
                degree,
                gamma,
                scale,
            } => finite("degree", degree)
                .or_else(|| finite("gamma", gamma))
                .or_else(|| finite("scale", scale)),
        }
    }
}

/// The scheme that solves the equation `∂²u/∂s∂t = δ u` of the signature kernel, where `δ` is
/// constant on each tile, a pair of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KernelSolver {
    /// On each edge of a tile, the solution as a power series cut behind `order`
    /// ([arXiv 2502.08470](https://arxiv.org/abs/2502.08470)). The error falls faster than any power
    /// of `δ`.
    Series {
        /// The last power kept, from 1 to [`MOST_ORDER`](Self::MOST_ORDER).
        order: usize,
    },
    /// Finite differences of second order, each tile cut into `2^dyadic[0]` by `2^dyadic[1]` cells
    /// ([arXiv 2006.14794](https://arxiv.org/abs/2006.14794)): what sigkernel and pySigLib compute by
    /// default.
    FiniteDifference {
        /// How often the steps of the first and of the second path are halved, at most
        /// [`MOST_DYADIC`](Self::MOST_DYADIC).
        dyadic: [usize; 2],
    },
}

impl KernelSolver {
    /// The highest order of a series.
    pub const MOST_ORDER: usize = 64;

    /// The highest dyadic order.
    pub const MOST_DYADIC: usize = 10;

    /// What is wrong with the order, if anything.
    pub fn problem(self) -> Option<String> {
        let (series, cells) = (Self::MOST_ORDER, Self::MOST_DYADIC);
        match self {
            Self::Series { order } => (!(1..=series).contains(&order))
                .then(|| format!("the order of the series must be in 1..={series}, got {order}")),
            Self::FiniteDifference { dyadic } => dyadic
                .iter()
                .any(|&order| order > cells)
                .then(|| format!("dyadic orders must be at most {cells}, got {dyadic:?}")),
        }
    }

    /// How often the steps of the first and of the second path are halved.
    pub fn dyadic(self) -> [usize; 2] {
        match self {
            Self::Series { .. } => [0, 0],
            Self::FiniteDifference { dyadic } => dyadic,
        }
    }

    /// Whether the value does not depend on which of two paths is the first.
    pub fn is_symmetric(self) -> bool {
        let [first, second] = self.dyadic();
        first == second
    }
}

/// Which pairs of paths of two batches have their kernel computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pairs {
    /// Each path of the first batch with that at the same place of the second: `[batch]`.
    Rows,
    /// Each with each: `[first, second]`.
    Gram,
    /// Each with each, the second batch being the first and the solver symmetric.
    Symmetric,
    /// As [`Rows`](Self::Rows), the kernels of all prefixes: `[batch, vertices, vertices]`.
    Grid,
}
