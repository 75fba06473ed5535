use burn::backend::Backend;
use burn_autodiff::{Autodiff, checkpoint::strategy::CheckpointStrategy};

use crate::SignatureOps;

/// Gradients come from the primitives of the portable bodies.
impl<B: Backend + SignatureOps, C: CheckpointStrategy> SignatureOps for Autodiff<B, C> {}
