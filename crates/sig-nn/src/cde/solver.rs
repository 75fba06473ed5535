//! One loop for all differential equations that a path drives.

use burn::config::Config;
use burn::tensor::Tensor;

/// A vector field that is driven by a path: the right-hand side of `dy/ds = F(y, control)`, where
/// each window of the path takes one unit of `s`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_sig::nn::cde::{ControlledField, Solver, integrate};
///
/// /// `dy = y dx`: the solution is `y_0 exp(x_T − x_0)`.
/// struct Growth;
///
/// impl ControlledField for Growth {
///     type Control = f32; // the increment of a window
///
///     fn derivative(&self, state: Tensor<2>, increment: &f32, _at: f64) -> Tensor<2> {
///         state * *increment
///     }
/// }
///
/// let start = Tensor::<2>::ones([1, 1], &Device::flex());
/// let states = integrate(&Growth, [0.25, 0.5], start, Solver::Rk4, 4);
/// assert_eq!(states.len(), 3); // the start and the end of each window
/// let last = states[2].clone().into_scalar::<f32>();
/// assert!((last - 0.75f32.exp()).abs() < 1e-5);
/// ```
pub trait ControlledField {
    /// What drives the field during one window.
    type Control;

    /// The derivative of the state.
    ///
    /// # Arguments
    ///
    /// - `state`: the states of a batch, `[batch, hidden]`.
    /// - `control`: what drives them in this window.
    /// - `at`: how much of the window has passed, from 0 to 1.
    ///
    /// # Returns
    ///
    /// The derivative, `[batch, hidden]`, for a window that takes a unit of time.
    fn derivative(&self, state: Tensor<2>, control: &Self::Control, at: f64) -> Tensor<2>;
}

/// How a differential equation is solved, with equal steps.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Solver {
    /// Order 1, one evaluation per step.
    Euler,
    /// Order 2, two evaluations per step.
    Heun,
    /// Order 4, the classical method of Runge and Kutta: four evaluations per step.
    Rk4,
}

/// Solves a controlled differential equation window by window.
///
/// Every operation is one that Burn differentiates, so gradients are those of what is computed.
///
/// # Arguments
///
/// - `field`: the right-hand side.
/// - `controls`: what drives it in each window.
/// - `initial`: the states before the first window.
/// - `solver`: the method.
/// - `steps`: steps of the method per window, at least 1.
///
/// # Shapes
///
/// - initial: `[batch, hidden]`
/// - output: `[batch, hidden]` before the first window and after each, so one more than windows
///
/// # Panics
///
/// If `steps` is 0.
#[track_caller]
pub fn integrate<F: ControlledField>(
    field: &F,
    controls: impl IntoIterator<Item = F::Control>,
    initial: Tensor<2>,
    solver: Solver,
    steps: usize,
) -> Vec<Tensor<2>> {
    assert!(steps > 0, "integrate: steps must be at least 1, got 0");
    let span = 1.0 / steps as f64;
    let mut state = initial;
    let mut states = vec![state.clone()];
    for control in controls {
        for step in 0..steps {
            let slope = |state, part: f64| {
                let at = (step as f64 + part) * span;
                field.derivative(state, &control, at)
            };
            state = state.clone() + solver.increment(state, span, slope);
        }
        states.push(state.clone());
    }
    states
}

impl Solver {
    /// What a step of the duration `span` adds; `slope(state, part)` is the derivative after a part
    /// of the step.
    fn increment(
        self,
        state: Tensor<2>,
        span: f64,
        slope: impl Fn(Tensor<2>, f64) -> Tensor<2>,
    ) -> Tensor<2> {
        let first = slope(state.clone(), 0.0);
        let after = |slope: &Tensor<2>, part: f64| state.clone() + slope.clone() * (span * part);
        match self {
            Self::Euler => first * span,
            Self::Heun => {
                let second = slope(after(&first, 1.0), 1.0);
                (first + second) * (0.5 * span)
            }
            Self::Rk4 => {
                let second = slope(after(&first, 0.5), 0.5);
                let third = slope(after(&second, 0.5), 0.5);
                let fourth = slope(after(&third, 1.0), 1.0);
                (first + (second + third) * 2.0 + fourth) * (span / 6.0)
            }
        }
    }
}
