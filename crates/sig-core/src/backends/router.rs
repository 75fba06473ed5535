use burn::backend::tensor::FloatTensor;
use burn_router::{BackendRouter, RouterChannel};

use super::recorded::recorded;
use crate::custom::{Signature, SignatureBackward, SignatureFrom, SignatureFromBackward, record};
use crate::{SignatureOps, SignatureParams};

/// A remote device, or one that captures a graph.
impl<C: RouterChannel> SignatureOps for BackendRouter<C> {
    recorded!();
}
