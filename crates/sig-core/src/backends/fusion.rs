use burn::backend::tensor::FloatTensor;
use burn_fusion::{Fusion, FusionBackend};

use super::recorded::recorded;
use crate::custom::{Signature, SignatureBackward, SignatureFrom, SignatureFromBackward, record};
use crate::{SignatureOps, SignatureParams};

impl<B: FusionBackend + SignatureOps> SignatureOps for Fusion<B> {
    recorded!();
}
