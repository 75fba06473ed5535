//! Functions of signatures and paths that no method computes: one result a device and dtype.

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::{DType, Tensor};

use super::exceptions::Exception;
use crate::support::compare::{self, Floor};
use crate::support::engines::{Target, tolerance};
use crate::support::tensors::Array;

/// A function of two tensors; one of them may be of no use.
pub(crate) type Operation = Arc<dyn Fn([Tensor<2>; 2]) -> Tensor<2> + Send + Sync>;

/// Inputs, a function of them, and what it must give.
#[derive(Clone)]
pub(crate) struct Algebra {
    pub(crate) label: String,
    /// Two inputs `[batch, numbers]`.
    pub(crate) inputs: Vec<Array>,
    /// How large the levels are in the pieces of the path, for cases that cancel.
    pub(crate) pieces: Option<Vec<Vec<f64>>>,
    /// What is compared together on the last axis of the result.
    pub(crate) levels: Vec<(usize, Range<usize>)>,
    pub(crate) want: Array,
    /// A cotangent, and the gradient in each input.
    pub(crate) gradients: Option<(Array, Vec<Array>)>,
    pub(crate) operation: Operation,
}

impl Algebra {
    /// Checks values and gradients.
    pub(crate) fn check(
        &self,
        target: &Target,
        dtype: DType,
        exception: Exception,
    ) -> Result<(), String> {
        let (floor, tolerance) = (self.floor(dtype, exception), tolerance(dtype));
        let tensors = |device| {
            let tensor = |i: usize| self.inputs[i].tensor::<2>(device, dtype);
            [tensor(0), tensor(1)]
        };
        let got = (self.operation)(tensors(&target.device)).into();
        compare::by_level(&got, &self.want, &self.levels, &floor, tolerance)?;
        let Some((cotangent, want)) = &self.gradients else {
            return Ok(());
        };
        let device = target.device.clone().autodiff();
        let inputs = tensors(&device).map(Tensor::require_grad);
        let result = (self.operation)(inputs.clone());
        let weights = cotangent.tensor::<2>(&device, dtype);
        let gradients = (result * weights).sum().backward();
        for (input, want) in inputs.iter().zip(want) {
            let got = input.grad(&gradients).expect("an input has a gradient");
            compare::gradients(&got.into(), want, &floor, tolerance)?;
        }
        Ok(())
    }

    fn floor(&self, dtype: DType, exception: Exception) -> Floor {
        Floor {
            of_pieces: self.pieces.clone().filter(|_| exception.cancels),
            ..Floor::of_dtype(dtype)
        }
    }
}
