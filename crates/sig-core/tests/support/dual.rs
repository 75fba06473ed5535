//! Numbers that carry a derivative along, so that the host reference has exact gradients, found by
//! another rule than the reverse mode of the crate.

use std::ops::{Add, Mul, Sub};

/// What the host reference computes with.
pub(crate) trait Number:
    Copy + From<f64> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
}

impl Number for f64 {}
impl Number for Dual {}

/// A value and its derivative in one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    pub(crate) slope: f64,
}

impl From<f64> for Dual {
    fn from(value: f64) -> Self {
        Self { value, slope: 0.0 }
    }
}

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
}

impl Sub for Dual {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            slope: self.slope - other.slope,
        }
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slope: self.slope * other.value + self.value * other.slope,
        }
    }
}

/// The gradient of `Σ cotangent · f(inputs)`, a direction at a time.
pub(crate) fn gradient(
    inputs: &[f64],
    cotangent: &[f64],
    f: impl Fn(&[Dual]) -> Vec<Dual>,
) -> Vec<f64> {
    let mut numbers: Vec<Dual> = inputs.iter().map(|&value| value.into()).collect();
    let mut gradient = Vec::with_capacity(inputs.len());
    for i in 0..inputs.len() {
        numbers[i].slope = 1.0;
        let outputs = f(&numbers);
        numbers[i].slope = 0.0;
        assert_eq!(outputs.len(), cotangent.len());
        let terms = outputs.iter().zip(cotangent).map(|(o, c)| o.slope * c);
        gradient.push(terms.sum());
    }
    gradient
}
